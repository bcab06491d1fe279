// Normalization of vectors: layer norm, and division by the Euclidean norm.
#ifndef CKERNELS_VECTORS_H
#define CKERNELS_VECTORS_H
#include <stdint.h>

#include "normalization.h"

/// Layer norm of `rows` vectors of `width` numbers:
/// y = (x − m) / √(v + ε) weight + bias; saves m and 1/√(v + ε) of each row.
void ckernels_layer_norm(int64_t rows, int64_t width, const float *x, const float *weight,
                         const float *bias, float epsilon, float *y, float *mean, float *inverse,
                         int threads);

/// dx of the layer norm.
void ckernels_layer_norm_backward(int64_t rows, int64_t width, const float *x, const float *dy,
                                  const float *weight, const float *mean, const float *inverse,
                                  float *dx, int threads);

/// dweight = Σ dy (x − m) inverse and dbias = Σ dy over the rows.
void ckernels_layer_norm_weights(int64_t rows, int64_t width, const float *x, const float *dy,
                                 const float *mean, const float *inverse, float *dweight,
                                 float *dbias, int threads);

/// y = x / max(‖x‖, ε), the norm taken over the channels of each cell; saves ‖x‖ per cell.
void ckernels_l2_normalize(struct ckernels_images shape, const float *x, float epsilon, float *y,
                           float *norm, int threads);

/// dx = (dy − y ⟨y, dy⟩) / ‖x‖ where ‖x‖ > ε, dy / ε elsewhere; dx may be the memory of dy.
void ckernels_l2_normalize_backward(struct ckernels_images shape, const float *y, const float *dy,
                                    const float *norm, float epsilon, float *dx, int threads);

#endif
