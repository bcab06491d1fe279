// Winograd's F(2×2, 3×3): with tiles d of 4×4 inputs that overlap by two, a filter g of 3×3 and
// ξ = 1 … 16 the cells of a 4×4 tile,
//
//     u = G g Gᵀ,   v = Bᵀ d B,   m_ξ = Σ_inputs u_ξ v_ξ,   y = Aᵀ m A   (2×2 outputs)          (1)
//     dg = Gᵀ [Σ_tiles (A dy Aᵀ)_ξ v_ξ] G                                                    (2)
//
// which takes 16 products where the definition takes 36. The sums over channels in (1) and over
// tiles in (2) are 16 matrix products. dx of (1) is the same convolution of dy with the filter
// turned by a half turn and the roles of inputs and outputs exchanged.
//
// Everything is added in an order that the extents fix, whatever the number of threads.
//
// - Source: Lavin & Gray, CVPR 2016.
#include "winograd_table.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

static const struct ckernels_winograd_table *table(struct ckernels_winograd shape) {
  return shape.lanes == 16 ? &ckernels_winograd_16 : &ckernels_winograd_8;
}

int64_t ckernels_winograd_scratch(struct ckernels_winograd shape, int threads) {
  return table(shape)->scratch(shape, threads);
}

void ckernels_winograd(struct ckernels_winograd shape, const float *x, const float *w, float *y,
                       float *scratch, int threads) {
  table(shape)->forward(shape, x, w, y, scratch, threads);
}

void ckernels_winograd_backward(struct ckernels_winograd shape, const float *dy, const float *w,
                                float *dx, float *scratch, int threads) {
  table(shape)->backward(shape, dy, w, dx, scratch, threads);
}

int64_t ckernels_winograd_weights_scratch(struct ckernels_winograd shape) {
  return table(shape)->weights_scratch(shape);
}

void ckernels_winograd_weights(struct ckernels_winograd shape, const float *x, const float *dy,
                               float *dw, float *scratch, int threads) {
  table(shape)->weights(shape, x, dy, dw, scratch, threads);
}

int ckernels_halves_wide_vectors(void) {
#if defined(__x86_64__)
  unsigned a, b, c, d;
  if (!__get_cpuid(0, &a, &b, &c, &d)) return 0;
  // "AuthenticAMD"; the family of Zen 3 and Zen 4, of which the latter has 512 bits.
  const int is_amd = b == signature_AMD_ebx && c == signature_AMD_ecx && d == signature_AMD_edx;
  if (!is_amd || !__get_cpuid(1, &a, &b, &c, &d)) return 0;
  return (a >> 8 & 0xf) == 0xf && (a >> 20 & 0xff) == 0xa;
#else
  return 0;
#endif
}
