#include "channels_last.h"

#include <math.h>
#include <string.h>

#include "bfloat16_vectors.h"
#include "clones.h"
#include "parallel.h"

// A cell is a row of C numbers, C a multiple of 16. Every loop goes along the rows, 16 channels at a
// time, with what belongs to channels in arrays that stay in the first cache. Cells are cut into pieces
// of a size that the second cache holds; threads share the pieces, and sums are added piece by piece in
// order, so that no bit depends on the threads.

enum { WIDTH = BFLOAT16_WIDTH, MOST_CELLS = 256, PIECE = 65536 };

typedef bfloat16_floats wide;
typedef int32_t wide_mask __attribute__((vector_size(64), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define LOAD(p) (*(const wide *)(p))
#define STORE(p, v) (*(wide *)(p) = (v))
#define WIDEN BFLOAT16_WIDEN
#define NARROW BFLOAT16_NARROW

// ReLUs keep NaN: a network that broke must not look sound behind one.
#define POSITIVE(v) ((wide)((wide_mask)(v) & ~((v) < 0)))
#define WHERE_POSITIVE(y, v) ((wide)((wide_mask)(v) & ((y) > 0)))

struct rows {
  int64_t cells, channels;
  // Cells of a piece, but the last one.
  int64_t length;
  int64_t pieces;
};

static struct rows rows_of(struct ckernels_batch batch) {
  const int64_t cells = batch.shape.cells, channels = batch.step;
  int64_t length = PIECE / channels;
  length = length < 8 ? 8 : length > MOST_CELLS ? MOST_CELLS : length;
  return (struct rows){cells, channels, length, (cells + length - 1) / length};
}

static int64_t length_of(const struct rows *rows, int64_t piece) {
  const int64_t rest = rows->cells - piece * rows->length;
  return rest < rows->length ? rest : rows->length;
}

int64_t ckernels_channels_last_scratch(struct ckernels_batch batch) {
  const struct rows rows = rows_of(batch);
  return 4 * (rows.pieces + 1) * rows.channels;
}

// Work on pieces.
struct work {
  struct rows rows;
  const void *norm;
  // For each piece two doubles a channel, and behind them four floats a channel to work with.
  double *scratch;
  void (*of)(const struct work *work, int64_t piece);
};

static double *sums_of(const struct work *work, int64_t piece) {
  return work->scratch + 4 * piece * work->rows.channels;
}

static float *own_of(const struct work *work, int64_t piece) {
  return (float *)(sums_of(work, piece) + 2 * work->rows.channels);
}

// Four floats a channel that belong to no piece.
static float *constants_of(const struct work *work) { return own_of(work, work->rows.pieces); }

static void forwards(void *context, int thread, int threads) {
  const struct work *work = context;
  const int64_t pieces = work->rows.pieces;
  for (int64_t k = pieces * thread / threads; k < pieces * (thread + 1) / threads; k++)
    work->of(work, k);
}

// A second pass begins with what the first one has left in the cache.
static void backwards(void *context, int thread, int threads) {
  const struct work *work = context;
  const int64_t pieces = work->rows.pieces;
  for (int64_t k = pieces * (thread + 1) / threads - 1; k >= pieces * thread / threads; k--)
    work->of(work, k);
}

static void run(struct work *work, void (*of)(const struct work *, int64_t),
                void (*order)(void *, int, int), int threads) {
  work->of = of;
  if (work->rows.cells * work->rows.channels < 16384) threads = 1;
  ckernels_parallel(threads, order, work);
}

// ---- Forward

// total[c] = Σ (x[c] − pivot[c])^power over the cells.
INLINE void moment(const uint16_t *x, int64_t cells, int64_t channels, const float *pivot,
                   int power, float *total) {
  for (int64_t c = 0; c < channels; c++) total[c] = 0;
  int64_t i = 0;
  for (; i + 4 <= cells; i += 4, x += 4 * channels)
    for (int64_t c = 0; c < channels; c += WIDTH) {
      const wide p = LOAD(pivot + c);
      const wide a = WIDEN(x + c) - p, b = WIDEN(x + channels + c) - p;
      const wide d = WIDEN(x + 2 * channels + c) - p, e = WIDEN(x + 3 * channels + c) - p;
      const wide sum = power == 1 ? (a + b) + (d + e) : (a * a + b * b) + (d * d + e * e);
      STORE(total + c, LOAD(total + c) + sum);
    }
  for (; i < cells; i++, x += channels)
    for (int64_t c = 0; c < channels; c += WIDTH) {
      const wide d = WIDEN(x + c) - LOAD(pivot + c);
      STORE(total + c, LOAD(total + c) + (power == 1 ? d : d * d));
    }
}

CKERNELS_CLONES static void piece_statistics(const struct work *work, int64_t piece) {
  const struct ckernels_batch_norm *norm = work->norm;
  const int64_t channels = work->rows.channels, cells = length_of(&work->rows, piece);
  const uint16_t *x = (const uint16_t *)norm->x + piece * work->rows.length * channels;
  double *mean = sums_of(work, piece), *squares = mean + channels;
  float *pivot = own_of(work, piece), *total = pivot + channels, *center = total + channels;
  for (int64_t c = 0; c < channels; c += WIDTH) STORE(pivot + c, WIDEN(x + c));
  moment(x, cells, channels, pivot, 1, total);
  for (int64_t c = 0; c < channels; c++) {
    mean[c] = pivot[c] + (double)total[c] / (double)cells;
    center[c] = (float)mean[c];
  }
  moment(x, cells, channels, center, 2, total);
  // About the rounded mean; the exact one is nearer by this much.
  for (int64_t c = 0; c < channels; c++)
    squares[c] = total[c] - (double)cells * (mean[c] - center[c]) * (mean[c] - center[c]);
}

// Piece by piece (Chan, Golub & LeVeque, 1983).
static void combine_statistics(const struct work *work) {
  const struct ckernels_batch_norm *norm = work->norm;
  const int64_t channels = work->rows.channels;
  double n = 0;
  for (int64_t c = 0; c < channels; c++) norm->mean[c] = norm->variance[c] = 0;
  for (int64_t piece = 0; piece < work->rows.pieces; piece++) {
    const double cells = (double)length_of(&work->rows, piece);
    const double *mean = sums_of(work, piece), *squares = mean + channels;
    for (int64_t c = 0; c < channels; c++) {
      const double d = mean[c] - norm->mean[c];
      norm->mean[c] += d * cells / (n + cells);
      norm->variance[c] += squares[c] + d * d * n * cells / (n + cells);
    }
    n += cells;
  }
  for (int64_t c = 0; c < channels; c++) {
    const double squares = norm->variance[c];
    norm->variance[c] = squares > 0 ? squares / n : squares != squares ? squares : 0;
  }
}

// center, weight · inverse, bias: as z = (x − center) scale + shift needs them.
static void set_constants(const struct work *work, const float *center, const float *inverse,
                          const float *weight, const float *bias) {
  const int64_t channels = work->rows.channels;
  float *m = constants_of(work), *s = m + channels, *t = s + channels;
  for (int64_t c = 0; c < channels; c++) {
    m[c] = center[c];
    s[c] = weight[c] * inverse[c];
    t[c] = bias[c];
  }
}

INLINE void apply_to(const struct work *work, int64_t piece, int relu, int has_residual) {
  const struct ckernels_batch_norm *norm = work->norm;
  const int64_t channels = work->rows.channels, cells = length_of(&work->rows, piece);
  const int64_t start = piece * work->rows.length * channels;
  const uint16_t *x = (const uint16_t *)norm->x + start;
  const uint16_t *r = has_residual ? (const uint16_t *)norm->residual + start : 0;
  uint16_t *y = (uint16_t *)norm->y + start;
  const float *m = constants_of(work), *s = m + channels, *t = s + channels;
  for (int64_t i = 0; i < cells * channels; i += channels)
    for (int64_t c = 0; c < channels; c += WIDTH) {
      wide z = (WIDEN(x + i + c) - LOAD(m + c)) * LOAD(s + c) + LOAD(t + c);
      if (has_residual) z += WIDEN(r + i + c);
      if (relu) z = POSITIVE(z);
      NARROW(z, y + i + c);
    }
}

CKERNELS_CLONES static void apply(const struct work *work, int64_t piece) {
  const struct ckernels_batch_norm *norm = work->norm;
  if (norm->residual && norm->relu) apply_to(work, piece, 1, 1);
  else if (norm->residual) apply_to(work, piece, 0, 1);
  else if (norm->relu) apply_to(work, piece, 1, 0);
  else apply_to(work, piece, 0, 0);
}

void ckernels_channels_last_norm(
    struct ckernels_batch batch, const struct ckernels_batch_norm *norm, int threads) {
  struct work work = {.rows = rows_of(batch), .norm = norm, .scratch = norm->scratch};
  if (!norm->is_fixed) {
    run(&work, piece_statistics, forwards, threads);
    combine_statistics(&work);
  }
  for (int64_t c = 0; c < work.rows.channels; c++) {
    norm->center[c] = (float)norm->mean[c];
    norm->inverse[c] = (float)(1 / sqrt(norm->variance[c] + norm->epsilon));
  }
  if (!norm->y) return;
  set_constants(&work, norm->center, norm->inverse, norm->weight, norm->bias);
  run(&work, apply, backwards, threads);
}

void ckernels_channels_last_norm_again(
    struct ckernels_batch batch, const struct ckernels_batch_norm *norm, int threads) {
  struct work work = {.rows = rows_of(batch), .norm = norm, .scratch = norm->scratch};
  set_constants(&work, norm->center, norm->inverse, norm->weight, norm->bias);
  run(&work, apply, forwards, threads);
}

// ---- Backward

// The numbers of a piece that the cotangent is made of.
struct terms {
  const uint16_t *x, *first, *second, *y;
  const float *m, *s, *t;
};

static struct terms terms_of(const struct work *work, int64_t piece, const void *first,
                             const void *second) {
  const struct ckernels_batch_norm_backward *norm = work->norm;
  const int64_t channels = work->rows.channels;
  const int64_t start = piece * work->rows.length * channels;
  const float *m = constants_of(work);
#define AT(p) ((p) ? (const uint16_t *)(p) + start : 0)
  return (struct terms){AT(norm->x), AT(first), AT(second), AT(norm->y),
                        m, m + channels, m + 2 * channels};
#undef AT
}

// z = dz of the 16 numbers at i, of channels c and on; v = x there.
#define COTANGENT(z, v)                                                                          \
  const wide v = WIDEN(terms.x + i + c);                                                         \
  wide z = WIDEN(terms.first + i + c);                                                           \
  if (has_second) z += WIDEN(terms.second + i + c);                                              \
  if (mask == 1) {                                                                               \
    const wide positive = WIDEN(terms.y + i + c);                                                \
    z = WHERE_POSITIVE(positive, z);                                                             \
  } else if (mask == 2) {                                                                        \
    const wide positive = (v - LOAD(terms.m + c)) * LOAD(terms.s + c) + LOAD(terms.t + c);       \
    z = WHERE_POSITIVE(positive, z);                                                             \
  }

INLINE void sums_to(const struct work *work, int64_t piece, int mask, int has_second,
                    int has_dz) {
  const struct ckernels_batch_norm_backward *norm = work->norm;
  const int64_t channels = work->rows.channels, cells = length_of(&work->rows, piece);
  const struct terms terms = terms_of(work, piece, norm->first, norm->second);
  uint16_t *dz = has_dz ? (uint16_t *)norm->dz + piece * work->rows.length * channels : 0;
  float *sum = own_of(work, piece), *product = sum + channels;
  memset(sum, 0, (size_t)(2 * channels) * sizeof *sum);
  for (int64_t i = 0; i < cells * channels; i += channels)
    for (int64_t c = 0; c < channels; c += WIDTH) {
      COTANGENT(z, v)
      STORE(sum + c, LOAD(sum + c) + z);
      STORE(product + c, LOAD(product + c) + z * (v - LOAD(terms.m + c)));
      if (has_dz) NARROW(z, dz + i + c);
    }
  double *sums = sums_of(work, piece);
  for (int64_t c = 0; c < 2 * channels; c++) sums[c] = sum[c];
}

CKERNELS_CLONES static void piece_sums(const struct work *work, int64_t piece) {
  const struct ckernels_batch_norm_backward *norm = work->norm;
#define CASE(mask, has)                                     \
  if (norm->dz) sums_to(work, piece, mask, has, 1);         \
  else sums_to(work, piece, mask, has, 0)
  switch (2 * norm->mask + (norm->second != 0)) {
    case 0: CASE(0, 0); break;
    case 1: CASE(0, 1); break;
    case 2: CASE(1, 0); break;
    case 3: CASE(1, 1); break;
    case 4: CASE(2, 0); break;
    default: CASE(2, 1); break;
  }
#undef CASE
}

static void combine_sums(const struct work *work) {
  const struct ckernels_batch_norm_backward *norm = work->norm;
  const int64_t channels = work->rows.channels;
  for (int64_t c = 0; c < channels; c++) norm->sum[c] = norm->product[c] = 0;
  for (int64_t piece = 0; piece < work->rows.pieces; piece++) {
    const double *sums = sums_of(work, piece);
    for (int64_t c = 0; c < channels; c++) {
      norm->sum[c] += sums[c];
      norm->product[c] += sums[channels + c];
    }
  }
}

INLINE void backward_to(const struct work *work, int64_t piece, int mask, int has_second,
                        int is_fixed) {
  const struct ckernels_batch_norm_backward *norm = work->norm;
  const int64_t channels = work->rows.channels, cells = length_of(&work->rows, piece);
  // What the first pass stored needs no second term and no mask.
  const struct terms terms =
      terms_of(work, piece, norm->dz ? norm->dz : norm->first, norm->dz ? 0 : norm->second);
  uint16_t *dx = (uint16_t *)norm->dx + piece * work->rows.length * channels;
  // dx = s (z − offset − (v − m) slope)
  const float *offset = own_of(work, 0), *slope = offset + channels;
  for (int64_t i = 0; i < cells * channels; i += channels)
    for (int64_t c = 0; c < channels; c += WIDTH) {
      COTANGENT(z, v)
      if (!is_fixed) z = z - LOAD(offset + c) - (v - LOAD(terms.m + c)) * LOAD(slope + c);
      z = LOAD(terms.s + c) * z;
      NARROW(z, dx + i + c);
    }
}

CKERNELS_CLONES static void backward(const struct work *work, int64_t piece) {
  const struct ckernels_batch_norm_backward *norm = work->norm;
  const int mask = norm->dz ? 0 : norm->mask, has = norm->dz ? 0 : norm->second != 0;
#define CASE(mask)                                                          \
  if (norm->is_fixed && has) backward_to(work, piece, mask, 1, 1);          \
  else if (norm->is_fixed) backward_to(work, piece, mask, 0, 1);            \
  else backward_to(work, piece, mask, 0, 0)
  if (mask == 0) CASE(0);
  else if (mask == 1) CASE(1);
  else CASE(2);
#undef CASE
}

void ckernels_channels_last_norm_backward(
    struct ckernels_batch batch, const struct ckernels_batch_norm_backward *norm, int threads) {
  struct work work = {.rows = rows_of(batch), .norm = norm, .scratch = norm->scratch};
  const int64_t channels = work.rows.channels;
  set_constants(&work, norm->center, norm->inverse, norm->weight, norm->bias);
  if (norm->sums || norm->dz) run(&work, piece_sums, forwards, threads);
  if (norm->sums) combine_sums(&work);
  if (!norm->dx) return;
  float *offset = own_of(&work, 0), *slope = offset + channels;
  for (int64_t c = 0; c < channels && !norm->is_fixed; c++) {
    const double inverse = norm->inverse[c];
    offset[c] = (float)(norm->sum[c] / norm->count);
    slope[c] = (float)(norm->product[c] / norm->count * inverse * inverse);
  }
  run(&work, backward, backwards, threads);
}
