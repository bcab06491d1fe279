#include "vectors.h"

#include <math.h>

#include "clones.h"
#include "parallel.h"

enum { WIDTH = 16, SMALL = 16384 };

static double folded(const float *sums) {
  double sum = 0;
  for (int k = 0; k < WIDTH; k++) sum += sums[k];
  return sum;
}

// ---- layer norm

struct layer_norm {
  int64_t rows, width;
  const float *x, *dy, *weight, *bias;
  float epsilon, *y, *mean, *inverse, *dweight, *dbias;
};

CKERNELS_CLONES static void layer_norm_row(int64_t width, const float *x, const float *weight,
                                           const float *bias, float epsilon, float *y,
                                           float *mean, float *inverse) {
  // About the first number, so that a row far from zero keeps its digits.
  float sums[WIDTH] = {0}, squares[WIDTH] = {0};
  const float pivot = x[0];
  int64_t i = 0;
  for (; i + WIDTH <= width; i += WIDTH)
    for (int k = 0; k < WIDTH; k++) sums[k] += x[i + k] - pivot;
  for (int k = 0; i + k < width; k++) sums[k] += x[i + k] - pivot;
  const float m = (float)(pivot + folded(sums) / (double)width);
  for (i = 0; i + WIDTH <= width; i += WIDTH)
    for (int k = 0; k < WIDTH; k++) {
      const float d = x[i + k] - m;
      squares[k] += d * d;
    }
  for (int k = 0; i + k < width; k++) {
    const float d = x[i + k] - m;
    squares[k] += d * d;
  }
  const float s = (float)(1 / sqrt(folded(squares) / (double)width + epsilon));
  for (i = 0; i < width; i++) y[i] = (x[i] - m) * s * weight[i] + bias[i];
  *mean = m;
  *inverse = s;
}

static void layer_norm_body(void *context, int thread, int threads) {
  const struct layer_norm *work = context;
  const int64_t end = work->rows * (thread + 1) / threads, width = work->width;
  for (int64_t row = work->rows * thread / threads; row < end; row++)
    layer_norm_row(width, work->x + row * width, work->weight, work->bias, work->epsilon,
                   work->y + row * width, work->mean + row, work->inverse + row);
}

void ckernels_layer_norm(int64_t rows, int64_t width, const float *x, const float *weight,
                         const float *bias, float epsilon, float *y, float *mean, float *inverse,
                         int threads) {
  struct layer_norm work = {.rows = rows, .width = width, .x = x, .weight = weight, .bias = bias,
                            .epsilon = epsilon, .y = y, .mean = mean, .inverse = inverse};
  ckernels_parallel(rows * width < SMALL ? 1 : threads, layer_norm_body, &work);
}

// With g = dy weight and x′ = (x − m) s:  dx = s (g − mean(g) − x′ mean(g x′)).
CKERNELS_CLONES static void layer_norm_backward_row(int64_t width, const float *x, const float *dy,
                                                    const float *weight, float m, float s,
                                                    float *dx) {
  float sums[WIDTH] = {0}, products[WIDTH] = {0};
  int64_t i = 0;
  for (; i + WIDTH <= width; i += WIDTH)
    for (int k = 0; k < WIDTH; k++) {
      const float g = dy[i + k] * weight[i + k];
      sums[k] += g;
      products[k] += g * (x[i + k] - m);
    }
  for (int k = 0; i + k < width; k++) {
    const float g = dy[i + k] * weight[i + k];
    sums[k] += g;
    products[k] += g * (x[i + k] - m);
  }
  const float offset = (float)(folded(sums) / (double)width);
  const float slope = (float)(folded(products) / (double)width * s * s);
  for (i = 0; i < width; i++) dx[i] = s * (dy[i] * weight[i] - offset - (x[i] - m) * slope);
}

static void layer_norm_backward_body(void *context, int thread, int threads) {
  const struct layer_norm *work = context;
  const int64_t end = work->rows * (thread + 1) / threads, width = work->width;
  for (int64_t row = work->rows * thread / threads; row < end; row++)
    layer_norm_backward_row(width, work->x + row * width, work->dy + row * width, work->weight,
                            work->mean[row], work->inverse[row], work->y + row * width);
}

void ckernels_layer_norm_backward(int64_t rows, int64_t width, const float *x, const float *dy,
                                  const float *weight, const float *mean, const float *inverse,
                                  float *dx, int threads) {
  struct layer_norm work = {.rows = rows, .width = width, .x = x, .dy = dy, .weight = weight,
                            .y = dx, .mean = (float *)mean, .inverse = (float *)inverse};
  ckernels_parallel(rows * width < SMALL ? 1 : threads, layer_norm_backward_body, &work);
}

// Threads share the columns, so that each sum runs through the rows in order.
CKERNELS_CLONES static void layer_norm_columns(const struct layer_norm *work, int64_t first,
                                               int64_t count) {
  double dw[WIDTH] = {0}, db[WIDTH] = {0};
  for (int64_t row = 0; row < work->rows; row++) {
    const float *x = work->x + row * work->width + first, *dy = work->dy + row * work->width + first;
    const float m = work->mean[row], s = work->inverse[row];
    for (int64_t k = 0; k < count; k++) {
      dw[k] += dy[k] * ((x[k] - m) * s);
      db[k] += dy[k];
    }
  }
  for (int64_t k = 0; k < count; k++) {
    work->dweight[first + k] = (float)dw[k];
    work->dbias[first + k] = (float)db[k];
  }
}

static void layer_norm_weights_body(void *context, int thread, int threads) {
  const struct layer_norm *work = context;
  const int64_t blocks = (work->width + WIDTH - 1) / WIDTH;
  for (int64_t b = blocks * thread / threads; b < blocks * (thread + 1) / threads; b++) {
    const int64_t rest = work->width - b * WIDTH;
    layer_norm_columns(work, b * WIDTH, rest < WIDTH ? rest : WIDTH);
  }
}

void ckernels_layer_norm_weights(int64_t rows, int64_t width, const float *x, const float *dy,
                                 const float *mean, const float *inverse, float *dweight,
                                 float *dbias, int threads) {
  struct layer_norm work = {.rows = rows, .width = width, .x = x, .dy = dy, .mean = (float *)mean,
                            .inverse = (float *)inverse, .dweight = dweight, .dbias = dbias};
  ckernels_parallel(rows * width < SMALL ? 1 : threads, layer_norm_weights_body, &work);
}

// ---- division by the norm
//
// A unit of work is a group of up to 64 numbers that lie side by side in every slab: 64 cells of
// row-major images, or 64/lanes cells of channel-blocked ones.

enum { GROUP = 64 };

struct l2 {
  struct ckernels_images shape;
  const float *x, *dy;
  float epsilon, *y, *norm;
};

// products[c] = Σ a b over the channels of each cell of a group of `count` numbers. Single
// precision between short runs of slabs is enough unless squares leave its range.
enum { SHORT_RUN = 32 };

CKERNELS_CLONES static void group_products(int64_t slabs, int64_t slab, int64_t lanes,
                                           int64_t count, const float *a, const float *b,
                                           int exactly, double *products) {
  double total[GROUP] = {0};
  if (exactly) {
    for (int64_t s = 0; s < slabs; s++, a += slab, b += slab)
      for (int64_t k = 0; k < count; k++) total[k] += (double)a[k] * b[k];
  } else {
    for (int64_t start = 0; start < slabs; start += SHORT_RUN) {
      const int64_t end = start + SHORT_RUN < slabs ? start + SHORT_RUN : slabs;
      float sums[GROUP] = {0};
      if (count == GROUP) {
        for (int64_t s = start; s < end; s++, a += slab, b += slab)
          for (int k = 0; k < GROUP; k++) sums[k] += a[k] * b[k];
      } else {
        for (int64_t s = start; s < end; s++, a += slab, b += slab)
          for (int64_t k = 0; k < count; k++) sums[k] += a[k] * b[k];
      }
      for (int k = 0; k < GROUP; k++) total[k] += sums[k];
    }
  }
  for (int64_t c = 0; c < count / lanes; c++) {
    products[c] = 0;
    for (int64_t k = 0; k < lanes; k++) products[c] += total[c * lanes + k];
  }
}

// Whether sums of squares are so small or so large that single precision may have lost them.
static int leaves_range(const double *squares, int64_t count) {
  for (int64_t c = 0; c < count; c++)
    if (!(squares[c] > 1e-28 && squares[c] < 1e28)) return 1;
  return 0;
}

CKERNELS_CLONES static void group_scale(int64_t slabs, int64_t slab, int64_t count,
                                        const float *restrict x, const float *restrict factor,
                                        float *restrict y) {
  for (int64_t s = 0; s < slabs; s++, x += slab, y += slab)
    for (int64_t k = 0; k < count; k++) y[k] = x[k] * factor[k];
}

CKERNELS_CLONES static void group_backward(int64_t slabs, int64_t slab, int64_t count,
                                           const float *y, const float *dy,
                                           const float *product, const float *factor, float *dx) {
  // dx may be dy, which is the same element each time.
  for (int64_t s = 0; s < slabs; s++, y += slab, dy += slab, dx += slab) {
#pragma clang loop vectorize(assume_safety)
    for (int64_t k = 0; k < count; k++) dx[k] = (dy[k] - y[k] * product[k]) * factor[k];
  }
}

static void l2_body(void *context, int thread, int threads) {
  const struct l2 *work = context;
  const struct ckernels_images shape = work->shape;
  const int64_t slab = shape.cells * shape.lanes, groups = (slab + GROUP - 1) / GROUP;
  const int64_t units = shape.images * groups;
  for (int64_t u = units * thread / threads; u < units * (thread + 1) / threads; u++) {
    const int64_t image = u / groups, start = u % groups * GROUP;
    const int64_t count = slab - start < GROUP ? slab - start : GROUP, cells = count / shape.lanes;
    const int64_t at = image * shape.slabs * slab + start;
    float *norm = work->norm + image * shape.cells + start / shape.lanes;
    double products[GROUP];
    float factor[GROUP], product[GROUP];
    const float *a = work->x + at, *b = work->dy ? work->dy + at : a;
    group_products(shape.slabs, slab, shape.lanes, count, a, b, 0, products);
    if (!work->dy && leaves_range(products, cells))
      group_products(shape.slabs, slab, shape.lanes, count, a, b, 1, products);
    for (int64_t c = 0; c < cells; c++) {
      if (!work->dy) norm[c] = (float)sqrt(products[c]);
      // Written so that a NaN stays one.
      const int tiny = norm[c] <= work->epsilon;
      for (int64_t k = 0; k < shape.lanes; k++) {
        factor[c * shape.lanes + k] = 1 / (tiny ? work->epsilon : norm[c]);
        product[c * shape.lanes + k] = tiny ? 0 : (float)products[c];
      }
    }
    if (work->dy)
      group_backward(shape.slabs, slab, count, a, b, product, factor, work->y + at);
    else
      group_scale(shape.slabs, slab, count, a, factor, work->y + at);
  }
}

static int l2_threads(struct ckernels_images shape, int threads) {
  return shape.images * shape.slabs * shape.cells * shape.lanes < SMALL ? 1 : threads;
}

void ckernels_l2_normalize(struct ckernels_images shape, const float *x, float epsilon, float *y,
                           float *norm, int threads) {
  struct l2 work = {shape, x, 0, epsilon, y, norm};
  ckernels_parallel(l2_threads(shape, threads), l2_body, &work);
}

void ckernels_l2_normalize_backward(struct ckernels_images shape, const float *y, const float *dy,
                                    const float *norm, float epsilon, float *dx, int threads) {
  struct l2 work = {shape, y, dy, epsilon, dx, (float *)norm};
  ckernels_parallel(l2_threads(shape, threads), l2_body, &work);
}
