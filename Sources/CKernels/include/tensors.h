// Loops over tensors: broadcasting arithmetic and sums.
#ifndef CKERNELS_TENSORS_H
#define CKERNELS_TENSORS_H
#include <stdint.h>

enum { CKERNELS_MAX_RANK = 8 };

enum ckernels_binary_operation {
  CKERNELS_ADD = 0,
  CKERNELS_SUBTRACT = 1,
  CKERNELS_MULTIPLY = 2,
  CKERNELS_DIVIDE = 3
};

/// y[i] = a[i] ∘ b[i] over a box of `rank` axes. y is row-major; a and b have the given strides,
/// 0 along the axes they are repeated on. `y` may be `a` or `b` where its strides are y's.
void ckernels_binary(int operation, int rank, const int64_t *extents, const int64_t *strides_a,
                     const int64_t *strides_b, const float *a, const float *b, float *y,
                     int threads);

/// y[i] = a[i], with the given strides on both sides.
void ckernels_copy(int rank, const int64_t *extents, const int64_t *strides_a,
                   const int64_t *strides_y, const float *a, float *y, int threads);

/// y[k] = scale Σ_r a[k, r] b[k, r] over the kept axes k and the summed axes r; b may be NULL for
/// ones. y is row-major over the kept axes. Each sum is taken in an order that does not depend on
/// the number of threads, in double precision between short runs.
void ckernels_sum(int kept_rank, const int64_t *kept_extents, const int64_t *kept_a,
                  const int64_t *kept_b, int summed_rank, const int64_t *summed_extents,
                  const int64_t *summed_a, const int64_t *summed_b, const float *a, const float *b,
                  float scale, float *y, int threads);

/// y = scale x + shift
void ckernels_affine(int64_t count, const float *x, float scale, float shift, float *y,
                     int threads);

/// y = max(x, 0), NaN where x is.
void ckernels_relu(int64_t count, const float *x, float *y, int threads);

/// dx = dy · [y > 0]; dx may be the memory of dy.
void ckernels_relu_backward(int64_t count, const float *y, const float *dy, float *dx,
                            int threads);

/// 1 if every one of the `count` numbers is finite, 0 otherwise.
int ckernels_all_finite(const float *x, int64_t count, int threads);

#endif
