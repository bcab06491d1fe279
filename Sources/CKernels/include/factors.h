// Linear systems with a sparse factorization L D Lᵀ, for one right side or two side by side.
//
// Loops over short columns wait for memory and for their own ends, not for arithmetic: a second
// right side is almost free.
#ifndef CKERNELS_FACTORS_H
#define CKERNELS_FACTORS_H
#include <stdint.h>

/// A square sparse matrix in compressed columns.
struct ckernels_columns {
  int32_t order;
  const int32_t *starts, *rows;
  const double *values;
};

/// b ← (L D Lᵀ)⁻¹ b: L unit lower triangular, given by what is below its diagonal, `inverse` 1/D.
/// Of `width` 1 or 2 right sides, element k of all of them before element k + 1.
void ckernels_ldl_solve(struct ckernels_columns lower, const double *inverse, int32_t width,
                        double *b);

/// The largest |v| of `width` vectors as above of `order` elements, NaN where an element is.
void ckernels_largest(int32_t order, int32_t width, const double *v, double *largest);

/// r = b − K x + δ x of `width` right sides as above, K symmetric, given by its upper
/// triangle, δ a diagonal that was added to it.
void ckernels_symmetric_residual(struct ckernels_columns upper, const double *added, int32_t width,
                                 const double *b, const double *x, double *r);

#endif
