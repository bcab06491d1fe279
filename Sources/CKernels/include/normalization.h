// Batch normalization of slabs of channels.
#ifndef CKERNELS_NORMALIZATION_H
#define CKERNELS_NORMALIZATION_H
#include <stdint.h>

/// A batch of images in memory: `[images, slabs, cells, lanes]`, the channels being slabs × lanes.
/// Row-major images have 1 lane, channel-blocked ones 8 or 16.
struct ckernels_images {
  int64_t images, slabs, cells, lanes;
};

/// How many doubles of scratch memory the sums below need.
int64_t ckernels_batch_scratch(struct ckernels_images shape);

/// The mean of each channel, and its biased variance.
///
/// Pieces of a channel get a mean and a sum of squares of their own, which are then combined in
/// order (Chan, Golub & LeVeque, 1983): the result does not depend on the number of threads, and a
/// constant channel has its own value as its mean.
void ckernels_batch_statistics(struct ckernels_images shape, const float *x, double *scratch,
                               double *mean, double *variance, int threads);

/// y = (x − mean) scale + shift (+ residual), its positive part if `relu`.
void ckernels_batch_apply(struct ckernels_images shape, const float *x, const float *mean,
                          const float *scale, const float *shift, const float *residual, int relu,
                          float *y, int threads);

/// Σ dz and Σ dz (x − mean) of each channel, where dz is dy, or where `y` is given dy · [y > 0].
void ckernels_batch_backward_sums(struct ckernels_images shape, const float *x, const float *dy,
                                  const float *y, const float *mean, double *scratch,
                                  double *sum, double *product, int threads);

/// dx = scale (dz − offset − (x − mean) slope) per channel; dz itself too, where it is asked for.
void ckernels_batch_backward_apply(struct ckernels_images shape, const float *x, const float *dy,
                                   const float *y, const float *mean, const float *scale,
                                   const float *offset, const float *slope, float *dx, float *dz,
                                   int threads);

#endif
