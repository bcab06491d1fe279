import KLProjection

/// Gradients with respect to a batch of pairs of maps.
///
/// They are with respect to what was given: potentials or log-probabilities (the same gradient for
/// both), or probabilities. Cells that cannot carry mass have gradient 0.
public struct MapGradients<Scalar: ProjectionScalar>: Sendable, Equatable {
  /// With respect to the fine maps, `[B, m]`.
  public let fine: [Scalar]
  /// With respect to the coarse maps, `[B, n]`.
  public let coarse: [Scalar]
}

extension AttentionForm {
  /// The gradient with respect to a map's entries, from the one with respect to its potentials.
  ///
  /// Potentials, log-probabilities and logarithms of unnormalized maps differ by constants, which
  /// no distribution depends on: they share one gradient, and d/dτ = (d/d log τ) / τ.
  func gradient<Scalar: ProjectionScalar>(_ gradient: [Scalar], of map: [Scalar]) -> [Scalar] {
    switch self {
    case .potentials: gradient
    case .probabilities: zip(gradient, map).map { $1 > 0 ? $0 / $1 : 0 }
    }
  }
}
