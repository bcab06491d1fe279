#include "logarithm_series.h"
#include "pool_vectors.h"

#if defined(__x86_64__) && defined(__ELF__)
#include <immintrin.h>
#endif

// One instance at a time, so that what the first pass reads the last one finds in the first-level
// cache: a_i = sum of a block and g_i = sqrt(a_i rho_i); then nu_i = g_i / S and mu_j = tau_j nu_i / a_i.

/// Sums blocks of any size; returns a negative number if an entry has its sign bit set.
INLINE int32_t pool_blocks(struct ckernels_pooling p, const float *restrict fine,
                           float *restrict marginal) {
  const int64_t width = p.factor_width * p.coarse_width;
  int32_t signs = 0;
  for (int64_t i = 0; i < p.coarse_height; i++) {
    float *restrict sums = marginal + i * p.coarse_width;
    for (int64_t k = 0; k < p.coarse_width; k++) sums[k] = 0;
    for (int64_t u = 0; u < p.factor_height; u++) {
      const float *row = fine + (i * p.factor_height + u) * width;
      for (int64_t k = 0; k < p.coarse_width; k++)
        for (int64_t v = 0; v < p.factor_width; v++) {
          const float value = row[k * p.factor_width + v];
          int32_t bits;
          memcpy(&bits, &value, sizeof bits);
          signs |= bits;
          sums[k] += value;
        }
    }
  }
  return signs;
}

/// Scales blocks of any size; returns max |A mu - nu|, summed in doubles.
INLINE double expand_blocks(struct ckernels_pooling p, const float *restrict fine,
                           const float *restrict scale, const float *restrict projected,
                           float *restrict out) {
  const int64_t width = p.factor_width * p.coarse_width;
  double worst = 0;
  for (int64_t i = 0; i < p.coarse_height; i++) {
    for (int64_t u = 0; u < p.factor_height; u++) {
      const int64_t row = (i * p.factor_height + u) * width;
      for (int64_t k = 0; k < p.coarse_width; k++) {
        const float factor = scale[i * p.coarse_width + k];
        for (int64_t v = 0; v < p.factor_width; v++)
          out[row + k * p.factor_width + v] = fine[row + k * p.factor_width + v] * factor;
      }
    }
    for (int64_t k = 0; k < p.coarse_width; k++) {
      double sum = -(double)projected[i * p.coarse_width + k];
      for (int64_t u = 0; u < p.factor_height; u++)
        for (int64_t v = 0; v < p.factor_width; v++)
          sum += (double)out[(i * p.factor_height + u) * width + k * p.factor_width + v];
      worst = fabs(sum) > worst ? fabs(sum) : worst;
    }
  }
  return worst;
}

/// Of nu_i that are sums of 2 x 2 floats, two by two: what the two roundings of each leave of
/// |A mu - nu| at most.
#define SUM_ERROR 0x1.00001p-23

/// mu_j = mass_j g_i / (S times the mass of the block) and nu_i = g_i / S, for pairs their sums;
/// returns max |A mu - nu| or a bound on it.
INLINE double expand(struct ckernels_pooling p, int paired, const float *restrict masses,
                     const float *restrict marginal, float *restrict mean, float *restrict scale,
                     float total, float *restrict mu, float *restrict nu, int streams) {
  const int64_t n = pool_coarse_count(p), width = 2 * p.coarse_width;
  const float16 reciprocal = ALL(1 / total);
  if (!paired) {
    for (int64_t k = 0; k < n; k += 16) {
      const float16 normalized = LOAD(mean + k) * reciprocal;
      PUT(nu + k, normalized, n - k, 0);
      STORE(mean + k, normalized);
      STORE(scale + k, normalized / MAX_POSITIVE(LOAD(marginal + k), ALL(FLT_MIN)));
    }
    return expand_blocks(p, masses, scale, mean, mu);
  }
  float16 largest = {0};
  FOR_PAIRS(p, k, start) {
    const float16 normalized = LOAD(mean + k) * reciprocal;
    const float16 factor = normalized / MAX_POSITIVE(LOAD(marginal + k), ALL(FLT_MIN));
    const float16 low = TWICE_LOW(factor), high = TWICE_HIGH(factor);
    const float *upper = masses + start, *lower = upper + width;
    const float16 ul = LOAD(upper) * low, ur = LOAD(upper + 16) * high;
    const float16 ll = LOAD(lower) * low, lr = LOAD(lower + 16) * high;
    const float16 sum = SUM_PAIRS(ul + ll, ur + lr);
    PUT(nu + k, sum, 16, streams);
    PUT(mu + start, ul, 16, streams);
    PUT(mu + start + 16, ur, 16, streams);
    PUT(mu + start + width, ll, 16, streams);
    PUT(mu + start + width + 16, lr, 16, streams);
    largest = MAX_POSITIVE(largest, sum);
  }
  return SUM_ERROR * (double)largest16(&largest);
}

/// 1 - sum_i sqrt(a_i rho_i) for maps of sums 1 / scale_a and 1 / scale_rho that nearly agree:
/// half the sum of (sqrt(a_i) - sqrt(rho_i))^2, without the cancellation.
INLINE double small_deficit(int64_t n, const float *a, float scale_a, const float *rho,
                            float scale_rho) {
  float16 sum = {0};
  for (int64_t k = 0; k < n; k += 16) {
    GET(x, a + k, n - k, 0.0f);
    GET(y, rho + k, n - k, 0.0f);
    const float16 p = x * scale_a, q = y * scale_rho, difference = p - q;
    const float16 size = p + q + 2 * SQRT(p * q);
    sum += difference * difference / MAX(size, ALL(FLT_MIN));
  }
  return 0.5 * (double)sum16(&sum);
}

/// Half of this loses half of the digits of 1 - affinity to cancellation.
#define SMALL_DEFICIT 1e-3

/// Whether floats lose digits of some a_i rho_i although neither is zero, or rho_i has a sign.
INLINE int loses_digits(int64_t n, const float *restrict marginal, const float *restrict rho) {
  for (int64_t k = 0; k < n; k++) {
    const float least = marginal[k] * rho[k] < marginal[k] ? marginal[k] * rho[k] : marginal[k];
    if (signbit(rho[k]) || (least < FLT_MIN && marginal[k] > 0 && rho[k] > 0)) return 1;
  }
  return 0;
}

/// One instance of probabilities, in blocks of any size.
INLINE void project_one(struct ckernels_pooling p, const float *restrict tau,
                        const float *restrict rho, float *restrict mu, float *restrict nu,
                        struct ckernels_pool_summary *summary, float *restrict workspace) {
  const int64_t n = pool_coarse_count(p), padded = pool_padded(n);
  float *marginal = workspace, *mean = marginal + padded, *scale = mean + padded;
  float16 least = ALL(INFINITY), sum_a = {0}, sum_rho = {0}, sum_g = {0};
  int16 signs = {0};
  signs |= pool_blocks(p, tau, marginal);
  for (int64_t k = 0; k < padded; k += 16) {
    const float16 a = LOAD(marginal + k);
    GET(r, rho + k, n - k, 0.0f);
    const float16 product = a * r, g = SQRT(product);
    signs |= (int16)r;
    least = MIN_POSITIVE(least, MIN_POSITIVE(a, product));
    sum_a += a;
    sum_rho += r;
    sum_g += g;
    STORE(mean + k, g);
  }
  const float total_a = sum16(&sum_a), total_rho = sum16(&sum_rho), total = sum16(&sum_g);
  summary->is_plain = __builtin_reduce_or(signs) >= 0 && total > 1e-15f && total_a < 1e15f &&
                      total_rho < 1e15f &&
                      (least16(&least) >= FLT_MIN || !loses_digits(n, marginal, rho));
  summary->value = 0;
  if (!summary->is_plain) return;
  summary->residual = expand(p, 0, tau, marginal, mean, scale, total, mu, nu, 0);
  summary->value = 1 - (double)total / sqrt((double)total_a * (double)total_rho);
  if (summary->value < SMALL_DEFICIT)
    summary->value = small_deficit(n, marginal, 1 / total_a, rho, 1 / total_rho);
}

// The same in 2 x 2 blocks, for each instruction set with an estimate of 1 / sqrt x of its own. The
// attribute `target_clones` has no place for it: its functions have one text for all.
#define LANES 8
#define NAMED(name) name##_anywhere
#define TARGET
#define ESTIMATE(x) (1 / SQRT(x))
#define APART(x)
#define OR_READ(x, p) x |= *(const typeof(x) *)(p)
#include "pool_square.h"

#if defined(__x86_64__) && defined(__ELF__)
#define LANES 8
#define NAMED(name) name##_avx2
#define TARGET __attribute__((target("avx2,fma")))
#define ESTIMATE(x) ((float_vector_avx2)_mm256_rsqrt_ps((__m256)(x)))
#define APART(x) __asm__("" : "+x"(x))
#define OR_READ(x, p) __asm__("vorps %1, %0, %0" : "+x"(x) : "m"(*(const typeof(x) *)(p)))
#include "pool_square.h"

#define LANES 16
#define NAMED(name) name##_avx512
#define TARGET __attribute__((target("avx512f,avx2,fma")))
#define ESTIMATE(x) ((float_vector_avx512)_mm512_rsqrt14_ps((__m512)(x)))
#define APART(x)
#define OR_READ(x, p) x |= *(const typeof(x) *)(p)
#include "pool_square.h"
#endif

/// Turns potentials into masses e^{phi_j - top_i}, top_i the largest potential of the block, and sums
/// them.
INLINE void exponentiate_pairs(struct ckernels_pooling p, const float *restrict phi,
                               float *restrict top, float *restrict marginal,
                               float *restrict masses) {
  const int64_t width = 2 * p.coarse_width;
  FOR_PAIRS(p, k, start) {
    const float *upper = phi + start, *lower = upper + width;
    const float16 ul = LOAD(upper), ur = LOAD(upper + 16), ll = LOAD(lower), lr = LOAD(lower + 16);
    const float16 largest = MAX(MAX_PAIRS(MAX(ul, ll), MAX(ur, lr)), ALL(-FLT_MAX));
    const float16 low = TWICE_LOW(largest), high = TWICE_HIGH(largest);
    const float16 eul = EXP(ul - low), eur = EXP(ur - high);
    const float16 ell = EXP(ll - low), elr = EXP(lr - high);
    STORE(masses + start, eul);
    STORE(masses + start + 16, eur);
    STORE(masses + start + width, ell);
    STORE(masses + start + width + 16, elr);
    STORE(top + k, largest);
    STORE(marginal + k, SUM_PAIRS(eul + ell, eur + elr));
  }
}

/// The same for blocks of any size, short of the sums; `masses` has room for a multiple of 16.
INLINE void exponentiate_blocks(struct ckernels_pooling p, const float *restrict phi,
                                float *restrict top, float *restrict masses) {
  const int64_t width = p.factor_width * p.coarse_width;
  const int64_t m = p.coarse_height * p.factor_height * width;
  for (int64_t i = 0; i < p.coarse_height; i++) {
    float *restrict largest = top + i * p.coarse_width;
    for (int64_t k = 0; k < p.coarse_width; k++) largest[k] = -FLT_MAX;
    for (int64_t u = 0; u < p.factor_height; u++) {
      const float *row = phi + (i * p.factor_height + u) * width;
      for (int64_t k = 0; k < p.coarse_width; k++)
        for (int64_t v = 0; v < p.factor_width; v++) {
          const float value = row[k * p.factor_width + v];
          largest[k] = value > largest[k] ? value : largest[k];
        }
    }
    for (int64_t u = 0; u < p.factor_height; u++) {
      const int64_t row = (i * p.factor_height + u) * width;
      for (int64_t k = 0; k < p.coarse_width; k++)
        for (int64_t v = 0; v < p.factor_width; v++)
          masses[row + k * p.factor_width + v] = phi[row + k * p.factor_width + v] - largest[k];
    }
  }
  for (int64_t j = 0; j < m; j += 16) STORE(masses + j, EXP(LOAD(masses + j)));
}

/// One instance of potentials.
INLINE void project_potentials_one(struct ckernels_pooling p, int paired,
                                   const float *restrict phi, const float *restrict psi,
                                   float *restrict mu, float *restrict nu,
                                   struct ckernels_pool_summary *summary,
                                   float *restrict workspace, int streams) {
  const int64_t n = pool_coarse_count(p), padded = pool_padded(n);
  float *top = workspace, *marginal = top + padded, *rho = marginal + padded;
  float *mean = rho + padded, *scale = mean + padded, *masses = scale + padded;
  if (paired) {
    exponentiate_pairs(p, phi, top, marginal, masses);
  } else {
    exponentiate_blocks(p, phi, top, masses);
    pool_blocks(p, masses, marginal);
  }

  // log a_i = top_i + log s_i with s_i between 1 and the size of a block: with both maps'
  // exponentials halved, g_i = sqrt(s_i) e^{top_i / 2} e^{psi_i / 2} needs no logarithm.
  float16 top_fine = ALL(-FLT_MAX), top_coarse = top_fine, top_both = top_fine;
  for (int64_t k = 0; k < n; k += 16) {
    GET(x, top + k, n - k, -FLT_MAX);
    GET(y, psi + k, n - k, -INFINITY);
    top_fine = MAX(top_fine, x);
    top_coarse = MAX(top_coarse, y);
    top_both = MAX(top_both, 0.5f * x + 0.5f * y);
  }
  const float reference_fine = __builtin_reduce_max(top_fine);
  const float reference_coarse = __builtin_reduce_max(top_coarse);
  const float overlap =
      __builtin_reduce_max(top_both) - 0.5f * reference_fine - 0.5f * reference_coarse;
  float16 sum_a = {0}, sum_rho = {0}, sum_g = {0};
  for (int64_t k = 0; k < padded; k += 16) {
    GET(x, top + k, n - k, -FLT_MAX);
    GET(y, psi + k, n - k, -INFINITY);
    const float16 s = LOAD(marginal + k);
    const float16 u = EXP(0.5f * (x - reference_fine)), v = EXP(0.5f * (y - reference_coarse));
    const float16 a = s * u * u, r = v * v, g = SQRT(s) * u * v;
    sum_a += a;
    sum_rho += r;
    sum_g += g;
    STORE(top + k, a);
    STORE(rho + k, r);
    STORE(mean + k, g);
  }
  const float total_a = sum16(&sum_a), total_rho = sum16(&sum_rho), total = sum16(&sum_g);
  // An undefined or infinite entry makes a sum undefined; maps that hardly overlap, or are far
  // from zero, lose digits to the size of their potentials.
  summary->is_plain = total > 0 && total_a > 0 && total_rho > 0 && overlap > -16 &&
                      fabsf(reference_fine) < 64 && fabsf(reference_coarse) < 64;
  summary->value = 0;
  if (!summary->is_plain) return;

  summary->residual =
      expand(p, paired, masses, marginal, mean, scale, total, mu, nu, streams);
  summary->value = 1 - (double)total / sqrt((double)total_a * (double)total_rho);
  if (summary->value < SMALL_DEFICIT)
    summary->value = small_deficit(n, top, 1 / total_a, rho, 1 / total_rho);
}

/// Sums u_j v_j over blocks of any size.
INLINE void pool_products(struct ckernels_pooling p, const float *restrict u,
                          const float *restrict v, float *restrict sums) {
  const int64_t width = p.factor_width * p.coarse_width;
  for (int64_t i = 0; i < p.coarse_height; i++) {
    for (int64_t k = 0; k < p.coarse_width; k++) sums[i * p.coarse_width + k] = 0;
    for (int64_t h = 0; h < p.factor_height; h++) {
      const int64_t row = (i * p.factor_height + h) * width;
      for (int64_t k = 0; k < p.coarse_width; k++)
        for (int64_t w = 0; w < p.factor_width; w++) {
          const int64_t j = row + k * p.factor_width + w;
          sums[i * p.coarse_width + k] += u[j] * v[j];
        }
    }
  }
}

/// out_j = u_j (v_j + shift_i) over blocks of any size.
INLINE void shift_blocks(struct ckernels_pooling p, const float *restrict u,
                         const float *restrict v, const float *restrict shift,
                         float *restrict out) {
  const int64_t width = p.factor_width * p.coarse_width;
  for (int64_t i = 0; i < p.coarse_height; i++)
    for (int64_t h = 0; h < p.factor_height; h++) {
      const int64_t row = (i * p.factor_height + h) * width;
      for (int64_t k = 0; k < p.coarse_width; k++)
        for (int64_t w = 0; w < p.factor_width; w++) {
          const int64_t j = row + k * p.factor_width + w;
          out[j] = u[j] * (v[j] + shift[i * p.coarse_width + k]);
        }
    }
}

/// One instance, by the equations at the head of PartitionPullBack.swift.
INLINE void pull_back_one(struct ckernels_pooling p, int paired, float fine_weight,
                          float coarse_weight, const float *restrict mu, const float *restrict nu,
                          const float *restrict dmu, const float *restrict dnu,
                          float *restrict dphi, float *restrict dpsi, float *restrict workspace,
                          int streams) {
  const int64_t n = pool_coarse_count(p), padded = pool_padded(n), width = 2 * p.coarse_width;
  const float harmonic = fine_weight / (fine_weight + coarse_weight) * coarse_weight;
  const float coarse_rate = harmonic / coarse_weight, fine_rate = harmonic / fine_weight;
  float *inside = workspace, *shift = inside + padded;
  float16 sum_fine = {0}, sum_coarse = {0};
#define GATHER(moved, x, dx, k)                                                                   \
  do {                                                                                            \
    sum_fine += (moved);                                                                          \
    sum_coarse += (x) * (dx);                                                                     \
    STORE(inside + k, (moved) / MAX_POSITIVE(x, ALL(FLT_MIN)));                                   \
  } while (0)
  if (paired) {
    FOR_PAIRS(p, k, start) {
      const float *a = mu + start, *b = dmu + start;
      const float16 left = LOAD(a) * LOAD(b) + LOAD(a + width) * LOAD(b + width);
      const float16 right =
          LOAD(a + 16) * LOAD(b + 16) + LOAD(a + width + 16) * LOAD(b + width + 16);
      const float16 moved = SUM_PAIRS(left, right), x = LOAD(nu + k), dx = LOAD(dnu + k);
      GATHER(moved, x, dx, k);
    }
  } else {
    pool_products(p, mu, dmu, inside);
    for (int64_t k = 0; k < padded; k += 16) {
      const float16 moved = LOAD(inside + k);
      GET(x, nu + k, n - k, 0.0f);
      GET(dx, dnu + k, n - k, 0.0f);
      GATHER(moved, x, dx, k);
    }
  }
  const float mean_fine = sum16(&sum_fine), mean_coarse = sum16(&sum_coarse);
#define SHIFT(x, dx, k, streams)                                                                  \
  ({                                                                                              \
    const float16 pull = (dx) - mean_coarse;                                                      \
    const float16 v = coarse_rate * pull - fine_rate * (LOAD(inside + k) - mean_fine);            \
    PUT(dpsi + k, (x) * (pull - v), n - k, streams);                                              \
    v - mean_fine;                                                                                \
  })
  if (paired) {
    FOR_PAIRS(p, k, start) {
      const float16 s = SHIFT(LOAD(nu + k), LOAD(dnu + k), k, streams);
      const float16 low = TWICE_LOW(s), high = TWICE_HIGH(s);
      for (int64_t j = start; j <= start + width; j += width) {
        PUT(dphi + j, LOAD(mu + j) * (LOAD(dmu + j) + low), 16, streams);
        PUT(dphi + j + 16, LOAD(mu + j + 16) * (LOAD(dmu + j + 16) + high), 16, streams);
      }
    }
  } else {
    for (int64_t k = 0; k < padded; k += 16) {
      GET(x, nu + k, n - k, 0.0f);
      GET(dx, dnu + k, n - k, 0.0f);
      STORE(shift + k, SHIFT(x, dx, k, 0));
    }
    shift_blocks(p, mu, dmu, shift, dphi);
  }
}

/// Turns deficits into values, -2 log(1 - d).
CKERNELS_FUSED_CLONES
static void value_deficits(int64_t count, struct ckernels_pool_summary *summaries) {
  for (int64_t first = 0; first < count; first += 4) {
    const int64_t size = count - first < 4 ? count - first : 4;
    double4 d = {0};
    for (int64_t b = 0; b < size; b++) d[b] = -summaries[first + b].value;
    log1p_of_four(&d, &d);
    for (int64_t b = 0; b < size; b++) summaries[first + b].value = -2 * d[b];
  }
}

CKERNELS_FUSED_CLONES
static void project_blocks(int64_t count, struct ckernels_pooling p, const float *fine,
                           const float *coarse, float *projected_fine, float *projected_coarse,
                           struct ckernels_pool_summary *summaries, float *workspace) {
  const int64_t m = pool_fine_count(p), n = pool_coarse_count(p);
  memset(workspace, 0, (size_t)(3 * pool_padded(n)) * sizeof(float));
  for (int64_t b = 0; b < count; b++)
    project_one(p, fine + b * m, coarse + b * n, projected_fine + b * m, projected_coarse + b * n,
                summaries + b, workspace);
}

void ckernels_pool_project(int64_t count, struct ckernels_pooling p, const float *fine,
                           const float *coarse, float *projected_fine, float *projected_coarse,
                           struct ckernels_pool_summary *summaries, float *workspace,
                           int streams) {
  if (pool_is_paired(p)) {
#if defined(__x86_64__) && defined(__ELF__)
    const int has_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    typeof(&project_all_anywhere) project =
        has_fma && __builtin_cpu_supports("avx512f") ? project_all_avx512
        : has_fma                                    ? project_all_avx2
                                                     : project_all_anywhere;
#else
    typeof(&project_all_anywhere) project = project_all_anywhere;
#endif
    project(count, p, fine, coarse, projected_fine, projected_coarse, summaries, workspace,
            streams);
  } else {
    project_blocks(count, p, fine, coarse, projected_fine, projected_coarse, summaries, workspace);
  }
  value_deficits(count, summaries);
}

CKERNELS_FUSED_CLONES
void ckernels_pool_project_potentials(int64_t count, struct ckernels_pooling p, const float *fine,
                                      const float *coarse, float *projected_fine,
                                      float *projected_coarse,
                                      struct ckernels_pool_summary *summaries, float *workspace,
                                      int streams) {
  const int64_t m = pool_fine_count(p), n = pool_coarse_count(p);
  memset(workspace, 0, (size_t)(5 * pool_padded(n)) * sizeof(float));
  if (pool_is_paired(p))
    for (int64_t b = 0; b < count; b++)
      project_potentials_one(p, 1, fine + b * m, coarse + b * n, projected_fine + b * m,
                             projected_coarse + b * n, summaries + b, workspace, streams);
  else
    for (int64_t b = 0; b < count; b++)
      project_potentials_one(p, 0, fine + b * m, coarse + b * n, projected_fine + b * m,
                             projected_coarse + b * n, summaries + b, workspace, 0);
  value_deficits(count, summaries);
}

CKERNELS_FUSED_CLONES
void ckernels_pool_pull_back(int64_t count, struct ckernels_pooling p, float fine_weight,
                             float coarse_weight, const float *fine, const float *coarse,
                             const float *fine_cotangents, const float *coarse_cotangents,
                             float *fine_gradients, float *coarse_gradients, float *workspace,
                             int streams) {
  const int64_t m = pool_fine_count(p), n = pool_coarse_count(p);
  memset(workspace, 0, (size_t)(2 * pool_padded(n)) * sizeof(float));
  if (pool_is_paired(p))
    for (int64_t b = 0; b < count; b++)
      pull_back_one(p, 1, fine_weight, coarse_weight, fine + b * m, coarse + b * n,
                    fine_cotangents + b * m, coarse_cotangents + b * n, fine_gradients + b * m,
                    coarse_gradients + b * n, workspace, streams);
  else
    for (int64_t b = 0; b < count; b++)
      pull_back_one(p, 0, fine_weight, coarse_weight, fine + b * m, coarse + b * n,
                    fine_cotangents + b * m, coarse_cotangents + b * n, fine_gradients + b * m,
                    coarse_gradients + b * n, workspace, 0);
}
