/// The direction of Eq. 6's divergence between the two sides of Eq. 5.
///
/// p = normalize(ρ e^{λ/w_c}) is the coarse map's side, q = A normalize(τ e^{−Aᵀλ/w_f}) the fine
/// map's. Both directions vanish exactly where λ is optimal.
///
/// - Source: Ron et al., ICML 2022, eqs. 5-6.
public enum Divergence: String, Sendable, Equatable, CaseIterable {
  /// KL(p‖q), coarse against fine: the direction that the published code trains with.
  ///
  /// Infinite where the coarse side has mass in a window that the fine side leaves empty.
  case coarseFromFine = "coarse-fine"
  /// KL(q‖p), fine against coarse. Times w_c it is the duality gap of (μ_λ, q) for any A.
  ///
  /// Infinite where the fine side has mass in a cell that the coarse side leaves empty.
  case fineFromCoarse = "fine-coarse"
}
