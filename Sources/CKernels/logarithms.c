// oneDNN's logarithm is off by 1.4e-6 around 1, and so is its logarithm of a softmax: the loss of a
// sure and right answer would be that instead of 0, or less than 0. Its exponential of NaN is infinite,
// and one over that 0: a network that broke must not look sound behind it.
#include "logarithms.h"

#include <math.h>
#include <string.h>

#include "clones.h"
#include "logarithm_series.h"
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

// ---- four doubles at a time

CKERNELS_FUSED_CLONES
void ckernels_log_doubles(int64_t count, const double *x, double *y) {
  int64_t i = 0;
  for (; i + 4 <= count; i += 4) log_of_four((const double4 *)(x + i), (double4 *)(y + i));
  if (i == count) return;
  double4 rest = {1, 1, 1, 1};
  memcpy(&rest, x + i, (size_t)(count - i) * sizeof(double));
  log_of_four(&rest, &rest);
  memcpy(y + i, &rest, (size_t)(count - i) * sizeof(double));
}

CKERNELS_FUSED_CLONES
void ckernels_log_four(double a, double b, double c, double d, double y[4]) {
  const double4 x = {a, b, c, d};
  log_of_four(&x, (double4 *)y);
}

// The fourth-order iteration of Fritsch, Shafer and Crowley (CACM 16, 1973) for Wright's omega 1 + e,
// in e, which keeps its digits near 0.
CKERNELS_FUSED_CLONES
void ckernels_solve_logarithmic(double b0, double b1, double b2, double b3, double e[4],
                                double logarithm[4]) {
  enum { LIMIT = 4 };
  const double4 b = {b0, b1, b2, b3};
  const mask4 is_large = b >= 4;
  double4 x = b / 2 + b * b / 16, log_x;
  if (ANY(is_large)) {
    const double4 large = CHOOSE(is_large, b, (double4){0});
    log1p_of_four(&large, &log_x);
    x = CHOOSE(is_large, b - log_x, x);
  }
  // A number that has its digits stays as it is, whatever the others need.
  mask4 is_open = b == b;
  for (int iteration = 0; iteration < LIMIT && ANY(is_open); iteration++) {
    log1p_of_four(&x, &log_x);
    const double4 rest = b - x - log_x, y = 1 + x, t = 2 + x;
    // q and rest of the source over t², so that nothing overflows.
    const double4 reciprocal = 1 / t, r = rest * reciprocal, w = r * reciprocal;
    const double4 q = 2 + r * (4.0 / 3);
    x = CHOOSE(is_open, x + y * r * (q - w) / (q - 2 * w), x);
    // What is left is of the order of the fourth power of this.
    is_open &= rest * rest > 1e-10 * (b * b);
  }
  *(double4 *)e = x;
  *(double4 *)logarithm = b - x;
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
