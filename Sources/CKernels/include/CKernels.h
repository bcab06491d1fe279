// The few loops that Swift cannot vectorize, and libgomp's parallel region.
#ifndef CKERNELS_H
#define CKERNELS_H
#include "bfloat16.h"
#include "factors.h"
#include "logarithms.h"
#include "normalization.h"
#include "optimizers.h"
#include "parallel.h"
#include "projection_newton.h"
#include "projection_pool.h"
#include "tensors.h"
#include "vectors.h"
#include "windows.h"
#include "winograd.h"
#endif
