#include "factors.h"

#include <math.h>

#include "clones.h"

// The same bits on every processor.
#pragma STDC FP_CONTRACT OFF

// Elements of two right sides. Unaligned: the caller's memory is of doubles.
typedef double pair __attribute__((vector_size(16), aligned(8)));

// ---- factorization

// y −= a x
static inline void subtract(double *restrict y, const double *restrict x, double a, int32_t count) {
  for (int32_t k = 0; k < count; k++) y[k] -= a * x[k];
}

CKERNELS_CLONES int32_t ckernels_ldl_factor(struct ckernels_columns upper,
                                            struct ckernels_lower lower, double *values,
                                            double *pivots, double *work, int32_t *next) {
  for (int32_t k = 0; k < lower.order; k++) next[k] = lower.starts[k];
  for (int32_t row = 0; row < lower.order; row++) {
    for (int32_t k = upper.starts[row]; k < upper.starts[row + 1]; k++)
      work[upper.rows[k]] = upper.values[k];
    double pivot = work[row];
    work[row] = 0;
    for (int32_t k = lower.row_starts[row]; k < lower.row_starts[row + 1]; k++) {
      const int32_t column = lower.row_columns[k], end = next[column]++;
      const double scaled = work[column], entry = scaled / pivots[column];
      work[column] = 0;
      pivot -= entry * scaled;
      // What this entry takes from those of later columns.
      int32_t at = lower.starts[column];
      const int32_t run = lower.runs[column] < end ? lower.runs[column] : end;
      for (; at < run; at++) work[lower.rows[at]] -= values[at] * scaled;
      if (at < end) subtract(work + lower.rows[at], values + at, scaled, end - at);
      values[end] = entry;
    }
    pivots[row] = pivot;
    if (pivot == 0) return row;
  }
  return lower.order;
}

// ---- triangular solves

#define LDL_SOLVE(number)                                                                         \
  const int32_t *starts = lower.starts, *rows = lower.rows;                                       \
  for (int32_t column = 0; column < lower.order; column++) {                                      \
    const number x = b[column];                                                                   \
    for (int32_t k = starts[column]; k < starts[column + 1]; k++)                                 \
      b[rows[k]] -= lower.values[k] * x;                                                          \
    b[column] = x * inverse[column];                                                              \
  }                                                                                               \
  for (int32_t column = lower.order - 1; column >= 0; column--) {                                 \
    number x = b[column];                                                                         \
    for (int32_t k = starts[column]; k < starts[column + 1]; k++)                                 \
      x -= lower.values[k] * b[rows[k]];                                                          \
    b[column] = x;                                                                                \
  }

static void solve_one(struct ckernels_columns lower, const double *inverse, double *b) {
  LDL_SOLVE(double)
}

static void solve_two(struct ckernels_columns lower, const double *inverse, pair *b) {
  LDL_SOLVE(pair)
}

void ckernels_ldl_solve(struct ckernels_columns lower, const double *inverse, int32_t width,
                        double *b) {
  if (width == 1)
    solve_one(lower, inverse, b);
  else
    solve_two(lower, inverse, (pair *)b);
}

// ---- residuals

// Column after column: an entry off the diagonal counts in its row and in its column.
#define SUBTRACT_PRODUCT(number)                                                                  \
  for (int32_t column = 0; column < upper.order; column++) {                                      \
    const number along = x[column];                                                               \
    number sum = r[column];                                                                       \
    int32_t k = upper.starts[column];                                                             \
    for (; k < upper.starts[column + 1]; k++) {                                                   \
      const int32_t row = upper.rows[k];                                                          \
      const double value = upper.values[k];                                                       \
      if (row == column) {                                                                        \
        sum -= value * along;                                                                     \
      } else {                                                                                    \
        r[row] -= value * along;                                                                  \
        sum -= value * x[row];                                                                    \
      }                                                                                           \
    }                                                                                             \
    r[column] = sum;                                                                              \
  }

static void residual_one(struct ckernels_columns upper, const double *x, double *r) {
  SUBTRACT_PRODUCT(double)
}

static void residual_two(struct ckernels_columns upper, const pair *x, pair *r) {
  SUBTRACT_PRODUCT(pair)
}

void ckernels_symmetric_residual(struct ckernels_columns upper, const double *added, int32_t width,
                                 const double *b, const double *x, double *r) {
  if (width == 1) {
    for (int32_t k = 0; k < upper.order; k++) r[k] = b[k] + added[k] * x[k];
    residual_one(upper, x, r);
  } else {
    const pair *bs = (const pair *)b, *xs = (const pair *)x;
    pair *rs = (pair *)r;
    for (int32_t k = 0; k < upper.order; k++) rs[k] = bs[k] + added[k] * xs[k];
    residual_two(upper, xs, rs);
  }
}

// ---- norms

enum { LANES = 8 };

void ckernels_largest(int32_t order, int32_t width, const double *v, double *largest) {
  // Of lanes that do not wait for each other; lane l belongs to vector l mod width. Sums keep a NaN,
  // which a maximum may lose.
  double most[LANES] = {0}, sum[LANES] = {0};
  const int64_t count = (int64_t)order * width;
  int64_t k = 0;
  for (; k + LANES <= count; k += LANES)
    for (int lane = 0; lane < LANES; lane++) {
      const double size = fabs(v[k + lane]);
      most[lane] = size > most[lane] ? size : most[lane];
      sum[lane] += size;
    }
  for (int lane = 0; k + lane < count; lane++) {
    const double size = fabs(v[k + lane]);
    most[lane] = size > most[lane] ? size : most[lane];
    sum[lane] += size;
  }
  for (int side = 0; side < width; side++) {
    double all = 0, total = 0;
    for (int lane = side; lane < LANES; lane += width) {
      all = most[lane] > all ? most[lane] : all;
      total += sum[lane];
    }
    largest[side] = isnan(total) ? NAN : all;
  }
}
