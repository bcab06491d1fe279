// Batch normalization of slabs of channels.
#ifndef CKERNELS_NORMALIZATION_H
#define CKERNELS_NORMALIZATION_H
#include <stdint.h>

/// A batch of images in memory: `[images, slabs, cells, lanes]`, the channels being slabs × lanes.
/// Row-major images have 1 lane, channel-blocked ones 8 or 16.
struct ckernels_images {
  int64_t images, slabs, cells, lanes;
};

/// A batch of images and the numbers that it is kept in.
struct ckernels_batch {
  struct ckernels_images shape;
  /// From the first lane of a cell to that of the next one: `lanes`, or, for channels-last images,
  /// the number of all channels. Those are one image of all the batch's cells, `[1, cells, slabs,
  /// lanes]` in memory, 16 lanes, and bfloat16.
  int64_t step;
  /// Whether the numbers are bfloat16 and not float. Computed is with floats either way.
  int is_bfloat16;
};

/// How many doubles of scratch memory the functions below need.
int64_t ckernels_batch_scratch(struct ckernels_batch batch);

/// The arguments of y = (x − mean)/√(variance + ε) weight + bias (+ residual), or of the positive
/// part of that. What belongs to channels has a place for each of slabs × lanes.
struct ckernels_batch_norm {
  /// The batch's numbers, as those of residual and y.
  const void *x;
  const float *weight, *bias;
  /// Null for none.
  const void *residual;
  int relu;
  /// Whether mean and variance are given; else they are the batch's own, and returned. The variance
  /// is the biased one.
  int is_fixed;
  double epsilon;
  double *mean, *variance;
  /// The mean in single precision, and 1/√(variance + ε): what the backward function needs.
  float *center, *inverse;
  /// Null if only the statistics are wanted.
  void *y;
  double *scratch;
};

/// Normalizes.
///
/// Pieces of a channel get a mean and a sum of squares of their own, which are then combined in
/// order (Chan, Golub & LeVeque, 1983): the result does not depend on the number of threads, and a
/// constant channel has its own value as its mean.
void ckernels_batch_norm(struct ckernels_batch batch, const struct ckernels_batch_norm *norm,
                         int threads);

/// y once more, from the center and the inverse that `ckernels_batch_norm` left: the same to the bit.
void ckernels_batch_norm_again(struct ckernels_batch batch, const void *x, const float *weight,
                               const float *bias, const void *residual, int relu,
                               const float *center, const float *inverse, void *y,
                               double *scratch, int threads);

/// The arguments of the pullback. The cotangent of y is first + second; dz is that behind the ReLU.
struct ckernels_batch_norm_backward {
  /// The batch's numbers, as those of first, second, y, dz and dx.
  const void *x;
  const float *weight, *bias, *center, *inverse;
  /// The terms of the cotangent; the second is null for none, and needs dz where mean and variance
  /// are the batch's.
  const void *first, *second;
  /// 0: no ReLU. 1: dz = 0 where not y > 0. 2: the same, y being computed again from x.
  int mask;
  const void *y;
  /// Whether mean and variance were given: no gradient flows through them.
  int is_fixed;
  /// n, which is more than the values here where the batch has other parts elsewhere.
  double count;
  /// Whether the sums are wanted; else they are given, where dx needs them.
  int sums;
  /// Where dz is to be stored, or null. May be the memory of first or second.
  void *dz;
  /// Where the cotangent of x is to be stored, or null. May be the memory of first or dz.
  void *dx;
  /// Σ dz and Σ dz (x − mean) of each channel.
  double *sum, *product;
  double *scratch;
};

/// dx = weight inverse (dz − sum/n − (x − mean) inverse² product/n), without the last two where mean
/// and variance were given.
void ckernels_batch_norm_backward(struct ckernels_batch batch,
                                  const struct ckernels_batch_norm_backward *norm, int threads);

#endif
