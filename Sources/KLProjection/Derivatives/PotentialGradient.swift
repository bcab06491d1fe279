/// A gradient with respect to the potentials of a pair of maps, τ = softmax φ and ρ = softmax ψ.
public struct PotentialGradient<Scalar: ProjectionScalar>: Sendable, Equatable {
  /// dφ, `[m]`; 0 where φ_j = −∞.
  public let fine: [Scalar]
  /// dψ, `[n]`; 0 where ψ_i = −∞.
  public let coarse: [Scalar]
  /// ‖H v − dλ‖_∞ of the linear system behind the gradient, relative to the cotangents that dλ
  /// is made of, ‖dμ‖_∞/w_f + ‖dν‖_∞/w_c; 0 for closed forms.
  public let residual: Double
}

/// Gradients with respect to the potentials of a batch, one per sample, in contiguous arrays.
public struct PotentialGradientBatch<Scalar: ProjectionScalar>: Sendable, Equatable {
  /// dφ, `[count, m]`.
  public let fine: [Scalar]
  /// dψ, `[count, n]`.
  public let coarse: [Scalar]
  /// The relative residual of each sample's linear system; 0 for closed forms.
  public let residuals: [Double]
  /// Why a sample has no gradient, nil where it has one. Its gradient is then zero.
  public let errors: [ProjectionError?]
}
