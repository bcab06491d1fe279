// Memory-bound loops over parameters. `__builtin_elementwise_sqrt` is the square root that does not
// set errno: with `sqrtf` the loop is not vectorized and takes three times as long.
#include "optimizers.h"

#include <stddef.h>

#include "clones.h"

CKERNELS_CLONES void ckernels_adam_step(long count, float *restrict p, const float *restrict g,
                                        float *restrict m, float *restrict v,
                                        float *restrict v_max,
                                        const struct ckernels_adam *scalars) {
  const struct ckernels_adam s = *scalars;
  if (v_max == NULL) {
    for (long i = 0; i < count; i++) {
      float gradient = g[i] + s.coupled_decay * p[i];
      m[i] += s.one_minus_beta1 * (gradient - m[i]);
      v[i] = s.beta2 * v[i] + s.one_minus_beta2 * gradient * gradient;
      float denominator = __builtin_elementwise_sqrt(v[i]) * s.inverse_correction2 + s.epsilon;
      p[i] = s.keep * p[i] - s.step_size * m[i] / denominator;
    }
  } else {
    for (long i = 0; i < count; i++) {
      float gradient = g[i] + s.coupled_decay * p[i];
      m[i] += s.one_minus_beta1 * (gradient - m[i]);
      v[i] = s.beta2 * v[i] + s.one_minus_beta2 * gradient * gradient;
      v_max[i] = v[i] > v_max[i] ? v[i] : v_max[i];
      float denominator = __builtin_elementwise_sqrt(v_max[i]) * s.inverse_correction2 + s.epsilon;
      p[i] = s.keep * p[i] - s.step_size * m[i] / denominator;
    }
  }
}

CKERNELS_CLONES void ckernels_sgd_step(long count, float *restrict p, const float *restrict g,
                                       float *restrict b, const struct ckernels_sgd *scalars) {
  const struct ckernels_sgd s = *scalars;
  if (b == NULL) {
    for (long i = 0; i < count; i++) p[i] -= s.rate * (g[i] + s.decay * p[i]);
    return;
  }
  const float old = s.first ? 0.0f : s.momentum;
  const float new = s.first ? 1.0f : s.one_minus_dampening;
  const float ahead = s.nesterov ? s.momentum : 1.0f;
  const float plain = s.nesterov ? 1.0f : 0.0f;
  for (long i = 0; i < count; i++) {
    float gradient = g[i] + s.decay * p[i];
    b[i] = old * b[i] + new * gradient;
    p[i] -= s.rate * (plain * gradient + ahead * b[i]);
  }
}

CKERNELS_CLONES void ckernels_scale(long count, float *restrict y, const float *restrict x,
                                    float factor) {
  for (long i = 0; i < count; i++) y[i] = factor * x[i];
}

CKERNELS_CLONES double ckernels_sum_of_squares(long count, const float *x) {
  enum { lanes = 16 };
  double partial[lanes] = {0};
  long whole = count - count % lanes;
  for (long i = 0; i < whole; i += lanes)
    for (int k = 0; k < lanes; k++) partial[k] += (double)x[i + k] * (double)x[i + k];
  for (long i = whole; i < count; i++) partial[i - whole] += (double)x[i] * (double)x[i];
  double sum = 0;
  for (int k = 0; k < lanes; k++) sum += partial[k];
  return sum;
}
