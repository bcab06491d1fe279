// Sixteen bfloat16 numbers at a time. Vectors stay out of the arguments of functions, whose clones would
// not agree on how they are passed.
#ifndef CKERNELS_BFLOAT16_VECTORS_H
#define CKERNELS_BFLOAT16_VECTORS_H
#include <stdint.h>

enum { BFLOAT16_WIDTH = 16 };

typedef uint16_t bfloat16_halves __attribute__((vector_size(32), aligned(2)));
typedef uint32_t bfloat16_words __attribute__((vector_size(64), aligned(4)));
typedef float bfloat16_floats __attribute__((vector_size(64), aligned(4)));

// The numbers at p as floats.
#define BFLOAT16_WIDEN(p)                                                                \
  ((bfloat16_floats)(__builtin_convertvector(*(const bfloat16_halves *)(p), bfloat16_words) \
                     << 16))

// Half a unit of the last place less one, and one more where the last place is odd, carry into the upper
// half what has to be rounded up. NaN could become infinity that way: it is cut off, and made quiet.
#define BFLOAT16_NARROW(v, p)                                                             \
  do {                                                                                    \
    const bfloat16_words bits_ = (bfloat16_words)(v), upper_ = bits_ >> 16;               \
    const bfloat16_words rounded_ = (bits_ + 0x7fff + (upper_ & 1)) >> 16;                \
    const bfloat16_words is_nan_ = (bfloat16_words)((v) != (v));                          \
    *(bfloat16_halves *)(p) = __builtin_convertvector(                                    \
        (is_nan_ & (upper_ | 0x40)) | (~is_nan_ & rounded_), bfloat16_halves);            \
  } while (0)

#endif
