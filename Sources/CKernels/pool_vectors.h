// Sixteen floats at a time, and the two ways through a pooled grid that the projection's loops
// share: 2 x 2 blocks in rows of whole vectors ("paired"), and blocks of any size.
#ifndef CKERNELS_POOL_VECTORS_H
#define CKERNELS_POOL_VECTORS_H
#include "clones.h"
#include "projection_pool.h"

#include <float.h>
#include <math.h>
#include <string.h>

typedef float float4 __attribute__((vector_size(16), aligned(16)));
typedef float float16 __attribute__((vector_size(64), aligned(4)));
typedef int32_t int16 __attribute__((vector_size(64), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define ALL(value) ((float16){0} + (value))
#define MIN(a, b) __builtin_elementwise_min(a, b)
#define MAX(a, b) __builtin_elementwise_max(a, b)
// Of non-negative floats, whose bits are in the order of the numbers; MIN and MAX look for NaN first.
#define MIN_POSITIVE(a, b) ((float16)MIN((int16)(a), (int16)(b)))
#define MAX_POSITIVE(a, b) ((float16)MAX((int16)(a), (int16)(b)))
#define ABS(a) __builtin_elementwise_abs(a)
#define SQRT(a) __builtin_elementwise_sqrt(a)
#define LOAD(pointer) (*(const float16 *)(pointer))
#define STORE(pointer, value) (*(float16 *)(pointer) = (value))
#define STREAM(pointer, value)                                                                    \
  do {                                                                                            \
    const float16 wide = (value);                                                                 \
    float4 *const quads = (float4 *)(pointer);                                                    \
    __builtin_nontemporal_store(__builtin_shufflevector(wide, wide, 0, 1, 2, 3), quads);          \
    __builtin_nontemporal_store(__builtin_shufflevector(wide, wide, 4, 5, 6, 7), quads + 1);      \
    __builtin_nontemporal_store(__builtin_shufflevector(wide, wide, 8, 9, 10, 11), quads + 2);    \
    __builtin_nontemporal_store(__builtin_shufflevector(wide, wide, 12, 13, 14, 15), quads + 3);  \
  } while (0)

// Pairs of neighbours, of 32 values in two vectors, into one of 16; and back.
#define EVEN(a, b)                                                                                \
  __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30)
#define ODD(a, b)                                                                                 \
  __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31)
#define SUM_PAIRS(a, b) (EVEN(a, b) + ODD(a, b))
#define MAX_PAIRS(a, b) MAX(EVEN(a, b), ODD(a, b))
#define TWICE_LOW(a) __builtin_shufflevector(a, a, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7)
#define TWICE_HIGH(a)                                                                             \
  __builtin_shufflevector(a, a, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13, 14, 14, 15, 15)

/// Writes 16 values, or as many as are left, past the cache if told to.
#define PUT(pointer, value, left, streams)                                                        \
  do {                                                                                            \
    const float16 put = (value);                                                                  \
    if ((left) < 16) memcpy(pointer, &put, (size_t)(left) * sizeof(float));                       \
    else if (streams) STREAM(pointer, put);                                                       \
    else STORE(pointer, put);                                                                     \
  } while (0)

/// Reads 16 values, or as many as are left and `otherwise` in the place of the rest.
#define GET(vector, pointer, left, otherwise)                                                     \
  float16 vector = (float16){0} + (otherwise);                                                    \
  if ((left) >= 16) vector = LOAD(pointer);                                                       \
  else memcpy(&vector, pointer, (size_t)(left) * sizeof(float))

// exp x for x <= 88, to three units in the last place; 0 below -87. As in ckernels_exp, the low
// bits of x / log 2 + 1.5 * 2^23 are the exponent; the polynomial is the best of its degree.
#define EXP(x)                                                                                    \
  ({                                                                                              \
    const float16 argument = (x);                                                                 \
    const int16 representable = argument >= -87.0f;                                               \
    const float16 sum = argument * 0x1.715476p0f + 0x1.8p23f;                                     \
    const int16 power = ((int16)sum + 127) << 23;                                                 \
    const float16 k = sum - 0x1.8p23f;                                                            \
    const float16 r = (argument - k * 0x1.62e400p-1f) - k * 0x1.7f7d1cp-20f;                      \
    float16 p = r * 0x1.0fe5b8p-7f + 0x1.575f08p-5f;                                              \
    p = p * r + 0x1.555a18p-3f;                                                                   \
    p = p * r + 0x1.fffd1ap-2f;                                                                   \
    p = p * r + 1.0f;                                                                             \
    p = p * r + 1.0f;                                                                             \
    (float16)((int16)(p * (float16)power) & representable);                                       \
  })

// Wide vectors are not passed to functions, for whose ABI the instruction sets differ.
INLINE float sum16(const float16 *vector) {
  float v[16], sum[8];
  memcpy(v, vector, sizeof v);
  for (int k = 0; k < 8; k++) sum[k] = v[k] + v[k + 8];
  return ((sum[0] + sum[4]) + (sum[1] + sum[5])) + ((sum[2] + sum[6]) + (sum[3] + sum[7]));
}

/// The least or largest of 16 non-negative floats, by their bits.
INLINE float least16(const float16 *vector) {
  const int32_t bits = __builtin_reduce_min((int16)*vector);
  float least;
  memcpy(&least, &bits, sizeof least);
  return least;
}

INLINE float largest16(const float16 *vector) {
  const int32_t bits = __builtin_reduce_max((int16)*vector);
  float largest;
  memcpy(&largest, &bits, sizeof largest);
  return largest;
}

INLINE int64_t pool_coarse_count(struct ckernels_pooling p) {
  return p.coarse_height * p.coarse_width;
}

INLINE int64_t pool_fine_count(struct ckernels_pooling p) {
  return pool_coarse_count(p) * p.factor_height * p.factor_width;
}

INLINE int64_t pool_padded(int64_t count) { return (count + 15) & ~(int64_t)15; }

INLINE int pool_is_paired(struct ckernels_pooling p) {
  return p.factor_height == 2 && p.factor_width == 2 && p.coarse_width % 16 == 0;
}

/// Loops over the coarse cells, 16 at a time; the 2 x 2 blocks of cells k to k + 15 start at `start`
/// in the fine grid, the upper left of their 2 x 32 cells.
#define FOR_PAIRS(p, k, start)                                                                    \
  for (int64_t row = 0, k = 0; row < 4 * (p).coarse_height * (p).coarse_width;                    \
       row += 4 * (p).coarse_width)                                                               \
    for (int64_t start = row; start < row + 2 * (p).coarse_width; start += 32, k += 16)

#endif
