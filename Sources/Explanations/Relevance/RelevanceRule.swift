/// How a layer with weights shares out relevance among its inputs.
///
/// With z_k = Σ_j a_j w_jk + b_k, (a w)⁺ and (a w)⁻ the positive and negative terms, z⁺ and z⁻ their
/// sums with the bias's:
public enum RelevanceRule: Sendable, Equatable {
  /// R_j = a_j Σ_k w_jk R_k/(z_k + ε sign z_k), with sign 0 = 1.
  case epsilon(Float)
  /// The ε rule with positive terms counted 1 + γ times where z_k > 0, negative ones where z_k ≤ 0.
  case gamma(Float)
  /// R_j = Σ_k (α (a w)⁺_jk/z⁺_k − β (a w)⁻_jk/z⁻_k) R_k, α − β = 1.
  case alphaBeta(alpha: Float, beta: Float)
  /// R_j = Σ_k (a w)⁺_jk/z⁺_k R_k
  case zPlus
  /// R_j = Σ_k R_k/(number of inputs of k): regardless of weights and values.
  case flat

  /// Added to denominators by the rules that do not name an ε.
  static let stabilizer: Float = 1e-9

  /// Refuses settings outside their range.
  func check() throws(ExplanationError) {
    switch self {
    case .epsilon(let ε) where !(ε > 0 && ε.isFinite):
      throw .invalidSetting(name: "epsilon", value: "\(ε)", required: "positive")
    case .gamma(let γ) where !(γ >= 0 && γ.isFinite):
      throw .invalidSetting(name: "gamma", value: "\(γ)", required: "at least 0")
    case .alphaBeta(let α, let β) where !(β >= 0 && abs(α - β - 1) <= 1e-6):
      throw .invalidSetting(
        name: "alpha, beta", value: "\(α), \(β)", required: "alpha − beta = 1, beta at least 0")
    default: break
    }
  }
}
