import DualLayer

/// What a network is asked for besides the right class.
public enum AttentionPenalty: String, Sendable, Codable, CaseIterable {
  /// Nothing: two maps may contradict each other.
  case unconstrained
  /// Eq. 6: the divergence of the two marginals that a learned multiplier λ leaves.
  case dual
  /// The optimum of Eq. 4 itself.
  case exact
  /// KL(ρ‖Aτ), the coarse map against the pooled fine one: Eq. 6 with λ = 0.
  case klCoarseFine = "kl-coarse-fine"
  /// KL(Aτ‖ρ), the pooled fine map against the coarse one: Eq. 6 with λ = 0.
  case klFineCoarse = "kl-fine-coarse"

  /// The direction of the divergence; that of the published code for Eq. 6.
  var divergence: Divergence {
    self == .klFineCoarse ? .fineFromCoarse : .coarseFromFine
  }
}
