#include "factors.h"

#include <math.h>

#include "clones.h"

// The same bits on every processor.
#pragma STDC FP_CONTRACT OFF

// Elements of two right sides, of four leaves, and of two right sides of four leaves. Unaligned: the
// caller's memory is of doubles.
typedef double pair __attribute__((vector_size(16), aligned(8)));
typedef double four __attribute__((vector_size(32), aligned(8)));
typedef double four_pairs __attribute__((vector_size(64), aligned(8)));

#define FOUR(pointer) (*(const four *)(pointer))
// A value of each leaf, for each of its right sides.
#define ONCE(v) (v)
#define TWICE(v) __builtin_shufflevector(v, v, 0, 0, 1, 1, 2, 2, 3, 3)

// ---- factorization

// y −= a x
static inline void subtract(double *restrict y, const double *restrict x, double a, int32_t count) {
  for (int32_t k = 0; k < count; k++) y[k] -= a * x[k];
}

// One group: its first column, the values of its entries, and whether a pivot is zero: then its place,
// else −1. Column after column, from the dense lower triangle of each of the four leaves.
static inline __attribute__((always_inline)) int32_t factor_group(
    const struct ckernels_leaf_kind *kind, int32_t base, struct ckernels_columns upper,
    const int32_t *starts, double *own_upper, double *own_lower, double *values, double *pivots,
    double *inverse) {
  four work[CKERNELS_LARGEST_LEAF][CKERNELS_LARGEST_LEAF];
  const int32_t size = kind->columns;
  for (int32_t c = 0; c < size; c++)
    for (int32_t k = kind->lower_starts[c]; k < kind->lower_starts[c + 1]; k++)
      work[c][kind->lower_rows[k]] = (four){0};
  for (int32_t c = 0; c < size; c++) {
    const int32_t first = kind->upper_starts[c], count = kind->upper_starts[c + 1] - first;
    const double *entries = upper.values + upper.starts[base + 4 * c];
    for (int32_t k = 0; k < count; k++) {
      const four entry = {entries[k], entries[count + k], entries[2 * count + k],
                          entries[3 * count + k]};
      *(four *)(own_upper + 4 * (first + k)) = entry;
      work[kind->upper_rows[first + k]][c] = entry;
    }
  }
  for (int32_t c = 0; c < size; c++) {
    const four pivot = work[c][c], reciprocal = 1 / pivot;
    *(four *)(pivots + base + 4 * c) = pivot;
    *(four *)(inverse + base + 4 * c) = reciprocal;
    for (int lane = 0; lane < 4; lane++)
      if (pivot[lane] == 0) return base + 4 * c + lane;
    const int32_t first = kind->lower_starts[c], end = kind->lower_starts[c + 1];
    for (int32_t k = first; k < end; k++) {
      const int32_t row = kind->lower_rows[k];
      const four scaled = work[c][row], entry = scaled * reciprocal;
      for (int32_t other = first; other <= k; other++)
        work[kind->lower_rows[other]][row] -= entry * work[c][kind->lower_rows[other]];
      *(four *)(own_lower + 4 * k) = entry;
      for (int lane = 0; lane < 4; lane++)
        values[starts[base + 4 * c + lane] + k - first] = entry[lane];
    }
  }
  return -1;
}

// Columns of a block of last rows whose products are still to be taken from its square.
enum { TAIL_FOURS = (CKERNELS_LARGEST_TAIL + 3) / 4, BATCH = 4 };
struct batch {
  int32_t count;
  four scaled[BATCH][TAIL_FOURS], entries[BATCH][TAIL_FOURS];
};

// The lower triangle, in whole vectors: corner −= Σ entries scaledᵀ.
static inline __attribute__((always_inline)) void flush(struct batch *batch, double *corner,
                                                        int32_t size, int32_t fours) {
  for (int32_t c = batch->count; c < BATCH; c++)
    for (int32_t k = 0; k < fours; k++) batch->entries[c][k] = batch->scaled[c][k] = (four){0};
  for (int32_t t = 0; t < size; t++) {
    double *row = corner + (int64_t)t * 4 * fours;
    const double a = ((const double *)batch->entries[0])[t];
    const double b = ((const double *)batch->entries[1])[t];
    const double c = ((const double *)batch->entries[2])[t];
    const double d = ((const double *)batch->entries[3])[t];
    for (int32_t k = 0; k <= t / 4; k++) {
      const four sum = a * batch->scaled[0][k] + b * batch->scaled[1][k];
      *(four *)(row + 4 * k) -= sum + (c * batch->scaled[2][k] + d * batch->scaled[3][k]);
    }
  }
  batch->count = 0;
}

// The last rows together: `work` has, for each column before them, their elements in it, and behind
// these the square of the rows themselves. Returns the row of a pivot that is zero, else −1.
static inline __attribute__((always_inline)) int32_t factor_tail(
    struct ckernels_columns upper, struct ckernels_lower lower, double *restrict values,
    double *pivots, double *inverse, double *restrict work, const int32_t *next) {
  const int32_t first = lower.tail, size = lower.order - first, fours = (size + 3) / 4;
  const int64_t stride = 4 * fours;
  double *corner = work + first * stride;
  for (int32_t t = 0; t < size; t++)
    for (int32_t k = upper.starts[first + t]; k < upper.starts[first + t + 1]; k++) {
      const int32_t row = upper.rows[k];
      if (row < first) work[row * stride + t] = upper.values[k];
      else corner[t * stride + row - first] = upper.values[k];
    }
  struct batch batch = {0};
  for (int32_t column = 0; column < first; column++) {
    const int32_t inner = next[column], end = lower.starts[column + 1];
    if (inner == end) continue;
    four *scaled = (four *)(work + column * stride);
    for (int32_t k = lower.starts[column]; k < inner; k++) {
      four *row = (four *)(work + lower.rows[k] * stride);
      for (int32_t v = 0; v < fours; v++) row[v] -= values[k] * scaled[v];
    }
    four *entries = batch.entries[batch.count];
    for (int32_t v = 0; v < fours; v++) {
      batch.scaled[batch.count][v] = scaled[v];
      entries[v] = scaled[v] * inverse[column];
      scaled[v] = (four){0};
    }
    for (int32_t k = inner; k < end; k++)
      values[k] = ((const double *)entries)[lower.rows[k] - first];
    if (++batch.count == BATCH) flush(&batch, corner, size, fours);
  }
  flush(&batch, corner, size, fours);
  int32_t zero = -1;
  for (int32_t t = 0; t < size && zero < 0; t++) {
    const double pivot = corner[t * stride + t];
    pivots[first + t] = pivot;
    inverse[first + t] = 1 / pivot;
    if (pivot == 0) zero = first + t;
    for (int32_t k = lower.starts[first + t]; k < lower.starts[first + t + 1]; k++) {
      double *row = corner + (lower.rows[k] - first) * stride;
      values[k] = row[t] * inverse[first + t];
      for (int32_t other = lower.starts[first + t]; other <= k; other++) {
        const int32_t u = lower.rows[other] - first;
        row[u] -= values[k] * corner[u * stride + t];
      }
    }
  }
  for (int64_t k = 0; k < size * stride; k++) corner[k] = 0;
  return zero;
}

CKERNELS_CLONES int32_t ckernels_ldl_factor(struct ckernels_columns upper,
                                            struct ckernels_lower lower,
                                            struct ckernels_leaves leaves, double *values,
                                            double *pivots, double *inverse, double *work,
                                            double *tail_work, int32_t *next) {
  for (int32_t k = 0; k < lower.order; k++) next[k] = lower.starts[k];
  int32_t base = 0;
  for (int32_t index = 0; index < leaves.kind_count; index++) {
    const struct ckernels_leaf_kind kind = leaves.kinds[index];
    for (int32_t group = 0; group < kind.groups; group++, base += 4 * kind.columns) {
      const int32_t zero = factor_group(&kind, base, upper, lower.starts, leaves.upper,
                                        leaves.lower, values, pivots, inverse);
      if (zero >= 0) return zero;
      leaves.upper += 4 * kind.upper_starts[kind.columns];
      leaves.lower += 4 * kind.lower_starts[kind.columns];
      for (int32_t c = 0; c < kind.columns; c++)
        for (int lane = 0; lane < 4; lane++)
          next[base + 4 * c + lane] += kind.lower_starts[c + 1] - kind.lower_starts[c];
    }
  }
  for (int32_t row = base; row < lower.tail; row++) {
    for (int32_t k = upper.starts[row]; k < upper.starts[row + 1]; k++)
      work[upper.rows[k]] = upper.values[k];
    double pivot = work[row];
    work[row] = 0;
    for (int32_t k = lower.row_starts[row]; k < lower.row_starts[row + 1]; k++) {
      const int32_t column = lower.row_columns[k], end = next[column]++;
      const double scaled = work[column], entry = scaled * inverse[column];
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
    inverse[row] = 1 / pivot;
    if (pivot == 0) return row;
  }
  if (lower.tail == lower.order) return lower.order;
  const int32_t zero = factor_tail(upper, lower, values, pivots, inverse, tail_work, next);
  return zero < 0 ? lower.order : zero;
}

// ---- triangular solves

// b −= x times the entries of a column from `first` on; those of its run are in rows without a gap.
#define SPREAD(number, column, first, x)                                                          \
  {                                                                                               \
    const number along = x;                                                                       \
    const int32_t end = starts[column + 1], gap = runs[column] < first ? first : runs[column];    \
    for (int32_t k = first; k < gap; k++) b[rows[k]] -= values[k] * along;                        \
    if (gap < end) {                                                                              \
      number *restrict below = b + rows[gap];                                                     \
      for (int32_t k = 0; k < end - gap; k++) below[k] -= values[gap + k] * along;                \
    }                                                                                             \
  }

// sum −= the product of these entries with b.
#define GATHER(number, column, first, sum)                                                        \
  {                                                                                               \
    const int32_t end = starts[column + 1], gap = runs[column] < first ? first : runs[column];    \
    for (int32_t k = first; k < gap; k++) sum -= values[k] * b[rows[k]];                          \
    if (gap < end) {                                                                              \
      const number *below = b + rows[gap];                                                        \
      for (int32_t k = 0; k < end - gap; k++) sum -= values[gap + k] * below[k];                  \
    }                                                                                             \
  }

#define LDL_SOLVE(number, group_number, WIDE)                                                     \
  const int32_t *starts = lower.starts, *rows = lower.rows, *runs = lower.runs;                   \
  const double *own = leaves.lower;                                                               \
  int32_t base = 0;                                                                               \
  for (int32_t index = 0; index < leaves.kind_count; index++) {                                   \
    const struct ckernels_leaf_kind kind = leaves.kinds[index];                                   \
    for (int32_t group = 0; group < kind.groups; group++) {                                       \
      group_number *x = (group_number *)(b + base);                                               \
      for (int32_t c = 0; c < kind.columns; c++) {                                                \
        const group_number along = x[c];                                                          \
        for (int32_t k = kind.lower_starts[c]; k < kind.lower_starts[c + 1]; k++) {               \
          const four entry = FOUR(own + 4 * k);                                                   \
          x[kind.lower_rows[k]] -= WIDE(entry) * along;                                           \
        }                                                                                         \
      }                                                                                           \
      for (int32_t o = 0; o < kind.open_columns; o++) {                                           \
        const int32_t c = kind.open[o], inner = kind.lower_starts[c + 1] - kind.lower_starts[c];  \
        for (int32_t column = base + 4 * c; column < base + 4 * c + 4; column++)                  \
          SPREAD(number, column, starts[column] + inner, b[column])                               \
      }                                                                                           \
      for (int32_t c = 0; c < kind.columns; c++) {                                                \
        const four scale = FOUR(inverse + base + 4 * c);                                          \
        x[c] *= WIDE(scale);                                                                      \
      }                                                                                           \
      own += 4 * kind.lower_starts[kind.columns];                                                 \
      base += 4 * kind.columns;                                                                   \
    }                                                                                             \
  }                                                                                               \
  for (int32_t column = base; column < lower.order; column++) {                                   \
    const number x = b[column];                                                                   \
    SPREAD(number, column, starts[column], x)                                                     \
    b[column] = x * inverse[column];                                                              \
  }                                                                                               \
  for (int32_t column = lower.order - 1; column >= base; column--) {                              \
    number x = b[column];                                                                         \
    GATHER(number, column, starts[column], x)                                                     \
    b[column] = x;                                                                                \
  }                                                                                               \
  for (int32_t index = leaves.kind_count - 1; index >= 0; index--) {                              \
    const struct ckernels_leaf_kind kind = leaves.kinds[index];                                   \
    for (int32_t group = 0; group < kind.groups; group++) {                                       \
      own -= 4 * kind.lower_starts[kind.columns];                                                 \
      base -= 4 * kind.columns;                                                                   \
      group_number *x = (group_number *)(b + base);                                               \
      for (int32_t o = 0; o < kind.open_columns; o++) {                                           \
        const int32_t c = kind.open[o], inner = kind.lower_starts[c + 1] - kind.lower_starts[c];  \
        number sums[4];                                                                           \
        for (int lane = 0; lane < 4; lane++) {                                                    \
          const int32_t column = base + 4 * c + lane;                                             \
          number sum = b[column];                                                                 \
          GATHER(number, column, starts[column] + inner, sum)                                     \
          sums[lane] = sum;                                                                       \
        }                                                                                         \
        for (int lane = 0; lane < 4; lane++) b[base + 4 * c + lane] = sums[lane];                 \
      }                                                                                           \
      for (int32_t c = kind.columns - 1; c >= 0; c--) {                                           \
        group_number sum = x[c];                                                                  \
        for (int32_t k = kind.lower_starts[c]; k < kind.lower_starts[c + 1]; k++) {               \
          const four entry = FOUR(own + 4 * k);                                                   \
          sum -= WIDE(entry) * x[kind.lower_rows[k]];                                             \
        }                                                                                         \
        x[c] = sum;                                                                               \
      }                                                                                           \
    }                                                                                             \
  }

CKERNELS_CLONES static void solve_one(struct ckernels_lower lower, const double *restrict values,
                                      struct ckernels_leaves leaves, const double *inverse,
                                      double *b) {
  LDL_SOLVE(double, four, ONCE)
}

CKERNELS_CLONES static void solve_two(struct ckernels_lower lower, const double *restrict values,
                                      struct ckernels_leaves leaves, const double *inverse,
                                      pair *b) {
  LDL_SOLVE(pair, four_pairs, TWICE)
}

void ckernels_ldl_solve(struct ckernels_lower lower, const double *values,
                        struct ckernels_leaves leaves, const double *inverse, int32_t width,
                        double *b) {
  if (width == 1)
    solve_one(lower, values, leaves, inverse, b);
  else
    solve_two(lower, values, leaves, inverse, (pair *)b);
}

// ---- residuals

// Column after column: an entry off the diagonal counts in its row and in its column.
#define SUBTRACT_PRODUCT(number, group_number, WIDE)                                              \
  const double *own = leaves.upper;                                                               \
  int32_t base = 0;                                                                               \
  for (int32_t index = 0; index < leaves.kind_count; index++) {                                   \
    const struct ckernels_leaf_kind kind = leaves.kinds[index];                                   \
    for (int32_t group = 0; group < kind.groups; group++) {                                       \
      const group_number *xs = (const group_number *)(x + base);                                  \
      group_number *rs = (group_number *)(r + base);                                              \
      for (int32_t c = 0; c < kind.columns; c++) {                                                \
        const group_number along = xs[c];                                                         \
        group_number sum = rs[c];                                                                 \
        const int32_t end = kind.upper_starts[c + 1] - 1;                                         \
        for (int32_t k = kind.upper_starts[c]; k < end; k++) {                                    \
          const int32_t row = kind.upper_rows[k];                                                 \
          const four entry = FOUR(own + 4 * k);                                                   \
          rs[row] -= WIDE(entry) * along;                                                         \
          sum -= WIDE(entry) * xs[row];                                                           \
        }                                                                                         \
        const four entry = FOUR(own + 4 * end);                                                   \
        rs[c] = sum - WIDE(entry) * along;                                                        \
      }                                                                                           \
      own += 4 * kind.upper_starts[kind.columns];                                                 \
      base += 4 * kind.columns;                                                                   \
    }                                                                                             \
  }                                                                                               \
  for (int32_t column = base; column < upper.order; column++) {                                   \
    const number along = x[column];                                                               \
    number sum = r[column];                                                                       \
    const int32_t end = upper.starts[column + 1] - 1;                                             \
    for (int32_t k = upper.starts[column]; k < end; k++) {                                        \
      const int32_t row = upper.rows[k];                                                          \
      r[row] -= upper.values[k] * along;                                                          \
      sum -= upper.values[k] * x[row];                                                            \
    }                                                                                             \
    r[column] = sum - upper.values[end] * along;                                                  \
  }

CKERNELS_CLONES static void residual_one(struct ckernels_columns upper,
                                         struct ckernels_leaves leaves, const double *added,
                                         const double *b, const double *x, double *r) {
  for (int32_t k = 0; k < upper.order; k++) r[k] = b[k] + added[k] * x[k];
  SUBTRACT_PRODUCT(double, four, ONCE)
}

CKERNELS_CLONES static void residual_two(struct ckernels_columns upper,
                                         struct ckernels_leaves leaves, const double *added,
                                         const pair *b, const pair *x, pair *r) {
  for (int32_t k = 0; k < upper.order; k++) r[k] = b[k] + added[k] * x[k];
  SUBTRACT_PRODUCT(pair, four_pairs, TWICE)
}

void ckernels_symmetric_residual(struct ckernels_columns upper, struct ckernels_leaves leaves,
                                 const double *added, int32_t width, const double *b,
                                 const double *x, double *r) {
  if (width == 1)
    residual_one(upper, leaves, added, b, x, r);
  else
    residual_two(upper, leaves, added, (const pair *)b, (const pair *)x, (pair *)r);
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
