import KLProjection

/// The optimum of Eq. 4 itself as a penalty: what it costs to make two attention maps consistent.
///
/// ```
/// penalty = α min { w_f KL(μ‖τ) + w_c KL(ν‖ρ) : ν = Aμ, Σμ = Σν = 1, μ, ν ≥ 0 }
/// ∂φ = α w_f (τ − μ),   ∂ψ = α w_c (ρ − ν)                 with τ = softmax φ, ρ = softmax ψ
/// ```
///
/// The gradient is the envelope theorem's: at the optimum, μ and ν do not move to first order. No
/// multiplier is left to learn. By weak duality the value is at most α w_c KL(Aτ‖ρ), and on partitions
/// α w_f KL(ρ‖Aτ), the direct divergences; there, with w = 1, it is 2α times the Bhattacharyya
/// distance between Aτ and ρ.
///
/// - Source: Ron et al., ICML 2022, eq. 4; the envelope theorem.
public struct ExactPenalty: Sendable, Equatable {
  /// The exact solver: A, w_f, w_c and how to compute.
  public let projection: MarginalProjection
  /// α > 0, the factor of the optimum.
  public let alpha: Double

  /// The penalty that a solver's optimum makes.
  ///
  /// - Parameters:
  ///   - projection: The exact solver.
  ///   - alpha: α: 10 unless given, as for Eq. 6.
  /// - Throws: ``DualLayerError/invalidAlpha(_:)``.
  public init(
    _ projection: MarginalProjection, alpha: Double = 10
  ) throws(DualLayerError) {
    guard alpha > 0, alpha.isFinite else { throw .invalidAlpha(alpha) }
    self.projection = projection
    self.alpha = alpha
  }

  /// The penalty of every sample of a batch.
  ///
  /// - Shapes: fine `[B, m]`, coarse `[B, n]` → `[B]`; B follows from the arrays.
  /// - Parameters:
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are.
  /// - Returns: The values; wrong entries, and solves that stopped short, are an error of their own
  ///   sample.
  /// - Throws: ``DualLayerError`` when the arrays are no batch at all.
  public func values<Scalar: ProjectionScalar>(
    fine: [Scalar], coarse: [Scalar], as form: AttentionForm
  ) throws(DualLayerError) -> PenaltyValues {
    let solved = try projection.solve(fine: fine, coarse: coarse, as: form)
    var errors: [Int: ProjectionError] = [:]
    let values = solved.summaries.enumerated().map { index, summary in
      switch summary.status {
      case .solved, .infeasible:
        return alpha * summary.optimum
      case .invalid(let error):
        errors[index] = error
        return .nan
      default:
        errors[index] = .notSolved(residual: summary.residual)
        return .nan
      }
    }
    return PenaltyValues(values: values, errors: errors)
  }

  /// The gradient of a weighted sum of the samples' penalties.
  ///
  /// - Shapes: cotangents `[B]`, fine `[B, m]`, coarse `[B, n]` → as the maps.
  /// - Parameters:
  ///   - cotangents: The weight of each sample; ``PenaltyValues/meanCotangents`` for the mean. A
  ///     sample of weight 0 is left out.
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are, and so what the gradients are with respect to.
  /// - Returns: The gradients.
  /// - Throws: ``DualLayerError/infinitePenalty(sample:)`` and ``DualLayerError/sample(_:_:)`` for the
  ///   first sample without a gradient; ``DualLayerError`` when the arrays are no batch at all.
  public func gradients<Scalar: ProjectionScalar>(
    of cotangents: [Double], fine: [Scalar], coarse: [Scalar], as form: AttentionForm
  ) throws(DualLayerError) -> MapGradients<Scalar> {
    let solved = try projection.solve(fine: fine, coarse: coarse, as: form)
    precondition(
      cotangents.count == solved.count,
      "gradients: \(cotangents.count) cotangents for \(solved.count) samples")
    for (index, cotangent) in cotangents.enumerated() where cotangent != 0 {
      if solved.summaries[index].status == .infeasible { throw .infinitePenalty(sample: index) }
    }
    let gradients = solved.optimumGradients()
    for (index, error) in gradients.errors.enumerated() where cotangents[index] != 0 {
      if let error { throw .sample(index, error) }
    }
    return MapGradients(
      fine: form.gradient(weighted(gradients.fine, cotangents), of: fine),
      coarse: form.gradient(weighted(gradients.coarse, cotangents), of: coarse))
  }

  /// Each sample's row, times α and the sample's weight.
  private func weighted<Scalar: ProjectionScalar>(
    _ gradient: [Scalar], _ cotangents: [Double]
  ) -> [Scalar] {
    let cells = gradient.count / cotangents.count
    return gradient.indices.map { Scalar(alpha * cotangents[$0 / cells]) * gradient[$0] }
  }
}
