// 3×3 convolutions of stride 1 by Winograd's minimal filtering, on images in blocks of channels.
#ifndef CKERNELS_WINOGRAD_H
#define CKERNELS_WINOGRAD_H
#include <stdint.h>

/// The extents of a convolution y = W ∗ x in blocks of b = `lanes` channels, 8 or 16: images
/// `[images, channels/b, rows, columns, b]`, weights `[outputs/b, inputs/b, 3, 3, b inputs, b outputs]`.
/// Channels are multiples of b; `rows` and `columns` are those of x, and `padding` zeros lie on each of its
/// sides.
struct ckernels_winograd {
  int64_t images, inputs, outputs, rows, columns, padding, lanes;
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

/// Whether the processor takes 512-bit instructions in two halves (AMD's Zen 4): its AVX-512 multiplies no
/// faster than its AVX2, which decides whether fewer products pay.
int ckernels_halves_wide_vectors(void);

#endif
