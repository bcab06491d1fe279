// Sparse factorizations L D Lᵀ, and linear systems with them, for one right side or two side by side.
//
// Loops over short columns wait for memory and for their own ends, not for arithmetic: a second
// right side is almost free.
#ifndef CKERNELS_FACTORS_H
#define CKERNELS_FACTORS_H
#include <stdint.h>

/// A square sparse matrix in compressed columns; of an upper triangle the last entry of each is the diagonal.
struct ckernels_columns {
  int32_t order;
  const int32_t *starts, *rows;
  const double *values;
};

/// Where the entries of L are, by rows and by columns.
struct ckernels_lower {
  int32_t order;
  /// Of each row: where its entries start among `row_columns`, their columns, ascending.
  const int32_t *row_starts, *row_columns;
  /// Of each column: where its entries start among `rows`, their rows, ascending.
  const int32_t *starts, *rows;
  /// Of each column: the entry from which on rows follow each other without a gap.
  const int32_t *runs;
  /// The first of the last rows that are factored as one block, `order` where there is none.
  int32_t tail;
};

/// The numbers that `ckernels_ldl_factor` needs room for, for a block of so many of the last rows.
static inline int64_t ckernels_tail_room(int32_t order, int32_t tail) {
  const int64_t padded = (order - tail + 3) / 4 * 4;
  return (int64_t)order * padded;
}

enum {
  /// Columns of a leaf at most.
  CKERNELS_LARGEST_LEAF = 16,
  /// Rows of the block of last rows at most.
  CKERNELS_LARGEST_TAIL = 47
};

/// Small parts of a matrix that are alike: subtrees at the leaves of its elimination tree, four of
/// them a group, whose columns come first; column c of the four before column c + 1.
struct ckernels_leaf_kind {
  /// How many groups, one after the other, and the columns of a subtree.
  int32_t groups, columns;
  /// The entries of a subtree among its own rows, by columns: of the matrix's upper triangle, rows ascending,
  /// the diagonal last; of L below its diagonal, rows ascending.
  const int32_t *upper_starts, *upper_rows, *lower_starts, *lower_rows;
  /// The columns of L with entries in other rows.
  int32_t open_columns;
  const int32_t *open;
};

/// All of them, kind after kind, and their values: of each entry those of the four subtrees.
struct ckernels_leaves {
  int32_t kind_count;
  const struct ckernels_leaf_kind *kinds;
  double *upper, *lower;
};

/// L D Lᵀ of a symmetric matrix given by its upper triangle, row after row of L:
/// D_i L_ki = K_ki − Σ_j<i L_ij D_j L_kj, the values of each column of L at their places, and those of the
/// leaves in `leaves` too. The last rows are taken together, column after column. `inverse` are 1/D, `work`
/// zeros, `next` is for as many numbers as there are rows, `tail_work` as many zeros as
/// `ckernels_tail_room` says.
///
/// Returns how many pivots there are; fewer than all of them if the one behind them is exactly zero.
int32_t ckernels_ldl_factor(struct ckernels_columns upper, struct ckernels_lower lower,
                            struct ckernels_leaves leaves, double *values, double *pivots,
                            double *inverse, double *work, double *tail_work, int32_t *next);

/// b ← (L D Lᵀ)⁻¹ b: L unit lower triangular, given by the values below its diagonal, `inverse` 1/D.
/// Of `width` 1 or 2 right sides, element k of all of them before element k + 1.
void ckernels_ldl_solve(struct ckernels_lower lower, const double *values,
                        struct ckernels_leaves leaves, const double *inverse, int32_t width,
                        double *b);

/// The largest |v| of `width` vectors as above of `order` elements, NaN where an element is.
void ckernels_largest(int32_t order, int32_t width, const double *v, double *largest);

/// r = b − K x + δ x of `width` right sides as above, K symmetric, given by its upper
/// triangle, δ a diagonal that was added to it.
void ckernels_symmetric_residual(struct ckernels_columns upper, struct ckernels_leaves leaves,
                                 const double *added, int32_t width, const double *b,
                                 const double *x, double *r);

#endif
