#include "windows.h"

#include <string.h>

#include "clones.h"
#include "parallel.h"

// Every kernel below works on one plane and is compiled for 1, 8 and 16 lanes, so that the loop
// over lanes becomes a vector instruction. Threads share the planes.

struct window_work {
  struct ckernels_planes shape;
  struct ckernels_windows rows, columns;
  struct ckernels_taps row_taps, column_taps;
  const float *in;
  float *out;
  const int32_t *index_in;
  int32_t *index_out;
  int64_t in_plane, out_plane, index_plane;
  int is_tiling;
  void (*kernel)(const struct window_work *work, int64_t plane);
};

static void body(void *context, int thread, int threads) {
  const struct window_work *work = context;
  const int64_t planes = work->shape.planes;
  for (int64_t plane = planes * thread / threads; plane < planes * (thread + 1) / threads; plane++)
    work->kernel(work, plane);
}

static void run(struct window_work *work, int threads) {
  const int64_t count =
      work->shape.planes * (work->in_plane > work->out_plane ? work->in_plane : work->out_plane);
  ckernels_parallel(count < 16384 ? 1 : threads, body, work);
}

// Defines name_1, name_8 and name_16 from the inline function `name`, and name_for to choose.
#define FOR_LANES(name)                                                                  \
  CKERNELS_CLONES static void name##_1(const struct window_work *work, int64_t plane) {  \
    name(work, plane, 1);                                                                \
  }                                                                                      \
  CKERNELS_CLONES static void name##_8(const struct window_work *work, int64_t plane) {  \
    name(work, plane, 8);                                                                \
  }                                                                                      \
  CKERNELS_CLONES static void name##_16(const struct window_work *work, int64_t plane) { \
    name(work, plane, 16);                                                               \
  }                                                                                      \
  static void (*name##_for(int64_t lanes))(const struct window_work *, int64_t) {        \
    return lanes == 16 ? name##_16 : lanes == 8 ? name##_8 : name##_1;                   \
  }

#define INLINE static inline __attribute__((always_inline))

enum { MAX_LANES = 16 };

// ---- maxima

INLINE void max_pool(const struct window_work *work, int64_t plane, const int lanes) {
  const int64_t width = work->shape.columns;
  const float *x = work->in + plane * work->in_plane;
  float *y = work->out + plane * work->out_plane;
  int32_t *index = work->index_out + plane * work->index_plane;
  for (int64_t i = 0; i < work->rows.count; i++) {
    for (int64_t j = 0; j < work->columns.count; j++) {
      const int32_t row = work->rows.begin[i], column = work->columns.begin[j];
      float best[MAX_LANES];
      int32_t at[MAX_LANES];
      for (int k = 0; k < lanes; k++) {
        best[k] = -__builtin_inff();
        at[k] = (int32_t)(row * width + column);
      }
      for (int32_t r = row; r < work->rows.end[i]; r++) {
        for (int32_t c = column; c < work->columns.end[j]; c++) {
          const int32_t here = (int32_t)(r * width + c);
          const float *v = x + (int64_t)here * lanes;
          for (int k = 0; k < lanes; k++) {
            const int takes = (v[k] > best[k]) | (v[k] != v[k]);
            best[k] = takes ? v[k] : best[k];
            at[k] = takes ? here : at[k];
          }
        }
      }
      for (int k = 0; k < lanes; k++) *y++ = best[k], *index++ = at[k];
    }
  }
}

FOR_LANES(max_pool)

INLINE void max_pool_backward(const struct window_work *work, int64_t plane, const int lanes) {
  const int64_t width = work->shape.columns;
  const float *dy = work->in + plane * work->in_plane;
  float *dx = work->out + plane * work->out_plane;
  const int32_t *index = work->index_in + plane * work->index_plane;
  if (!work->is_tiling || lanes == 1) memset(dx, 0, (size_t)work->out_plane * sizeof *dx);
  for (int64_t i = 0; i < work->rows.count; i++) {
    for (int64_t j = 0; j < work->columns.count; j++, dy += lanes, index += lanes) {
      if (lanes == 1) {
        dx[*index] += *dy;
        continue;
      }
      // Lane by lane the target differs; going through the window keeps the lanes together.
      for (int32_t r = work->rows.begin[i]; r < work->rows.end[i]; r++) {
        for (int32_t c = work->columns.begin[j]; c < work->columns.end[j]; c++) {
          const int32_t here = (int32_t)(r * width + c);
          float *target = dx + (int64_t)here * lanes;
          if (work->is_tiling)
            for (int k = 0; k < lanes; k++) target[k] = index[k] == here ? dy[k] : 0;
          else
            for (int k = 0; k < lanes; k++) target[k] += index[k] == here ? dy[k] : 0;
        }
      }
    }
  }
}

FOR_LANES(max_pool_backward)

// Whether every cell of an axis lies in exactly one window.
static int is_tiling(struct ckernels_windows windows, int64_t extent) {
  int64_t reached = 0;
  for (int64_t k = 0; k < windows.count; k++) {
    if (windows.begin[k] != reached) return 0;
    reached = windows.end[k];
  }
  return reached == extent;
}

void ckernels_max_pool(struct ckernels_planes shape, struct ckernels_windows rows,
                       struct ckernels_windows columns, const float *x, float *y, int32_t *index,
                       int threads) {
  const int64_t in = shape.rows * shape.columns * shape.lanes;
  const int64_t out = rows.count * columns.count * shape.lanes;
  struct window_work work = {.shape = shape, .rows = rows, .columns = columns, .in = x, .out = y,
                             .index_out = index, .in_plane = in, .out_plane = out,
                             .index_plane = out, .kernel = max_pool_for(shape.lanes)};
  run(&work, threads);
}

void ckernels_max_pool_backward(struct ckernels_planes shape, struct ckernels_windows rows,
                                struct ckernels_windows columns, const float *dy,
                                const int32_t *index, float *dx, int threads) {
  const int64_t in = rows.count * columns.count * shape.lanes;
  const int64_t out = shape.rows * shape.columns * shape.lanes;
  struct window_work work = {.shape = shape, .rows = rows, .columns = columns, .in = dy, .out = dx,
                             .index_in = index, .in_plane = in, .out_plane = out,
                             .index_plane = in,
                             .is_tiling = is_tiling(rows, shape.rows) &&
                                          is_tiling(columns, shape.columns),
                             .kernel = max_pool_backward_for(shape.lanes)};
  run(&work, threads);
}

// ---- sums

INLINE void sum_pool(const struct window_work *work, int64_t plane, const int lanes) {
  const int64_t width = work->shape.columns;
  const float *x = work->in + plane * work->in_plane;
  float *y = work->out + plane * work->out_plane;
  for (int64_t i = 0; i < work->rows.count; i++) {
    for (int64_t j = 0; j < work->columns.count; j++, y += lanes) {
      const float factor = work->rows.factor[i] * work->columns.factor[j];
      float sum[MAX_LANES] = {0};
      for (int32_t r = work->rows.begin[i]; r < work->rows.end[i]; r++) {
        // Row by row, so that large windows lose no accuracy.
        float row[MAX_LANES] = {0};
        const float *v = x + (r * width + work->columns.begin[j]) * lanes;
        for (int32_t c = work->columns.begin[j]; c < work->columns.end[j]; c++, v += lanes)
          for (int k = 0; k < lanes; k++) row[k] += v[k];
        for (int k = 0; k < lanes; k++) sum[k] += row[k];
      }
      for (int k = 0; k < lanes; k++) y[k] = sum[k] * factor;
    }
  }
}

FOR_LANES(sum_pool)

INLINE void sum_pool_backward(const struct window_work *work, int64_t plane, const int lanes) {
  const int64_t width = work->shape.columns;
  const float *dy = work->in + plane * work->in_plane;
  float *dx = work->out + plane * work->out_plane;
  memset(dx, 0, (size_t)work->out_plane * sizeof *dx);
  for (int64_t i = 0; i < work->rows.count; i++) {
    for (int64_t j = 0; j < work->columns.count; j++, dy += lanes) {
      const float factor = work->rows.factor[i] * work->columns.factor[j];
      float share[MAX_LANES];
      for (int k = 0; k < lanes; k++) share[k] = dy[k] * factor;
      for (int32_t r = work->rows.begin[i]; r < work->rows.end[i]; r++) {
        float *target = dx + (r * width + work->columns.begin[j]) * lanes;
        for (int32_t c = work->columns.begin[j]; c < work->columns.end[j]; c++, target += lanes)
          for (int k = 0; k < lanes; k++) target[k] += share[k];
      }
    }
  }
}

FOR_LANES(sum_pool_backward)

void ckernels_sum_pool(struct ckernels_planes shape, struct ckernels_windows rows,
                       struct ckernels_windows columns, const float *x, float *y, int threads) {
  struct window_work work = {.shape = shape, .rows = rows, .columns = columns, .in = x, .out = y,
                             .in_plane = shape.rows * shape.columns * shape.lanes,
                             .out_plane = rows.count * columns.count * shape.lanes,
                             .kernel = sum_pool_for(shape.lanes)};
  run(&work, threads);
}

void ckernels_sum_pool_backward(struct ckernels_planes shape, struct ckernels_windows rows,
                                struct ckernels_windows columns, const float *dy, float *dx,
                                int threads) {
  struct window_work work = {.shape = shape, .rows = rows, .columns = columns, .in = dy, .out = dx,
                             .in_plane = rows.count * columns.count * shape.lanes,
                             .out_plane = shape.rows * shape.columns * shape.lanes,
                             .kernel = sum_pool_backward_for(shape.lanes)};
  run(&work, threads);
}

// ---- resampling

INLINE void resample(const struct window_work *work, int64_t plane, const int lanes) {
  const int64_t width = work->shape.columns;
  const struct ckernels_taps *rows = &work->row_taps, *columns = &work->column_taps;
  const float *x = work->in + plane * work->in_plane;
  float *y = work->out + plane * work->out_plane;
  for (int64_t i = 0; i < rows->count; i++) {
    const float *upper = x + rows->first[i] * width * lanes;
    const float *lower = x + rows->second[i] * width * lanes;
    const float v = rows->weight[i];
    for (int64_t j = 0; j < columns->count; j++, y += lanes) {
      const int64_t a = columns->first[j] * lanes, b = columns->second[j] * lanes;
      const float u = columns->weight[j];
      for (int k = 0; k < lanes; k++)
        y[k] = (1 - v) * ((1 - u) * upper[a + k] + u * upper[b + k]) +
               v * ((1 - u) * lower[a + k] + u * lower[b + k]);
    }
  }
}

FOR_LANES(resample)

INLINE void resample_backward(const struct window_work *work, int64_t plane, const int lanes) {
  const int64_t width = work->shape.columns;
  const struct ckernels_taps *rows = &work->row_taps, *columns = &work->column_taps;
  const float *dy = work->in + plane * work->in_plane;
  float *dx = work->out + plane * work->out_plane;
  memset(dx, 0, (size_t)work->out_plane * sizeof *dx);
  for (int64_t i = 0; i < rows->count; i++) {
    float *upper = dx + rows->first[i] * width * lanes;
    float *lower = dx + rows->second[i] * width * lanes;
    const float v = rows->weight[i];
    for (int64_t j = 0; j < columns->count; j++, dy += lanes) {
      const int64_t a = columns->first[j] * lanes, b = columns->second[j] * lanes;
      const float u = columns->weight[j];
      for (int k = 0; k < lanes; k++) {
        upper[a + k] += (1 - v) * (1 - u) * dy[k];
        upper[b + k] += (1 - v) * u * dy[k];
        lower[a + k] += v * (1 - u) * dy[k];
        lower[b + k] += v * u * dy[k];
      }
    }
  }
}

FOR_LANES(resample_backward)

void ckernels_resample(struct ckernels_planes shape, struct ckernels_taps rows,
                       struct ckernels_taps columns, const float *x, float *y, int threads) {
  struct window_work work = {.shape = shape, .row_taps = rows, .column_taps = columns, .in = x,
                             .out = y, .in_plane = shape.rows * shape.columns * shape.lanes,
                             .out_plane = rows.count * columns.count * shape.lanes,
                             .kernel = resample_for(shape.lanes)};
  run(&work, threads);
}

void ckernels_resample_backward(struct ckernels_planes shape, struct ckernels_taps rows,
                                struct ckernels_taps columns, const float *dy, float *dx,
                                int threads) {
  struct window_work work = {.shape = shape, .row_taps = rows, .column_taps = columns, .in = dy,
                             .out = dx, .in_plane = rows.count * columns.count * shape.lanes,
                             .out_plane = shape.rows * shape.columns * shape.lanes,
                             .kernel = resample_backward_for(shape.lanes)};
  run(&work, threads);
}
