// Pooling and resampling of planes of images.
#ifndef CKERNELS_WINDOWS_H
#define CKERNELS_WINDOWS_H
#include <stdint.h>

/// Images in memory, `[planes, rows, columns, lanes]`: row-major ones have a plane for each channel
/// and 1 lane, channel-blocked ones a plane for each block and 8 or 16 lanes.
struct ckernels_planes {
  int64_t planes, rows, columns, lanes;
};

/// The windows of an output along one axis: window k covers begin[k] ..< end[k] of the input,
/// clipped to it, and its sum is multiplied by factor[k].
struct ckernels_windows {
  int64_t count;
  const int32_t *begin, *end;
  const float *factor;
};

/// y = the largest value of each window, NaN above all; index = where it is in the plane (row ·
/// columns + column), the first in row order among equals.
void ckernels_max_pool(struct ckernels_planes x_shape, struct ckernels_windows rows,
                       struct ckernels_windows columns, const float *x, float *y, int32_t *index,
                       int threads);

/// dx = the sum of dy over the windows whose index points here.
void ckernels_max_pool_backward(struct ckernels_planes x_shape, struct ckernels_windows rows,
                                struct ckernels_windows columns, const float *dy,
                                const int32_t *index, float *dx, int threads);

/// y = (row factor) (column factor) Σ x over each window.
void ckernels_sum_pool(struct ckernels_planes x_shape, struct ckernels_windows rows,
                       struct ckernels_windows columns, const float *x, float *y, int threads);

/// dx = Σ (row factor) (column factor) dy over the windows that cover a cell.
void ckernels_sum_pool_backward(struct ckernels_planes x_shape, struct ckernels_windows rows,
                                struct ckernels_windows columns, const float *dy, float *dx,
                                int threads);

/// The two cells of the input that each output along one axis mixes: (1 − weight) · first +
/// weight · second.
struct ckernels_taps {
  int64_t count;
  const int32_t *first, *second;
  const float *weight;
};

/// y = the mixture of four cells that the taps of its row and column name.
void ckernels_resample(struct ckernels_planes x_shape, struct ckernels_taps rows,
                       struct ckernels_taps columns, const float *x, float *y, int threads);

/// The adjoint of ckernels_resample.
void ckernels_resample_backward(struct ckernels_planes x_shape, struct ckernels_taps rows,
                                struct ckernels_taps columns, const float *dy, float *dx,
                                int threads);

#endif
