#include "normalization.h"

#include "clones.h"
#include "parallel.h"

// The images are cut into runs: up to RUN contiguous numbers of one slab. Lanes repeat within a
// run, and since their number divides 16, the constants of a slab are spread over 16 places once
// and every loop below works on 16 numbers at a time, whatever the layout.

enum { WIDTH = 16, RUN = 65536, SHORT_RUN = 4096 };

struct runs {
  struct ckernels_images shape;
  int64_t slab;    // numbers in a slab
  int64_t pieces;  // runs in a slab
};

static struct runs runs_of(struct ckernels_images shape) {
  const int64_t slab = shape.cells * shape.lanes;
  return (struct runs){shape, slab, (slab + RUN - 1) / RUN};
}

struct run {
  int64_t begin, count, channel;
};

static struct run run_at(const struct runs *runs, int64_t index) {
  const int64_t slab = index / runs->pieces, start = index % runs->pieces * RUN;
  const int64_t rest = runs->slab - start;
  return (struct run){slab * runs->slab + start, rest < RUN ? rest : RUN,
                      slab % runs->shape.slabs * runs->shape.lanes};
}

static int64_t run_count(const struct runs *runs) {
  return runs->shape.images * runs->shape.slabs * runs->pieces;
}

static int threads_for(const struct runs *runs, int threads) {
  return runs->shape.images * runs->shape.slabs * runs->slab < 16384 ? 1 : threads;
}

static void spread(const float *values, int64_t lanes, float *wide) {
  for (int k = 0; k < WIDTH; k++) wide[k] = values[k % lanes];
}

static void fold(const double *wide, int64_t lanes, double *values) {
  for (int64_t k = 0; k < lanes; k++) {
    values[k] = 0;
    for (int64_t j = k; j < WIDTH; j += lanes) values[k] += wide[j];
  }
}

int64_t ckernels_batch_scratch(struct ckernels_images shape) {
  const struct runs runs = runs_of(shape);
  return 2 * run_count(&runs) * shape.lanes;
}

// total[k] = Σ (x[i] − pivot[k])^power over i ≡ k mod 16, power 1 or 2.
CKERNELS_CLONES static void run_moment(const float *x, int64_t count, const float *pivot,
                                       int power, double *total) {
  for (int k = 0; k < WIDTH; k++) total[k] = 0;
  for (int64_t start = 0; start < count; start += SHORT_RUN) {
    const int64_t end = start + SHORT_RUN < count ? start + SHORT_RUN : count;
    float sums[WIDTH] = {0};
    int64_t i = start;
    if (power == 1) {
      for (; i + WIDTH <= end; i += WIDTH)
        for (int k = 0; k < WIDTH; k++) sums[k] += x[i + k] - pivot[k];
      for (int k = 0; i + k < end; k++) sums[k] += x[i + k] - pivot[k];
    } else {
      for (; i + WIDTH <= end; i += WIDTH)
        for (int k = 0; k < WIDTH; k++) {
          const float d = x[i + k] - pivot[k];
          sums[k] += d * d;
        }
      for (int k = 0; i + k < end; k++) {
        const float d = x[i + k] - pivot[k];
        sums[k] += d * d;
      }
    }
    for (int k = 0; k < WIDTH; k++) total[k] += sums[k];
  }
}

struct statistics {
  struct runs runs;
  const float *x;
  double *scratch;
};

static void statistics_body(void *context, int thread, int threads) {
  const struct statistics *work = context;
  const int64_t count = run_count(&work->runs), lanes = work->runs.shape.lanes;
  for (int64_t index = count * thread / threads; index < count * (thread + 1) / threads; index++) {
    const struct run run = run_at(&work->runs, index);
    const float *x = work->x + run.begin;
    const double cells = (double)(run.count / lanes);
    double *mean = work->scratch + 2 * lanes * index, *squares = mean + lanes;
    double total[WIDTH];
    float pivot[WIDTH], center[WIDTH];
    spread(x, lanes, pivot);
    run_moment(x, run.count, pivot, 1, total);
    fold(total, lanes, mean);
    for (int64_t k = 0; k < lanes; k++) {
      mean[k] = x[k] + mean[k] / cells;
      center[k] = (float)mean[k];
    }
    float wide[WIDTH];
    spread(center, lanes, wide);
    run_moment(x, run.count, wide, 2, total);
    fold(total, lanes, squares);
    // About the rounded mean; the exact one is nearer by this much.
    for (int64_t k = 0; k < lanes; k++)
      squares[k] -= cells * (mean[k] - center[k]) * (mean[k] - center[k]);
  }
}

void ckernels_batch_statistics(struct ckernels_images shape, const float *x, double *scratch,
                               double *mean, double *variance, int threads) {
  struct statistics work = {runs_of(shape), x, scratch};
  ckernels_parallel(threads_for(&work.runs, threads), statistics_body, &work);
  const int64_t lanes = shape.lanes;
  for (int64_t channel = 0; channel < shape.slabs * lanes; channel++) {
    double n = 0, m = 0, squares = 0;
    for (int64_t image = 0; image < shape.images; image++) {
      for (int64_t piece = 0; piece < work.runs.pieces; piece++) {
        const int64_t index =
            (image * shape.slabs + channel / lanes) * work.runs.pieces + piece;
        const struct run run = run_at(&work.runs, index);
        const double *part = scratch + 2 * lanes * index + channel % lanes;
        const double cells = (double)(run.count / lanes), d = part[0] - m;
        m += d * cells / (n + cells);
        squares += part[lanes] + d * d * n * cells / (n + cells);
        n += cells;
      }
    }
    mean[channel] = m;
    variance[channel] = squares > 0 ? squares / n : 0;
  }
}

// ---- y = (x − mean) scale + shift + residual

struct apply {
  struct runs runs;
  const float *x, *mean, *scale, *shift, *residual;
  int relu;
  float *y;
};

#define APPLY(value)                                      \
  for (; i + WIDTH <= count; i += WIDTH)                  \
    for (int k = 0; k < WIDTH; k++) {                     \
      const float z = (x[i + k] - m[k]) * s[k] + t[k];    \
      y[i + k] = value;                                   \
    }                                                     \
  for (int k = 0; i + k < count; k++) {                   \
    const float z = (x[i + k] - m[k]) * s[k] + t[k];      \
    y[i + k] = value;                                     \
  }                                                       \
  return;

// The comparison keeps NaN: a network that broke must not look sound behind a ReLU.
#define POSITIVE(v) ((v) < 0 ? 0 : (v))

CKERNELS_CLONES static void run_apply(const float *restrict x, const float *restrict r,
                                      int64_t count, const float *restrict m,
                                      const float *restrict s, const float *restrict t, int relu,
                                      float *restrict y) {
  int64_t i = 0;
  if (r && relu) { APPLY(POSITIVE(z + r[i + k])) }
  if (r) { APPLY(z + r[i + k]) }
  if (relu) { APPLY(POSITIVE(z)) }
  APPLY(z)
}

static void apply_body(void *context, int thread, int threads) {
  const struct apply *work = context;
  const int64_t count = run_count(&work->runs), lanes = work->runs.shape.lanes;
  for (int64_t index = count * thread / threads; index < count * (thread + 1) / threads; index++) {
    const struct run run = run_at(&work->runs, index);
    float m[WIDTH], s[WIDTH], t[WIDTH];
    spread(work->mean + run.channel, lanes, m);
    spread(work->scale + run.channel, lanes, s);
    spread(work->shift + run.channel, lanes, t);
    run_apply(work->x + run.begin, work->residual ? work->residual + run.begin : 0, run.count, m,
              s, t, work->relu, work->y + run.begin);
  }
}

void ckernels_batch_apply(struct ckernels_images shape, const float *x, const float *mean,
                          const float *scale, const float *shift, const float *residual, int relu,
                          float *y, int threads) {
  struct apply work = {runs_of(shape), x, mean, scale, shift, residual, relu, y};
  ckernels_parallel(threads_for(&work.runs, threads), apply_body, &work);
}

// ---- Σ dz, Σ dz (x − mean)

CKERNELS_CLONES static void run_backward_sums(const float *x, const float *dy, const float *y,
                                              int64_t count, const float *m, double *sum,
                                              double *product) {
  for (int k = 0; k < WIDTH; k++) sum[k] = product[k] = 0;
  for (int64_t start = 0; start < count; start += SHORT_RUN) {
    const int64_t end = start + SHORT_RUN < count ? start + SHORT_RUN : count;
    float sums[WIDTH] = {0}, products[WIDTH] = {0};
    int64_t i = start;
    if (y) {
      for (; i + WIDTH <= end; i += WIDTH)
        for (int k = 0; k < WIDTH; k++) {
          const float dz = y[i + k] > 0 ? dy[i + k] : 0;
          sums[k] += dz;
          products[k] += dz * (x[i + k] - m[k]);
        }
    } else {
      for (; i + WIDTH <= end; i += WIDTH)
        for (int k = 0; k < WIDTH; k++) {
          sums[k] += dy[i + k];
          products[k] += dy[i + k] * (x[i + k] - m[k]);
        }
    }
    for (int k = 0; i + k < end; k++) {
      const float dz = !y || y[i + k] > 0 ? dy[i + k] : 0;
      sums[k] += dz;
      products[k] += dz * (x[i + k] - m[k]);
    }
    for (int k = 0; k < WIDTH; k++) sum[k] += sums[k], product[k] += products[k];
  }
}

struct backward_sums {
  struct runs runs;
  const float *x, *dy, *y, *mean;
  double *scratch;
};

static void backward_sums_body(void *context, int thread, int threads) {
  const struct backward_sums *work = context;
  const int64_t count = run_count(&work->runs), lanes = work->runs.shape.lanes;
  for (int64_t index = count * thread / threads; index < count * (thread + 1) / threads; index++) {
    const struct run run = run_at(&work->runs, index);
    float m[WIDTH];
    double sum[WIDTH], product[WIDTH];
    spread(work->mean + run.channel, lanes, m);
    run_backward_sums(work->x + run.begin, work->dy + run.begin,
                      work->y ? work->y + run.begin : 0, run.count, m, sum, product);
    fold(sum, lanes, work->scratch + 2 * lanes * index);
    fold(product, lanes, work->scratch + 2 * lanes * index + lanes);
  }
}

void ckernels_batch_backward_sums(struct ckernels_images shape, const float *x, const float *dy,
                                  const float *y, const float *mean, double *scratch,
                                  double *sum, double *product, int threads) {
  struct backward_sums work = {runs_of(shape), x, dy, y, mean, scratch};
  ckernels_parallel(threads_for(&work.runs, threads), backward_sums_body, &work);
  const int64_t lanes = shape.lanes;
  for (int64_t channel = 0; channel < shape.slabs * lanes; channel++) {
    sum[channel] = product[channel] = 0;
    for (int64_t image = 0; image < shape.images; image++) {
      const int64_t first = (image * shape.slabs + channel / lanes) * work.runs.pieces;
      for (int64_t index = first; index < first + work.runs.pieces; index++) {
        const double *part = scratch + 2 * lanes * index + channel % lanes;
        sum[channel] += part[0];
        product[channel] += part[lanes];
      }
    }
  }
}

// ---- dx = scale (dz − offset − (x − mean) slope)

struct backward_apply {
  struct runs runs;
  const float *x, *dy, *y, *mean, *scale, *offset, *slope;
  float *dx, *dz;
};

#define BACKWARD(masked, store)                                           \
  for (; i + WIDTH <= count; i += WIDTH)                                  \
    for (int k = 0; k < WIDTH; k++) {                                     \
      const float z = masked;                                             \
      store;                                                              \
      dx[i + k] = s[k] * (z - o[k] - (x[i + k] - m[k]) * slope[k]);       \
    }                                                                     \
  for (int k = 0; i + k < count; k++) {                                   \
    const float z = masked;                                               \
    store;                                                                \
    dx[i + k] = s[k] * (z - o[k] - (x[i + k] - m[k]) * slope[k]);         \
  }                                                                       \
  return;

CKERNELS_CLONES static void run_backward_apply(const float *restrict x, const float *restrict dy,
                                               const float *restrict y, int64_t count,
                                               const float *restrict m, const float *restrict s,
                                               const float *restrict o,
                                               const float *restrict slope, float *restrict dx,
                                               float *restrict dz) {
  int64_t i = 0;
  if (y && dz) { BACKWARD(y[i + k] > 0 ? dy[i + k] : 0, dz[i + k] = z) }
  if (y) { BACKWARD(y[i + k] > 0 ? dy[i + k] : 0, ) }
  BACKWARD(dy[i + k], )
}

static void backward_apply_body(void *context, int thread, int threads) {
  const struct backward_apply *work = context;
  const int64_t count = run_count(&work->runs), lanes = work->runs.shape.lanes;
  for (int64_t index = count * thread / threads; index < count * (thread + 1) / threads; index++) {
    const struct run run = run_at(&work->runs, index);
    float m[WIDTH], s[WIDTH], o[WIDTH], slope[WIDTH];
    spread(work->mean + run.channel, lanes, m);
    spread(work->scale + run.channel, lanes, s);
    spread(work->offset + run.channel, lanes, o);
    spread(work->slope + run.channel, lanes, slope);
    run_backward_apply(work->x + run.begin, work->dy + run.begin,
                       work->y ? work->y + run.begin : 0, run.count, m, s, o, slope,
                       work->dx + run.begin, work->dz ? work->dz + run.begin : 0);
  }
}

void ckernels_batch_backward_apply(struct ckernels_images shape, const float *x, const float *dy,
                                   const float *y, const float *mean, const float *scale,
                                   const float *offset, const float *slope, float *dx, float *dz,
                                   int threads) {
  struct backward_apply work = {runs_of(shape), x, dy, y, mean, scale, offset, slope, dx, dz};
  ckernels_parallel(threads_for(&work.runs, threads), backward_apply_body, &work);
}
