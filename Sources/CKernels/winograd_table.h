// Minimal filtering for images in blocks of a number of channels: the functions of winograd.h.
#ifndef CKERNELS_WINOGRAD_TABLE_H
#define CKERNELS_WINOGRAD_TABLE_H
#include "winograd.h"

struct ckernels_winograd_table {
  int64_t (*scratch)(struct ckernels_winograd shape, int threads);
  void (*forward)(struct ckernels_winograd shape, const float *x, const float *w, float *y,
                  float *scratch, int threads);
  void (*backward)(struct ckernels_winograd shape, const float *dy, const float *w, float *dx,
                   float *scratch, int threads);
  int64_t (*weights_scratch)(struct ckernels_winograd shape);
  void (*weights)(struct ckernels_winograd shape, const float *x, const float *dy, float *dw,
                  float *scratch, int threads);
};

extern const struct ckernels_winograd_table ckernels_winograd_8, ckernels_winograd_16;

#endif
