// Optimizer steps over one contiguous run of a parameter.
#ifndef CKERNELS_OPTIMIZERS_H
#define CKERNELS_OPTIMIZERS_H

/// The scalars of one Adam or AdamW step, after bias correction.
struct ckernels_adam {
  float one_minus_beta1;      // 1 - β₁
  float beta2;                // β₂
  float one_minus_beta2;      // 1 - β₂
  float step_size;            // η / (1 - β₁ᵗ)
  float inverse_correction2;  // 1 / √(1 - β₂ᵗ)
  float epsilon;              // outside the root
  float coupled_decay;        // L2: added to the gradient, times the parameter (Adam)
  float keep;                 // 1 - η·decay: the parameter is scaled by it first (AdamW)
};

/// m ← m + (1-β₁)(g - m),  v ← β₂ v + (1-β₂) g²,  p ← p - step_size m / (√v·inverse_correction2 + ε)
/// with g ← g + coupled_decay p and p ← keep p before. `v_max` is AMSGrad's running maximum of v,
/// which then takes the place of v under the root; NULL without it.
void ckernels_adam_step(long count, float *p, const float *g, float *m, float *v, float *v_max,
                        const struct ckernels_adam *scalars);

/// The scalars of one step of stochastic gradient descent.
struct ckernels_sgd {
  float rate;
  float momentum;
  float one_minus_dampening;
  float decay;
  int nesterov;
  int first;  // the first step with momentum: b = g, undamped
};

/// g ← g + decay p,  b ← momentum b + (1-dampening) g,  p ← p - rate (nesterov ? g + momentum b : b).
/// `b` is NULL without momentum: p ← p - rate g.
void ckernels_sgd_step(long count, float *p, const float *g, float *b,
                       const struct ckernels_sgd *scalars);

/// y = factor x.
void ckernels_scale(long count, float *y, const float *x, float factor);

/// Σ xᵢ², added in double precision in blocks of a fixed size, so that the sum depends on the
/// data alone.
double ckernels_sum_of_squares(long count, const float *x);

#endif
