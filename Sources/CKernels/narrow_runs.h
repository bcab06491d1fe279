// Conversions of a run of numbers on the calling thread.
#ifndef CKERNELS_NARROW_RUNS_H
#define CKERNELS_NARROW_RUNS_H
#include <stdint.h>

void ckernels_widen_run(int64_t count, const uint16_t *x, float *y);
void ckernels_narrow_run(int64_t count, const float *x, uint16_t *y);

#endif
