import KLProjection

/// The gradients of a batch's penalties with respect to what they were computed from.
///
/// Maps given as potentials or log-probabilities have the gradient with respect to these (it is the
/// same for both); maps given as probabilities have it with respect to the probabilities. Cells that
/// cannot carry mass have gradient 0.
public struct PenaltyGradients<Scalar: ProjectionScalar>: Sendable, Equatable {
  /// With respect to the fine maps, `[B, m]`.
  public let fine: [Scalar]
  /// With respect to the coarse maps, `[B, n]`.
  public let coarse: [Scalar]
  /// With respect to the witness's own values; empty where there is no witness.
  public let witness: [Scalar]
}
