// bfloat16 numbers, the upper halves of floats: conversions, and operations on images of them. Computed is
// with floats; what is stored is rounded once.
#ifndef CKERNELS_BFLOAT16_H
#define CKERNELS_BFLOAT16_H
#include <stdint.h>

#include "windows.h"

/// y = x, exactly.
void ckernels_widen(int64_t count, const uint16_t *x, float *y, int threads);

/// y = the bfloat16 nearest to x, the even one of two; NaN stays NaN.
void ckernels_narrow(int64_t count, const float *x, uint16_t *y, int threads);

/// y = max(x, 0), NaN where x is.
void ckernels_narrow_relu(int64_t count, const uint16_t *x, uint16_t *y, int threads);

/// dx = dy · [y > 0]; dx may be the memory of dy.
void ckernels_narrow_relu_backward(int64_t count, const uint16_t *y, const uint16_t *dy,
                                   uint16_t *dx, int threads);

/// Images in memory, `[images, rows, columns, channels]`, the channels a multiple of 8: channels-last ones,
/// or the blocks of channel-blocked ones as images of their own.
struct ckernels_narrow_images {
  int64_t images, rows, columns, channels;
};

/// As ckernels_max_pool, for windows of at most 255 cells; `place` = which cell of its window, in row order,
/// the number is from.
void ckernels_narrow_max_pool(struct ckernels_narrow_images x_shape, struct ckernels_windows rows,
                              struct ckernels_windows columns, const uint16_t *x, uint16_t *y,
                              uint8_t *place, int threads);

/// As ckernels_max_pool_backward, for windows that begin and end in ascending order.
void ckernels_narrow_max_pool_backward(struct ckernels_narrow_images x_shape,
                                       struct ckernels_windows rows,
                                       struct ckernels_windows columns, const uint16_t *dy,
                                       const uint8_t *place, uint16_t *dx, int threads);

/// y = x / max(‖x‖, ε) of each of `cells` vectors of `channels` numbers, a multiple of 16; saves ‖x‖.
void ckernels_narrow_l2_normalize(int64_t cells, int64_t channels, const uint16_t *x,
                                  float epsilon, uint16_t *y, float *norm, int threads);

/// As ckernels_l2_normalize_backward; dx may be the memory of dy.
void ckernels_narrow_l2_normalize_backward(int64_t cells, int64_t channels, const uint16_t *y,
                                           const uint16_t *dy, const float *norm, float epsilon,
                                           uint16_t *dx, int threads);

/// y = x · weight, one weight for each of `cells` vectors of `channels` numbers, a multiple of 16.
void ckernels_narrow_scale(int64_t cells, int64_t channels, const uint16_t *x,
                           const float *weight, uint16_t *y, int threads);

/// product = ⟨x, y⟩ of each of `cells` vectors of `channels` numbers, a multiple of 16.
void ckernels_narrow_products(int64_t cells, int64_t channels, const uint16_t *x,
                              const uint16_t *y, float *product, int threads);

#endif
