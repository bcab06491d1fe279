/// What the entries of a pair of attention maps are.
public enum AttentionForm: Sendable, Equatable {
  /// Probabilities τ, ρ ≥ 0, divided by their sums on entry. A zero is a cell that cannot carry
  /// mass.
  case probabilities
  /// Potentials φ, ψ of τ = softmax φ, ρ = softmax ψ; logarithms of probabilities are potentials
  /// too. −∞ is a cell that cannot carry mass. Nothing underflows, whatever the spread.
  case potentials
}
