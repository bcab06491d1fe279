#include "bfloat16.h"

#include "clones.h"
#include "parallel.h"

enum { WIDTH = 16 };

typedef uint16_t halves __attribute__((vector_size(2 * WIDTH), aligned(2)));
typedef uint32_t words __attribute__((vector_size(4 * WIDTH), aligned(4)));

#define INLINE static inline __attribute__((always_inline))

INLINE void widen(const uint16_t *x, float *y) {
  *(words *)y = __builtin_convertvector(*(const halves *)x, words) << 16;
}

// Half a unit of the last place less one, and one more where the last place is odd, carry into the upper
// half what has to be rounded up. NaN could become infinity that way: it is cut off, and made quiet.
INLINE void narrow(const float *x, uint16_t *y) {
  const words bits = *(const words *)x, upper = bits >> 16;
  const words rounded = (bits + 0x7fff + (upper & 1)) >> 16;
  const words is_nan = (words)((bits & 0x7fffffff) > 0x7f800000);
  *(halves *)y = __builtin_convertvector((is_nan & (upper | 0x40)) | (~is_nan & rounded), halves);
}

INLINE void widen_run(int64_t count, const uint16_t *x, float *y) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) widen(x + i, y + i);
  for (; i < count; i++) {
    const union { uint32_t bits; float value; } number = {.bits = (uint32_t)x[i] << 16};
    y[i] = number.value;
  }
}

INLINE void narrow_run(int64_t count, const float *x, uint16_t *y) {
  int64_t i = 0;
  for (; i + WIDTH <= count; i += WIDTH) narrow(x + i, y + i);
  if (i == count) return;
  float rest[WIDTH] = {0};
  uint16_t rounded[WIDTH];
  for (int64_t k = 0; k < count - i; k++) rest[k] = x[i + k];
  narrow(rest, rounded);
  for (int64_t k = 0; k < count - i; k++) y[i + k] = rounded[k];
}

CKERNELS_CLONES void ckernels_widen_cells(int64_t cells, int64_t lanes, int64_t step,
                                          const uint16_t *x, float *y) {
  if (step == lanes) widen_run(cells * lanes, x, y);
  else if (lanes == WIDTH)
    for (int64_t i = 0; i < cells; i++) widen(x + i * step, y + i * WIDTH);
  else
    for (int64_t i = 0; i < cells; i++) widen_run(lanes, x + i * step, y + i * lanes);
}

CKERNELS_CLONES void ckernels_narrow_cells(int64_t cells, int64_t lanes, int64_t step,
                                           const float *x, uint16_t *y) {
  if (step == lanes) narrow_run(cells * lanes, x, y);
  else if (lanes == WIDTH)
    for (int64_t i = 0; i < cells; i++) narrow(x + i * WIDTH, y + i * step);
  else
    for (int64_t i = 0; i < cells; i++) narrow_run(lanes, x + i * lanes, y + i * step);
}

struct conversion {
  int64_t count;
  const void *x;
  void *y;
  int widens;
};

static void body(void *context, int thread, int threads) {
  const struct conversion *work = context;
  // Threads begin at multiples of a cache line.
  const int64_t blocks = (work->count + 63) / 64;
  const int64_t begin = 64 * (blocks * thread / threads);
  int64_t end = 64 * (blocks * (thread + 1) / threads);
  if (end > work->count) end = work->count;
  const int64_t count = end - begin;
  if (work->widens)
    ckernels_widen_cells(count, 1, 1, (const uint16_t *)work->x + begin, (float *)work->y + begin);
  else
    ckernels_narrow_cells(count, 1, 1, (const float *)work->x + begin,
                          (uint16_t *)work->y + begin);
}

static void convert(struct conversion work, int threads) {
  ckernels_parallel(work.count < 16384 ? 1 : threads, body, &work);
}

void ckernels_widen(int64_t count, const uint16_t *x, float *y, int threads) {
  convert((struct conversion){count, x, y, 1}, threads);
}

void ckernels_narrow(int64_t count, const float *x, uint16_t *y, int threads) {
  convert((struct conversion){count, x, y, 0}, threads);
}
