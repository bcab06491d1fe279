// Eq. 4's closed form on pooled grids with both weights 1, for floats, at the speed of memory.
#ifndef CKERNELS_PROJECTION_POOL_H
#define CKERNELS_PROJECTION_POOL_H
#include <stdint.h>

/// A plane grid and the blocks it is pooled by.
struct ckernels_pooling {
  int64_t coarse_height, coarse_width, factor_height, factor_width;
};

/// What is left to know of one instance besides its maps.
struct ckernels_pool_summary {
  /// -2 log sum_i sqrt(a_i rho_i) of the normalized maps, accurate relative to itself.
  double value;
  /// max |A mu - nu| of the maps as stored, or a bound on it.
  double residual;
  /// Whether this loop can be trusted with the instance: not with negative, infinite or undefined
  /// entries, nor with products so small that floats lose them. Its maps are undefined if not.
  int32_t is_plain;
};

/// Projects `count` instances of probabilities. `workspace` has room for 3 * (n + 15) floats. With
/// `streams` the results bypass the cache; they then have to be aligned to 16 bytes.
void ckernels_pool_project(int64_t count, struct ckernels_pooling pooling, const float *fine,
                           const float *coarse, float *projected_fine, float *projected_coarse,
                           struct ckernels_pool_summary *summaries, float *workspace, int streams);

/// The same from potentials. `workspace` has room for 5 * (n + 15) + m + 15 floats.
void ckernels_pool_project_potentials(int64_t count, struct ckernels_pooling pooling,
                                      const float *fine, const float *coarse,
                                      float *projected_fine, float *projected_coarse,
                                      struct ckernels_pool_summary *summaries, float *workspace,
                                      int streams);

/// The gradients of sum dmu mu + sum dnu nu with respect to the potentials of `count` projections,
/// for any weights. `workspace` has room for 2 * (n + 15) floats.
void ckernels_pool_pull_back(int64_t count, struct ckernels_pooling pooling, float fine_weight,
                             float coarse_weight, const float *fine, const float *coarse,
                             const float *fine_cotangents, const float *coarse_cotangents,
                             float *fine_gradients, float *coarse_gradients, float *workspace,
                             int streams);

#endif
