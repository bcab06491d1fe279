// oneDNN's logarithm is off by 1.4e-6 around 1, and so is its logarithm of a softmax: the loss of a
// sure and right answer would be that instead of 0, or less than 0. Its exponential of NaN is infinite,
// and one over that 0: a network that broke must not look sound behind it.
#include "logarithms.h"

#include <math.h>

#include "parallel.h"

// Threads are worth waking for more work than this.
enum { SMALL = 2048 };

// ---- y = eˣ, y = ln x

struct function {
  int64_t count;
  const float *x;
  float *y;
};

static void exp_body(void *context, int thread, int threads) {
  const struct function *work = context;
  const int64_t end = work->count * (thread + 1) / threads;
  for (int64_t i = work->count * thread / threads; i < end; i++) work->y[i] = expf(work->x[i]);
}

static void log_body(void *context, int thread, int threads) {
  const struct function *work = context;
  const int64_t end = work->count * (thread + 1) / threads;
  for (int64_t i = work->count * thread / threads; i < end; i++) work->y[i] = logf(work->x[i]);
}

void ckernels_exponential(int64_t count, const float *x, float *y, int threads) {
  struct function work = {count, x, y};
  ckernels_parallel(count < SMALL ? 1 : threads, exp_body, &work);
}

void ckernels_log(int64_t count, const float *x, float *y, int threads) {
  struct function work = {count, x, y};
  ckernels_parallel(count < SMALL ? 1 : threads, log_body, &work);
}

// ---- y = x − m − ln Σ exp(x − m), m the largest x

struct log_softmax {
  int64_t outer, length, inner;
  const float *x;
  float *y;
};

static void log_softmax_vector(int64_t length, int64_t stride, const float *x, float *y) {
  float largest = x[0];
  for (int64_t i = 1; i < length; i++) {
    const float v = x[i * stride];
    if (v > largest) largest = v;
  }
  double sum = 0;
  for (int64_t i = 0; i < length; i++) sum += expf(x[i * stride] - largest);
  const double logarithm = log(sum);
  for (int64_t i = 0; i < length; i++)
    y[i * stride] = (float)((double)x[i * stride] - largest - logarithm);
}

static void log_softmax_body(void *context, int thread, int threads) {
  const struct log_softmax *work = context;
  const int64_t vectors = work->outer * work->inner, end = vectors * (thread + 1) / threads;
  for (int64_t v = vectors * thread / threads; v < end; v++) {
    const int64_t start = v / work->inner * work->length * work->inner + v % work->inner;
    log_softmax_vector(work->length, work->inner, work->x + start, work->y + start);
  }
}

void ckernels_log_softmax(int64_t outer, int64_t length, int64_t inner, const float *x, float *y,
                          int threads) {
  struct log_softmax work = {outer, length, inner, x, y};
  if (length == 0) return;
  ckernels_parallel(outer * length * inner < SMALL ? 1 : threads, log_softmax_body, &work);
}
