// 3×3 convolutions of stride 1 by Winograd's minimal filtering, on images in blocks of 8 channels.
#ifndef CKERNELS_WINOGRAD_H
#define CKERNELS_WINOGRAD_H
#include <stdint.h>

/// The extents of a convolution y = W ∗ x: images `[images, channels/8, rows, columns, 8]`, weights
/// `[outputs/8, inputs/8, 3, 3, 8 inputs, 8 outputs]`. Channels are multiples of 8; `rows` and
/// `columns` are those of x, and `padding` zeros lie on each of its sides.
struct ckernels_winograd {
  int64_t images, inputs, outputs, rows, columns, padding;
};

/// How many floats of scratch memory y = W ∗ x or dx = Wᵀ ∗ dy needs.
int64_t ckernels_winograd_scratch(struct ckernels_winograd shape, int threads);

/// y = W ∗ x
void ckernels_winograd(struct ckernels_winograd shape, const float *x, const float *w, float *y,
                       float *scratch, int threads);

/// dx = Wᵀ ∗ dy, for the shape of y = W ∗ x
void ckernels_winograd_backward(struct ckernels_winograd shape, const float *dy, const float *w,
                                float *dx, float *scratch, int threads);

/// How many floats of scratch memory dW = dy ⋆ x needs.
int64_t ckernels_winograd_weights_scratch(struct ckernels_winograd shape);

/// dW = dy ⋆ x, for the shape of y = W ∗ x
void ckernels_winograd_weights(struct ckernels_winograd shape, const float *x, const float *dy,
                               float *dw, float *scratch, int threads);

#endif
