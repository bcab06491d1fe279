#include "normalization.h"

#include <math.h>

#include "channels_last.h"
#include "clones.h"
#include "narrow_runs.h"
#include "parallel.h"

// The images are cut into runs: up to RUN contiguous numbers of one slab. Lanes repeat within a
// run, and since their number divides 16, the constants of a slab are spread over 16 places once
// and every loop below works on 16 numbers at a time, whatever the layout.
//
// Two passes over a slab, with its sums in between. A thread does both for one slab after the
// other, so that the second pass finds in the cache what the first one read, and goes through it
// backwards, which finds at least the end of it there. Where there are too few slabs for the
// threads, these share the runs of each pass instead; the sums are the same to the bit.
//
// A run of bfloat16 numbers is widened into memory of the thread's own, where the loops work as on
// floats, and what they store there is narrowed on the way out.

enum { WIDTH = 16, RUN = 65536, NARROW_RUN = 4096, SHORT_RUN = 4096 };

typedef float wide __attribute__((vector_size(4 * WIDTH), aligned(4)));
typedef int32_t wide_mask __attribute__((vector_size(4 * WIDTH), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define LOAD(p) (*(const wide *)(p))
#define STORE(p, v) (*(wide *)(p) = (v))

// ReLUs keep NaN: a network that broke must not look sound behind one.
#define POSITIVE(v) ((wide)((wide_mask)(v) & ~((v) < 0)))
#define WHERE_POSITIVE(y, v) ((wide)((wide_mask)(v) & ((y) > 0)))

struct runs {
  struct ckernels_batch batch;
  struct ckernels_images shape;
  int64_t slab;    // numbers of a slab of one image
  int64_t length;  // numbers of a run, but of a slab's last one
  int64_t pieces;  // runs of a slab of one image
};

static struct runs runs_of(struct ckernels_batch batch) {
  const int64_t slab = batch.shape.cells * batch.shape.lanes;
  const int64_t length = batch.is_bfloat16 ? NARROW_RUN : RUN;
  return (struct runs){batch, batch.shape, slab, length, (slab + length - 1) / length};
}

struct run {
  int64_t begin, count, channel;
};

static struct run run_at(const struct runs *runs, int64_t index) {
  const int64_t slab = index / runs->pieces, start = index % runs->pieces * runs->length;
  const int64_t rest = runs->slab - start;
  return (struct run){slab * runs->slab + start, rest < runs->length ? rest : runs->length,
                      slab % runs->shape.slabs * runs->shape.lanes};
}

static int64_t run_count(const struct runs *runs) {
  return runs->shape.images * runs->shape.slabs * runs->pieces;
}

// The numbers of a run: where they are, or widened in `own`.
static const float *numbers(const struct runs *runs, const void *from, struct run run,
                            float *own) {
  if (!from) return 0;
  if (!runs->batch.is_bfloat16) return (const float *)from + run.begin;
  ckernels_widen_run(run.count, (const uint16_t *)from + run.begin, own);
  return own;
}

// Where the numbers of a run are to be stored: where they belong, or in `own`.
static float *place(const struct runs *runs, void *to, struct run run, float *own) {
  if (!to) return 0;
  return runs->batch.is_bfloat16 ? own : (float *)to + run.begin;
}

// Brings the numbers of a run from their place to where they belong.
static void bring(const struct runs *runs, const float *from, void *to, struct run run) {
  if (!to || !runs->batch.is_bfloat16) return;
  ckernels_narrow_run(run.count, from, (uint16_t *)to + run.begin);
}

static void spread(const float *values, int64_t lanes, float *out) {
  for (int k = 0; k < WIDTH; k++) out[k] = values[k % lanes];
}

static void fold(const double *values, int64_t lanes, double *out) {
  for (int64_t k = 0; k < lanes; k++) {
    out[k] = 0;
    for (int64_t j = k; j < WIDTH; j += lanes) out[k] += values[j];
  }
}

static int is_channels_last(const struct ckernels_batch *batch) {
  return batch->step != batch->shape.lanes;
}

int64_t ckernels_batch_scratch(struct ckernels_batch batch) {
  if (is_channels_last(&batch)) return ckernels_channels_last_scratch(batch);
  const struct runs runs = runs_of(batch);
  return 2 * run_count(&runs) * batch.shape.lanes;
}

// ---- Two passes

struct passes {
  struct runs runs;
  // The first pass fills the scratch of a run, `combine` reads it for the channels of a slab.
  void (*first)(const void *context, const struct runs *runs, int64_t index);
  void (*combine)(const void *context, const struct runs *runs, int64_t slab);
  void (*second)(const void *context, const struct runs *runs, int64_t index);
  const void *context;
};

static void slabs_body(void *context, int thread, int threads) {
  const struct passes *passes = context;
  const struct runs *runs = &passes->runs;
  const int64_t slabs = runs->shape.slabs, per_slab = runs->shape.images * runs->pieces;
  for (int64_t slab = slabs * thread / threads; slab < slabs * (thread + 1) / threads; slab++) {
#define INDEX(k) (((k) / runs->pieces * slabs + slab) * runs->pieces + (k) % runs->pieces)
    if (passes->first)
      for (int64_t k = 0; k < per_slab; k++) passes->first(passes->context, runs, INDEX(k));
    passes->combine(passes->context, runs, slab);
    if (passes->second)
      for (int64_t k = per_slab - 1; k >= 0; k--)
        passes->second(passes->context, runs, INDEX(k));
#undef INDEX
  }
}

static void first_body(void *context, int thread, int threads) {
  const struct passes *passes = context;
  const int64_t count = run_count(&passes->runs);
  for (int64_t k = count * thread / threads; k < count * (thread + 1) / threads; k++)
    passes->first(passes->context, &passes->runs, k);
}

static void second_body(void *context, int thread, int threads) {
  const struct passes *passes = context;
  const int64_t count = run_count(&passes->runs);
  for (int64_t k = count * thread / threads; k < count * (thread + 1) / threads; k++)
    passes->second(passes->context, &passes->runs, k);
}

static void run_passes(struct passes *passes, int threads) {
  const int64_t slabs = passes->runs.shape.slabs;
  if (passes->runs.shape.images * slabs * passes->runs.slab < 16384) threads = 1;
  if (slabs % threads == 0 || slabs >= 4 * threads) {
    ckernels_parallel(threads, slabs_body, passes);
    return;
  }
  if (passes->first) ckernels_parallel(threads, first_body, passes);
  for (int64_t slab = 0; slab < slabs; slab++)
    passes->combine(passes->context, &passes->runs, slab);
  if (passes->second) ckernels_parallel(threads, second_body, passes);
}

// ---- Forward

// total[k] = Σ (x[i] − pivot[k])^power over i ≡ k mod 16, power 1 or 2.
CKERNELS_CLONES static void run_moment(const float *x, int64_t count, const float *pivot,
                                       int power, double *total) {
  const wide p = LOAD(pivot);
  for (int k = 0; k < WIDTH; k++) total[k] = 0;
  for (int64_t start = 0; start < count; start += SHORT_RUN) {
    const int64_t end = start + SHORT_RUN < count ? start + SHORT_RUN : count;
    wide sums = {0};
    int64_t i = start;
    if (power == 1) {
      for (; i + WIDTH <= end; i += WIDTH) sums += LOAD(x + i) - p;
      for (int k = 0; i + k < end; k++) sums[k] += x[i + k] - p[k];
    } else {
      for (; i + WIDTH <= end; i += WIDTH) {
        const wide d = LOAD(x + i) - p;
        sums += d * d;
      }
      for (int k = 0; i + k < end; k++) sums[k] += (x[i + k] - p[k]) * (x[i + k] - p[k]);
    }
    for (int k = 0; k < WIDTH; k++) total[k] += sums[k];
  }
}

static void statistics(const void *context, const struct runs *runs, int64_t index) {
  const struct ckernels_batch_norm *norm = context;
  const int64_t lanes = runs->shape.lanes;
  const struct run run = run_at(runs, index);
  float own[NARROW_RUN];
  const float *x = numbers(runs, norm->x, run, own);
  const double cells = (double)(run.count / lanes);
  double *mean = norm->scratch + 2 * lanes * index, *squares = mean + lanes;
  double total[WIDTH];
  float pivot[WIDTH], center[WIDTH];
  spread(x, lanes, pivot);
  run_moment(x, run.count, pivot, 1, total);
  fold(total, lanes, mean);
  for (int64_t k = 0; k < lanes; k++) {
    mean[k] = x[k] + mean[k] / cells;
    center[k] = (float)mean[k];
  }
  float spread_center[WIDTH];
  spread(center, lanes, spread_center);
  run_moment(x, run.count, spread_center, 2, total);
  fold(total, lanes, squares);
  // About the rounded mean; the exact one is nearer by this much.
  for (int64_t k = 0; k < lanes; k++)
    squares[k] -= cells * (mean[k] - center[k]) * (mean[k] - center[k]);
}

static void combine_statistics(const void *context, const struct runs *runs, int64_t slab) {
  const struct ckernels_batch_norm *norm = context;
  const struct ckernels_images shape = runs->shape;
  const int64_t lanes = shape.lanes;
  for (int64_t channel = slab * lanes; channel < (slab + 1) * lanes; channel++) {
    if (!norm->is_fixed) {
      double n = 0, m = 0, squares = 0;
      for (int64_t image = 0; image < shape.images; image++) {
        for (int64_t piece = 0; piece < runs->pieces; piece++) {
          const int64_t index = (image * shape.slabs + slab) * runs->pieces + piece;
          const double *part = norm->scratch + 2 * lanes * index + channel % lanes;
          const double cells = (double)(run_at(runs, index).count / lanes), d = part[0] - m;
          m += d * cells / (n + cells);
          squares += part[lanes] + d * d * n * cells / (n + cells);
          n += cells;
        }
      }
      norm->mean[channel] = m;
      norm->variance[channel] = squares > 0 ? squares / n : squares != squares ? squares : 0;
    }
    norm->center[channel] = (float)norm->mean[channel];
    norm->inverse[channel] = (float)(1 / sqrt(norm->variance[channel] + norm->epsilon));
  }
}

// The constants of a run, spread: center, weight · inverse, bias.
struct affine {
  float center[WIDTH], scale[WIDTH], shift[WIDTH];
};

static void spread_affine(const float *center, const float *inverse, const float *weight,
                          const float *bias, int64_t channel, int64_t lanes,
                          struct affine *affine) {
  spread(center + channel, lanes, affine->center);
  for (int k = 0; k < WIDTH; k++) {
    affine->scale[k] = weight[channel + k % lanes] * inverse[channel + k % lanes];
    affine->shift[k] = bias ? bias[channel + k % lanes] : 0;
  }
}

// Calls LOOP for 16 numbers at a time and then for the rest of them in padded copies.
#define BY_SIXTEEN(count)                                       \
  for (int64_t i = 0; i < (count); i += WIDTH)                  \
    for (int64_t left = (count)-i < WIDTH ? (count)-i : WIDTH, once = 1; once; once = 0)

// 16 numbers, or the `left` that there are and zeros.
INLINE void take(const float *from, int64_t left, wide *out) {
  if (left == WIDTH) {
    *out = LOAD(from);
    return;
  }
  wide some = {0};
  for (int k = 0; k < left; k++) some[k] = from[k];
  *out = some;
}

INLINE void put(float *to, int64_t left, const wide *value) {
  if (left == WIDTH) {
    STORE(to, *value);
    return;
  }
  for (int k = 0; k < left; k++) to[k] = (*value)[k];
}

INLINE void apply_to(const float *x, const float *r, int64_t count, const struct affine *affine,
                     int relu, int has_residual, float *y) {
  const wide m = LOAD(affine->center), s = LOAD(affine->scale), t = LOAD(affine->shift);
  BY_SIXTEEN(count) {
    wide v, residual;
    take(x + i, left, &v);
    wide z = (v - m) * s + t;
    if (has_residual) {
      take(r + i, left, &residual);
      z += residual;
    }
    if (relu) z = POSITIVE(z);
    put(y + i, left, &z);
  }
}

CKERNELS_CLONES static void run_apply(const float *x, const float *r, int64_t count,
                                      const struct affine *affine, int relu, float *y) {
  if (r && relu) apply_to(x, r, count, affine, 1, 1, y);
  else if (r) apply_to(x, r, count, affine, 0, 1, y);
  else if (relu) apply_to(x, r, count, affine, 1, 0, y);
  else apply_to(x, r, count, affine, 0, 0, y);
}

static void apply(const void *context, const struct runs *runs, int64_t index) {
  const struct ckernels_batch_norm *norm = context;
  const struct run run = run_at(runs, index);
  struct affine affine;
  spread_affine(norm->center, norm->inverse, norm->weight, norm->bias, run.channel,
                runs->shape.lanes, &affine);
  float own[2][NARROW_RUN];
  float *y = place(runs, norm->y, run, own[0]);
  run_apply(numbers(runs, norm->x, run, own[0]), numbers(runs, norm->residual, run, own[1]),
            run.count, &affine, norm->relu, y);
  bring(runs, y, norm->y, run);
}

void ckernels_batch_norm(struct ckernels_batch batch, const struct ckernels_batch_norm *norm,
                         int threads) {
  if (is_channels_last(&batch)) {
    ckernels_channels_last_norm(batch, norm, threads);
    return;
  }
  struct passes passes = {runs_of(batch), norm->is_fixed ? 0 : statistics, combine_statistics,
                          norm->y ? apply : 0, norm};
  run_passes(&passes, threads);
}

void ckernels_batch_norm_again(struct ckernels_batch batch, const void *x, const float *weight,
                               const float *bias, const void *residual, int relu,
                               const float *center, const float *inverse, void *y,
                               double *scratch, int threads) {
  const struct ckernels_batch_norm norm = {.x = x, .weight = weight, .bias = bias,
                                           .residual = residual, .relu = relu,
                                           .center = (float *)center,
                                           .inverse = (float *)inverse, .y = y,
                                           .scratch = scratch};
  if (is_channels_last(&batch)) {
    ckernels_channels_last_norm_again(batch, &norm, threads);
    return;
  }
  struct passes passes = {.runs = runs_of(batch), .second = apply, .context = &norm};
  ckernels_parallel(threads, second_body, &passes);
}

// ---- Backward

// dz of 16 numbers.
#define COTANGENT(z)                                       \
  wide z, v;                                               \
  take(x + i, left, &v);                                   \
  take(first + i, left, &z);                               \
  if (has_second) {                                        \
    wide term;                                             \
    take(second + i, left, &term);                         \
    z += term;                                             \
  }                                                        \
  if (mask == 1) {                                         \
    wide positive;                                         \
    take(y + i, left, &positive);                          \
    z = WHERE_POSITIVE(positive, z);                       \
  } else if (mask == 2) {                                  \
    const wide positive = (v - m) * s + t;                 \
    z = WHERE_POSITIVE(positive, z);                       \
  }

INLINE void sums_of(const float *x, const float *first, const float *second, const float *y,
                    int64_t all, const struct affine *affine, int mask, int has_second, float *dz,
                    double *sum, double *product) {
  const wide m = LOAD(affine->center), s = LOAD(affine->scale), t = LOAD(affine->shift);
  for (int k = 0; k < WIDTH; k++) sum[k] = product[k] = 0;
  for (int64_t start = 0; start < all; start += SHORT_RUN) {
    const int64_t count = all - start < SHORT_RUN ? all - start : SHORT_RUN;
    wide sums = {0}, products = {0};
    BY_SIXTEEN(count) {
      COTANGENT(z)
      sums += z;
      products += z * (v - m);
      if (dz) put(dz + i, left, &z);
    }
    for (int k = 0; k < WIDTH; k++) sum[k] += sums[k], product[k] += products[k];
    x += SHORT_RUN, first += SHORT_RUN;
    if (has_second) second += SHORT_RUN;
    if (mask == 1) y += SHORT_RUN;
    if (dz) dz += SHORT_RUN;
  }
}

CKERNELS_CLONES static void run_sums(const float *x, const float *first, const float *second,
                                     const float *y, int64_t count, const struct affine *affine,
                                     int mask, float *dz, double *sum, double *product) {
#define CASE(mask, has) sums_of(x, first, second, y, count, affine, mask, has, dz, sum, product)
  switch (2 * mask + (second != 0)) {
    case 0: CASE(0, 0); break;
    case 1: CASE(0, 1); break;
    case 2: CASE(1, 0); break;
    case 3: CASE(1, 1); break;
    case 4: CASE(2, 0); break;
    default: CASE(2, 1); break;
  }
#undef CASE
}

static void backward_sums(const void *context, const struct runs *runs, int64_t index) {
  const struct ckernels_batch_norm_backward *norm = context;
  const int64_t lanes = runs->shape.lanes;
  const struct run run = run_at(runs, index);
  struct affine affine;
  double sum[WIDTH], product[WIDTH];
  spread_affine(norm->center, norm->inverse, norm->weight, norm->bias, run.channel, lanes,
                &affine);
  float own[4][NARROW_RUN];
  float *dz = place(runs, norm->dz, run, own[1]);
  run_sums(numbers(runs, norm->x, run, own[0]), numbers(runs, norm->first, run, own[1]),
           numbers(runs, norm->second, run, own[2]),
           numbers(runs, norm->mask == 1 ? norm->y : 0, run, own[3]), run.count, &affine,
           norm->mask, dz, sum, product);
  bring(runs, dz, norm->dz, run);
  fold(sum, lanes, norm->scratch + 2 * lanes * index);
  fold(product, lanes, norm->scratch + 2 * lanes * index + lanes);
}

static void combine_sums(const void *context, const struct runs *runs, int64_t slab) {
  const struct ckernels_batch_norm_backward *norm = context;
  if (!norm->sums) return;
  const struct ckernels_images shape = runs->shape;
  const int64_t lanes = shape.lanes;
  for (int64_t channel = slab * lanes; channel < (slab + 1) * lanes; channel++) {
    double sum = 0, product = 0;
    for (int64_t image = 0; image < shape.images; image++) {
      const int64_t begin = (image * shape.slabs + slab) * runs->pieces;
      for (int64_t index = begin; index < begin + runs->pieces; index++) {
        const double *part = norm->scratch + 2 * lanes * index + channel % lanes;
        sum += part[0];
        product += part[lanes];
      }
    }
    norm->sum[channel] = sum;
    norm->product[channel] = product;
  }
}

INLINE void backward_to(const float *x, const float *first, const float *second, const float *y,
                        int64_t count, const struct affine *affine, const float *offsets,
                        const float *slopes, int mask, int has_second, int is_fixed, float *dx) {
  const wide m = LOAD(affine->center), s = LOAD(affine->scale), t = LOAD(affine->shift);
  const wide o = LOAD(offsets), slope = LOAD(slopes);
  BY_SIXTEEN(count) {
    COTANGENT(z)
    z = is_fixed ? s * z : s * (z - o - (v - m) * slope);
    put(dx + i, left, &z);
  }
}

CKERNELS_CLONES static void run_backward(const float *x, const float *first, const float *second,
                                         const float *y, int64_t count,
                                         const struct affine *affine, const float *offsets,
                                         const float *slopes, int mask, int is_fixed, float *dx) {
#define CASE(mask, has, fixed) \
  backward_to(x, first, second, y, count, affine, offsets, slopes, mask, has, fixed, dx)
  if (is_fixed) {
    if (mask == 0) CASE(0, second != 0, 1);
    else if (mask == 1) CASE(1, second != 0, 1);
    else CASE(2, second != 0, 1);
  } else if (mask == 0) CASE(0, 0, 0);
  else if (mask == 1) CASE(1, 0, 0);
  else CASE(2, 0, 0);
#undef CASE
}

static void backward(const void *context, const struct runs *runs, int64_t index) {
  const struct ckernels_batch_norm_backward *norm = context;
  const struct ckernels_images shape = runs->shape;
  const struct run run = run_at(runs, index);
  struct affine affine;
  float offsets[WIDTH] = {0}, slopes[WIDTH] = {0};
  spread_affine(norm->center, norm->inverse, norm->weight, norm->bias, run.channel, shape.lanes,
                &affine);
  if (!norm->is_fixed) {
    for (int k = 0; k < WIDTH; k++) {
      const int64_t channel = run.channel + k % shape.lanes;
      const double inverse = norm->inverse[channel];
      offsets[k] = (float)(norm->sum[channel] / norm->count);
      slopes[k] = (float)(norm->product[channel] / norm->count * inverse * inverse);
    }
  }
  // What the first pass stored needs no second term and no mask.
  const void *first = norm->dz ? norm->dz : norm->first;
  const void *second = norm->dz ? 0 : norm->second;
  const int mask = norm->dz ? 0 : norm->mask;
  float own[4][NARROW_RUN];
  float *dx = place(runs, norm->dx, run, own[1]);
  run_backward(numbers(runs, norm->x, run, own[0]), numbers(runs, first, run, own[1]),
               numbers(runs, second, run, own[2]),
               numbers(runs, mask == 1 ? norm->y : 0, run, own[3]), run.count, &affine, offsets,
               slopes, mask, norm->is_fixed, dx);
  bring(runs, dx, norm->dx, run);
}

void ckernels_batch_norm_backward(struct ckernels_batch batch,
                                  const struct ckernels_batch_norm_backward *norm, int threads) {
  if (is_channels_last(&batch)) {
    ckernels_channels_last_norm_backward(batch, norm, threads);
    return;
  }
  struct passes passes = {runs_of(batch), norm->sums || norm->dz ? backward_sums : 0,
                          combine_sums, norm->dx ? backward : 0, norm};
  run_passes(&passes, threads);
}
