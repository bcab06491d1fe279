// Logarithms of four doubles at a time, which the library's function does not compute.
//
// With x = 2^e f and f from 1/sqrt(2) to sqrt(2), log f is the series of 2 artanh z in
// z = (f - 1) / (f + 1), of which 10 terms do.
//
// Vectors are passed by address: as values they would be passed otherwise in every instruction set.
#ifndef CKERNELS_LOGARITHM_SERIES_H
#define CKERNELS_LOGARITHM_SERIES_H
#include <stdint.h>

typedef double double4 __attribute__((vector_size(32), aligned(8)));
typedef uint64_t word4 __attribute__((vector_size(32), aligned(8)));
typedef int64_t mask4 __attribute__((vector_size(32), aligned(8)));

#define SERIES static inline __attribute__((always_inline))
#define CHOOSE(mask, a, b) ((double4)(((mask4)(a) & (mask)) | ((mask4)(b) & ~(mask))))
#define ANY(mask) ((mask)[0] | (mask)[1] | (mask)[2] | (mask)[3])

/// x = 2^e f; f and 1024 + e, which is positive for positive and normal numbers.
SERIES void split_four(const double4 *x, word4 *exponent, double4 *f) {
  const uint64_t root = 0x3fe6a09e667f3bcd, bias = (uint64_t)1024 << 52;
  *exponent = ((word4)*x + (bias - root)) >> 52;
  *f = (double4)((word4)*x - ((*exponent - 1024) << 52));
}

/// e log 2 + 2 artanh(above / below), e as above.
SERIES void sum_series(const double4 *above, const double4 *below, const word4 *exponent,
                       double4 *y) {
  // The bits of 2^52 hold the number that is added to it.
  const double4 e = (double4)(*exponent | 0x4330000000000000) - (0x1p52 + 1024);
  const double4 z = *above / *below, square = z * z;
  // 1/3 + square/5 + ... + square^8/19, in pairs: a chain would be waited for.
  const double4 fourth = square * square, eighth = fourth * fourth;
  const double4 first = (1.0 / 3 + square * (1.0 / 5)) + fourth * (1.0 / 7 + square * (1.0 / 9));
  const double4 last = (1.0 / 11 + square * (1.0 / 13)) + fourth * (1.0 / 15 + square * (1.0 / 17));
  const double4 sum = first + eighth * (last + eighth * (1.0 / 19));
  *y = e * 0x1.62e42fefa3800p-1 + (2 * z + (2 * z * square * sum + e * 0x1.ef35793c76730p-45));
}

/// y = log x, to 2e-16 relative, of positive and normal numbers.
SERIES void log_of_four(const double4 *x, double4 *y) {
  word4 exponent;
  double4 f;
  split_four(x, &exponent, &f);
  const double4 above = f - 1, below = f + 1;
  sum_series(&above, &below, &exponent, y);
}

/// y = log(1 + d), to 2e-16 relative, where 1 + d is positive and normal: z comes from d itself where e = 0.
SERIES void log1p_of_four(const double4 *d, double4 *y) {
  const double4 x = 1 + *d;
  word4 exponent;
  double4 f;
  split_four(&x, &exponent, &f);
  const mask4 is_near = (mask4)(exponent == 1024);
  const double4 above = CHOOSE(is_near, *d, f - 1), below = CHOOSE(is_near, 2 + *d, f + 1);
  sum_series(&above, &below, &exponent, y);
}

#endif
