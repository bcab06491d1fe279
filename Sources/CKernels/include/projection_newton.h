// The loops of Newton's method on the dual of Eq. 4: a sparse A with few entries, in both orders.
#ifndef CKERNELS_PROJECTION_NEWTON_H
#define CKERNELS_PROJECTION_NEWTON_H
#include <stdint.h>

/// values[i] = exp(values[i]), to 1e-16 relative for values <= 709; 0 below -708.
void ckernels_exp(int64_t count, double *values);

/// The least and the largest of `least`, `most` and the values.
void ckernels_extremes(int64_t count, const double *values, double *least, double *most);

/// tilted_j = prior_j - scale * sum_k A_kj witness_k, A by columns.
void ckernels_tilt(int64_t columns, const int32_t *starts, const int32_t *rows,
                   const double *values, const double *prior, const double *witness,
                   double scale, double *tilted);

/// masses_j = exp(tilted_j - largest), sums_i = sum_j A_ij masses_j and logMarginal_i = largest +
/// log(sums_i), A by rows. Every row has an entry; no product A_ij masses_j leaves the range of doubles.
void ckernels_masses(int64_t rows, const int32_t *starts, const int32_t *columns,
                     const double *values, int64_t columnCount, const double *tilted,
                     double largest, double *masses, double *sums, double *logMarginal);

/// logMarginal_i = log sum_j A_ij exp(tilted_j) and the shares of the terms in it, A by rows and
/// given by its logarithms. Every row has an entry, every tilted_j is finite.
void ckernels_marginal(int64_t rows, const int32_t *starts, const int32_t *columns,
                       const double *logValues, const double *tilted, double *shares,
                       double *logMarginal);

/// The numbers that a row of a band takes: a band matrix has `rows` times as many.
int64_t ckernels_band_stride(int64_t bandwidth);

/// band = diagonal * I + scale * R A^T, where R (by rows) has the pattern of A and A is given by
/// columns; entry (i, k) is zero for |i - k| > bandwidth.
void ckernels_assemble(int64_t rows, const int32_t *rowStarts, const int32_t *columns,
                       const double *shares, const int32_t *columnStarts,
                       const int32_t *columnRows, const double *columnValues, double diagonal,
                       double scale, int64_t bandwidth, double *band);

/// Solves band * x = x in place for `count` right-hand sides, `spacing` apart, by elimination
/// without exchanges. The band is destroyed. `pivots` has room for `rows` numbers; each right-hand
/// side has 8 finite numbers after its `rows`.
void ckernels_band_solve(int64_t rows, int64_t bandwidth, double *band, int64_t count,
                         int64_t spacing, double *x, double *pivots);

/// The upper half of a symmetric band: the numbers that a row takes, and how many rows there are. The
/// rows are padded to blocks of 4, with rows of the unit matrix.
int64_t ckernels_upper_band_stride(int64_t bandwidth);
int64_t ckernels_upper_band_rows(int64_t rows);

/// The upper half of diagonal * I + scale * sum_j masses_j (s A)_j (s A)_j^T, (s A)_j column j of A with
/// its entries multiplied by `roots` s; rows are ascending within a column.
void ckernels_assemble_upper(int64_t rows, int64_t columnCount, const int32_t *starts,
                             const int32_t *columnRows, const double *values,
                             const double *masses, const double *roots, double diagonal,
                             double scale, int64_t bandwidth, double *band);

/// Solves band * x = x in place, as ckernels_band_solve does, for a symmetric and positive definite
/// matrix: by U^T D U. `pivots` and right-hand sides have room for the padded rows.
void ckernels_upper_band_solve(int64_t rows, int64_t bandwidth, double *band, int64_t count,
                               int64_t spacing, double *x, double *pivots);

#endif
