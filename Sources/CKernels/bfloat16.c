#include "bfloat16.h"

#include <math.h>

#include "bfloat16_vectors.h"
#include "clones.h"
#include "narrow_runs.h"
#include "parallel.h"

enum { WIDTH = BFLOAT16_WIDTH, SMALL = 16384 };

typedef bfloat16_floats wide;

#define INLINE static inline __attribute__((always_inline))
#define LOAD(p) (*(const wide *)(p))
#define STORE(p, v) (*(wide *)(p) = (v))
#define WIDEN BFLOAT16_WIDEN
#define NARROW BFLOAT16_NARROW

INLINE float widened(uint16_t x) {
  const union {
    uint32_t bits;
    float value;
  } number = {.bits = (uint32_t)x << 16};
  return number.value;
}

// ---- Conversions

CKERNELS_CLONES void ckernels_widen_run(int64_t count, const uint16_t *x, float *y) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) STORE(y + i, WIDEN(x + i));
  for (; i < count; i++) y[i] = widened(x[i]);
}

CKERNELS_CLONES void ckernels_narrow_run(int64_t count, const float *x, uint16_t *y) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) {
    const wide v = LOAD(x + i);
    NARROW(v, y + i);
  }
  if (i == count) return;
  float rest[WIDTH] = {0};
  uint16_t rounded[WIDTH];
  for (int64_t k = 0; k < count - i; k++) rest[k] = x[i + k];
  const wide v = LOAD(rest);
  NARROW(v, rounded);
  for (int64_t k = 0; k < count - i; k++) y[i + k] = rounded[k];
}

struct flat {
  int64_t count;
  const void *a, *b;
  void *y;
  void (*of)(const struct flat *work, int64_t begin, int64_t end);
};

static void flat_body(void *context, int thread, int threads) {
  const struct flat *work = context;
  // Threads begin at multiples of a cache line.
  const int64_t blocks = (work->count + 63) / 64;
  const int64_t begin = 64 * (blocks * thread / threads);
  const int64_t end = 64 * (blocks * (thread + 1) / threads);
  work->of(work, begin, end < work->count ? end : work->count);
}

static void flat(struct flat work, int threads) {
  ckernels_parallel(work.count < SMALL ? 1 : threads, flat_body, &work);
}

static void widen_flat(const struct flat *work, int64_t begin, int64_t end) {
  ckernels_widen_run(end - begin, (const uint16_t *)work->a + begin, (float *)work->y + begin);
}

static void narrow_flat(const struct flat *work, int64_t begin, int64_t end) {
  ckernels_narrow_run(end - begin, (const float *)work->a + begin, (uint16_t *)work->y + begin);
}

void ckernels_widen(int64_t count, const uint16_t *x, float *y, int threads) {
  flat((struct flat){count, x, 0, y, widen_flat}, threads);
}

void ckernels_narrow(int64_t count, const float *x, uint16_t *y, int threads) {
  flat((struct flat){count, x, 0, y, narrow_flat}, threads);
}

// ---- ReLU

// Whether a number is above zero: its bits as an integer are, and it is not NaN.
#define IS_POSITIVE(x) ((int16_t)(x) > 0 && (x) <= 0x7f80)

CKERNELS_CLONES static void relu_flat(const struct flat *work, int64_t begin, int64_t end) {
  const uint16_t *x = work->a;
  uint16_t *y = work->y;
  for (int64_t i = begin; i < end; i++) {
    const int is_nan = (x[i] & 0x7fff) > 0x7f80;
    y[i] = (int16_t)x[i] > 0 || is_nan ? x[i] : 0;
  }
}

CKERNELS_CLONES static void relu_backward_flat(const struct flat *work, int64_t begin,
                                               int64_t end) {
  const uint16_t *y = work->a, *dy = work->b;
  uint16_t *dx = work->y;
  // dx may be dy, which is the same element each time.
#pragma clang loop vectorize(assume_safety)
  for (int64_t i = begin; i < end; i++) dx[i] = IS_POSITIVE(y[i]) ? dy[i] : 0;
}

void ckernels_narrow_relu(int64_t count, const uint16_t *x, uint16_t *y, int threads) {
  flat((struct flat){count, x, 0, y, relu_flat}, threads);
}

void ckernels_narrow_relu_backward(int64_t count, const uint16_t *y, const uint16_t *dy,
                                   uint16_t *dx, int threads) {
  flat((struct flat){count, y, dy, dx, relu_backward_flat}, threads);
}

// ---- Max pooling

struct pool {
  struct ckernels_narrow_images shape;
  struct ckernels_windows rows, columns;
  const uint16_t *in;
  const uint8_t *place_in;
  uint16_t *out;
  uint8_t *place_out;
  int64_t units;
  void (*of)(const struct pool *work, int64_t unit);
};

static void pool_body(void *context, int thread, int threads) {
  const struct pool *work = context;
  for (int64_t k = work->units * thread / threads; k < work->units * (thread + 1) / threads; k++)
    work->of(work, k);
}

static void run_pool(struct pool work, int threads) {
  const struct ckernels_narrow_images s = work.shape;
  const int64_t count = s.images * s.rows * s.columns * s.channels;
  ckernels_parallel(count < SMALL ? 1 : threads, pool_body, &work);
}

// The largest numbers of one window, and their places in it, of `width` channels.
INLINE void largest(const struct pool *work, const uint16_t *x, int64_t i, int64_t j,
                    const int width, uint16_t *y, uint8_t *place) {
  const int64_t channels = work->shape.channels, columns = work->shape.columns;
  float best[WIDTH];
  uint32_t at[WIDTH], tap = 0;
  for (int k = 0; k < width; k++) best[k] = -__builtin_inff(), at[k] = 0;
  for (int32_t r = work->rows.begin[i]; r < work->rows.end[i]; r++)
    for (int32_t c = work->columns.begin[j]; c < work->columns.end[j]; c++, tap++) {
      const uint16_t *v = x + (r * columns + c) * channels;
      for (int k = 0; k < width; k++) {
        const float value = widened(v[k]);
        const int takes = (value > best[k]) | (value != value);
        best[k] = takes ? value : best[k];
        at[k] = takes ? tap : at[k];
      }
    }
  for (int k = 0; k < width; k++) {
    const union {
      float value;
      uint32_t bits;
    } number = {.value = best[k]};
    y[k] = (uint16_t)(number.bits >> 16);
    place[k] = (uint8_t)at[k];
  }
}

// A unit is a row of y.
INLINE void max_pool_row(const struct pool *work, int64_t unit, const int width) {
  const struct ckernels_narrow_images s = work->shape;
  const int64_t channels = s.channels, i = unit % work->rows.count;
  const uint16_t *x = work->in + unit / work->rows.count * s.rows * s.columns * channels;
  const int64_t at = unit * work->columns.count * channels;
  uint16_t *y = work->out + at;
  uint8_t *place = work->place_out + at;
  for (int64_t j = 0; j < work->columns.count; j++, y += channels, place += channels)
    for (int64_t c = 0; c < channels; c += width)
      largest(work, x + c, i, j, width, y + c, place + c);
}

CKERNELS_CLONES static void max_pool_8(const struct pool *work, int64_t unit) {
  max_pool_row(work, unit, 8);
}

CKERNELS_CLONES static void max_pool_16(const struct pool *work, int64_t unit) {
  max_pool_row(work, unit, 16);
}

// A unit is a row of dx: every number gathers from the windows that cover it.
INLINE void max_pool_backward_row(const struct pool *work, int64_t unit, const int width) {
  const struct ckernels_narrow_images s = work->shape;
  const struct ckernels_windows rows = work->rows, columns = work->columns;
  const int64_t channels = s.channels, r = unit % s.rows, image = unit / s.rows;
  const int64_t plane = rows.count * columns.count * channels;
  const uint16_t *dy = work->in + image * plane;
  const uint8_t *place = work->place_in + image * plane;
  uint16_t *dx = work->out + unit * s.columns * channels;
  int64_t top = 0, left = 0;
  while (top < rows.count && rows.end[top] <= r) top++;
  for (int64_t column = 0; column < s.columns; column++, dx += channels) {
    while (left < columns.count && columns.end[left] <= column) left++;
    for (int64_t c = 0; c < channels; c += width) {
      float sum[WIDTH] = {0};
      for (int64_t i = top; i < rows.count && rows.begin[i] <= r; i++)
        for (int64_t j = left; j < columns.count && columns.begin[j] <= column; j++) {
          const int64_t width_of = columns.end[j] - columns.begin[j];
          const uint32_t here =
              (uint32_t)((r - rows.begin[i]) * width_of + column - columns.begin[j]);
          const int64_t at = (i * columns.count + j) * channels + c;
          for (int k = 0; k < width; k++)
            sum[k] += place[at + k] == here ? widened(dy[at + k]) : 0;
        }
      uint16_t rounded[WIDTH];
      const wide v = LOAD(sum);
      NARROW(v, rounded);
      for (int k = 0; k < width; k++) dx[c + k] = rounded[k];
    }
  }
}

CKERNELS_CLONES static void max_pool_backward_8(const struct pool *work, int64_t unit) {
  max_pool_backward_row(work, unit, 8);
}

CKERNELS_CLONES static void max_pool_backward_16(const struct pool *work, int64_t unit) {
  max_pool_backward_row(work, unit, 16);
}

void ckernels_narrow_max_pool(struct ckernels_narrow_images shape, struct ckernels_windows rows,
                              struct ckernels_windows columns, const uint16_t *x, uint16_t *y,
                              uint8_t *place, int threads) {
  run_pool((struct pool){.shape = shape, .rows = rows, .columns = columns, .in = x, .out = y,
                         .place_out = place, .units = shape.images * rows.count,
                         .of = shape.channels % WIDTH ? max_pool_8 : max_pool_16},
           threads);
}

void ckernels_narrow_max_pool_backward(struct ckernels_narrow_images shape,
                                       struct ckernels_windows rows,
                                       struct ckernels_windows columns, const uint16_t *dy,
                                       const uint8_t *place, uint16_t *dx, int threads) {
  run_pool((struct pool){.shape = shape, .rows = rows, .columns = columns, .in = dy,
                         .place_in = place, .out = dx, .units = shape.images * shape.rows,
                         .of = shape.channels % WIDTH ? max_pool_backward_8
                                                      : max_pool_backward_16},
           threads);
}

// ---- Vectors of channels

struct vectors {
  int64_t cells, channels;
  const uint16_t *a, *b;
  const float *factor;
  float epsilon, *norm;
  uint16_t *y;
  void (*of)(const struct vectors *work, int64_t cell);
};

static void vectors_body(void *context, int thread, int threads) {
  const struct vectors *work = context;
  for (int64_t k = work->cells * thread / threads; k < work->cells * (thread + 1) / threads; k++)
    work->of(work, k);
}

static void run_vectors(struct vectors work, int threads) {
  ckernels_parallel(work.cells * work.channels < SMALL ? 1 : threads, vectors_body, &work);
}

// Σ a b: bfloat16 products are exact in single precision, whose short sums are added in double.
INLINE double product_of(const uint16_t *a, const uint16_t *b, int64_t channels) {
  double total = 0;
  for (int64_t start = 0; start < channels; start += 32 * WIDTH) {
    const int64_t end = start + 32 * WIDTH < channels ? start + 32 * WIDTH : channels;
    wide sums = {0};
    for (int64_t c = start; c < end; c += WIDTH) sums += WIDEN(a + c) * WIDEN(b + c);
    for (int k = 0; k < WIDTH; k++) total += sums[k];
  }
  return total;
}

INLINE double exact_product_of(const uint16_t *a, const uint16_t *b, int64_t channels) {
  double total = 0;
  for (int64_t c = 0; c < channels; c++) total += (double)widened(a[c]) * widened(b[c]);
  return total;
}

CKERNELS_CLONES static void normalize(const struct vectors *work, int64_t cell) {
  const int64_t channels = work->channels;
  const uint16_t *x = work->a + cell * channels;
  uint16_t *y = work->y + cell * channels;
  double square = product_of(x, x, channels);
  // Squares so small or so large that single precision may have lost them.
  if (!(square > 1e-28 && square < 1e28)) square = exact_product_of(x, x, channels);
  const float norm = (float)sqrt(square);
  work->norm[cell] = norm;
  // Written so that a NaN stays one.
  const float factor = 1 / (norm <= work->epsilon ? work->epsilon : norm);
  for (int64_t c = 0; c < channels; c += WIDTH) {
    const wide v = WIDEN(x + c) * factor;
    NARROW(v, y + c);
  }
}

CKERNELS_CLONES static void normalize_backward(const struct vectors *work, int64_t cell) {
  const int64_t channels = work->channels;
  const uint16_t *y = work->a + cell * channels, *dy = work->b + cell * channels;
  uint16_t *dx = work->y + cell * channels;
  const int tiny = work->factor[cell] <= work->epsilon;
  const float factor = 1 / (tiny ? work->epsilon : work->factor[cell]);
  const float product = tiny ? 0 : (float)product_of(y, dy, channels);
  for (int64_t c = 0; c < channels; c += WIDTH) {
    const wide v = (WIDEN(dy + c) - WIDEN(y + c) * product) * factor;
    NARROW(v, dx + c);
  }
}

CKERNELS_CLONES static void scale(const struct vectors *work, int64_t cell) {
  const int64_t channels = work->channels;
  const uint16_t *x = work->a + cell * channels;
  uint16_t *y = work->y + cell * channels;
  const float factor = work->factor[cell];
  for (int64_t c = 0; c < channels; c += WIDTH) {
    const wide v = WIDEN(x + c) * factor;
    NARROW(v, y + c);
  }
}

CKERNELS_CLONES static void multiply(const struct vectors *work, int64_t cell) {
  const int64_t channels = work->channels;
  work->norm[cell] =
      (float)product_of(work->a + cell * channels, work->b + cell * channels, channels);
}

void ckernels_narrow_l2_normalize(int64_t cells, int64_t channels, const uint16_t *x,
                                  float epsilon, uint16_t *y, float *norm, int threads) {
  run_vectors((struct vectors){.cells = cells, .channels = channels, .a = x, .epsilon = epsilon,
                               .norm = norm, .y = y, .of = normalize},
              threads);
}

void ckernels_narrow_l2_normalize_backward(int64_t cells, int64_t channels, const uint16_t *y,
                                           const uint16_t *dy, const float *norm, float epsilon,
                                           uint16_t *dx, int threads) {
  run_vectors((struct vectors){.cells = cells, .channels = channels, .a = y, .b = dy,
                               .factor = norm, .epsilon = epsilon, .y = dx,
                               .of = normalize_backward},
              threads);
}

void ckernels_narrow_scale(int64_t cells, int64_t channels, const uint16_t *x,
                           const float *weight, uint16_t *y, int threads) {
  run_vectors((struct vectors){.cells = cells, .channels = channels, .a = x, .factor = weight,
                               .y = y, .of = scale},
              threads);
}

void ckernels_narrow_products(int64_t cells, int64_t channels, const uint16_t *x,
                              const uint16_t *y, float *product, int threads) {
  run_vectors((struct vectors){.cells = cells, .channels = channels, .a = x, .b = y,
                               .norm = product, .of = multiply},
              threads);
}
