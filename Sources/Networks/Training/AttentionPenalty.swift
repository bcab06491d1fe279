/// What a network with two gates is asked for besides the right class.
public enum AttentionPenalty: String, Sendable, Codable, CaseIterable {
  /// Nothing: the two maps may contradict each other.
  case unconstrained
  /// Eq. 6: the divergence of the two marginals that a learned multiplier λ leaves.
  case dual
  /// The optimum of Eq. 4 itself.
  case exact
}
