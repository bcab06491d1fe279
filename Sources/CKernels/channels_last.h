// Batch normalization of channels-last images of bfloat16 numbers; normalization.h has the arguments.
#ifndef CKERNELS_CHANNELS_LAST_H
#define CKERNELS_CHANNELS_LAST_H
#include "normalization.h"

int64_t ckernels_channels_last_scratch(struct ckernels_batch batch);
void ckernels_channels_last_norm(
    struct ckernels_batch batch, const struct ckernels_batch_norm *norm, int threads);
void ckernels_channels_last_norm_again(
    struct ckernels_batch batch, const struct ckernels_batch_norm *norm, int threads);
void ckernels_channels_last_norm_backward(
    struct ckernels_batch batch, const struct ckernels_batch_norm_backward *norm, int threads);

#endif
