// bfloat16 numbers: the upper halves of floats.
#ifndef CKERNELS_BFLOAT16_H
#define CKERNELS_BFLOAT16_H
#include <stdint.h>

/// y = x, exactly.
void ckernels_widen(int64_t count, const uint16_t *x, float *y, int threads);

/// y = the bfloat16 nearest to x, the even one of two; NaN stays NaN.
void ckernels_narrow(int64_t count, const float *x, uint16_t *y, int threads);

/// y = x, `lanes` numbers of each cell, from cells `step` numbers apart to cells side by side. One thread.
void ckernels_widen_cells(int64_t cells, int64_t lanes, int64_t step, const uint16_t *x, float *y);

/// y = x, rounded as by `ckernels_narrow`, from cells side by side to cells `step` numbers apart. One
/// thread.
void ckernels_narrow_cells(int64_t cells, int64_t lanes, int64_t step, const float *x, uint16_t *y);

#endif
