import KLProjection

/// The optimum of Eq. 4 for any number of maps as a penalty: what it costs to make them all
/// consistent.
///
/// ```
/// penalty = α min { Σ_t w_t KL(μ_t‖τ_t) : μ_{t+1} = P_t μ_t, Σ μ_t = 1, μ_t ≥ 0 }
/// ∂φ_t = α w_t (τ_t − μ_t)                                      with τ_t = softmax φ_t
/// ```
///
/// The gradient is the envelope theorem's, as for ``ExactPenalty``, which this is for two maps.
///
/// - Source: Ron et al., ICML 2022, eq. 4, along a chain of partitions; the envelope theorem.
public struct HierarchyPenalty: Sendable, Equatable {
  /// The exact solver: P_t and w_t.
  public let projection: HierarchyProjection
  /// α > 0, the factor of the optimum.
  public let alpha: Double

  /// The penalty that a hierarchy's optimum makes.
  ///
  /// - Parameters:
  ///   - projection: The exact solver.
  ///   - alpha: α: 10 unless given, as for Eq. 6.
  /// - Throws: ``DualLayerError/invalidAlpha(_:)``.
  public init(
    _ projection: HierarchyProjection, alpha: Double = 10
  ) throws(DualLayerError) {
    guard alpha > 0, alpha.isFinite else { throw .invalidAlpha(alpha) }
    self.projection = projection
    self.alpha = alpha
  }

  /// The penalty of every sample of a batch.
  ///
  /// - Shapes: map t `[B, m_t]`, fine to coarse → `[B]`; B follows from the arrays.
  /// - Parameters:
  ///   - maps: τ_t, or potentials φ_t of it, each sample after sample.
  ///   - form: What the entries are.
  /// - Returns: The values, +∞ where maps cannot be reconciled; wrong entries are an error of their
  ///   own sample.
  /// - Throws: ``DualLayerError`` when the arrays are no batch at all.
  public func values<Scalar: ProjectionScalar>(
    _ maps: [[Scalar]], as form: AttentionForm
  ) throws(DualLayerError) -> PenaltyValues {
    var errors: [Int: ProjectionError] = [:]
    let values = try projection.solve(maps, as: form).enumerated().map { index, sample in
      if case .invalid(let error) = sample.status {
        errors[index] = error
        return Double.nan
      }
      return alpha * sample.optimum
    }
    return PenaltyValues(values: values, errors: errors)
  }

  /// The gradient of a weighted sum of the samples' penalties.
  ///
  /// - Shapes: cotangents `[B]`, map t `[B, m_t]` → as the maps.
  /// - Parameters:
  ///   - cotangents: The weight of each sample; ``PenaltyValues/meanCotangents`` for the mean. A
  ///     sample of weight 0 is left out.
  ///   - maps: τ_t, or potentials φ_t of it, fine to coarse.
  ///   - form: What the entries are, and so what the gradients are with respect to.
  /// - Returns: The gradients, fine to coarse.
  /// - Throws: ``DualLayerError/infinitePenalty(sample:)`` and ``DualLayerError/sample(_:_:)`` for the
  ///   first sample without a gradient; ``DualLayerError`` when the arrays are no batch at all.
  public func gradients<Scalar: ProjectionScalar>(
    of cotangents: [Double], _ maps: [[Scalar]], as form: AttentionForm
  ) throws(DualLayerError) -> [[Scalar]] {
    let solved = try projection.solve(maps, as: form)
    precondition(
      cotangents.count == solved.count,
      "gradients: \(cotangents.count) cotangents for \(solved.count) samples")
    var gradients = projection.sizes.map { [Scalar](repeating: 0, count: $0 * solved.count) }
    for (index, sample) in solved.enumerated() where cotangents[index] != 0 {
      if sample.status == .infeasible { throw .infinitePenalty(sample: index) }
      let rows: [[Scalar]]
      do { rows = try sample.optimumGradient() } catch { throw .sample(index, error) }
      let weight = Scalar(alpha * cotangents[index])
      for (t, row) in rows.enumerated() {
        for (cell, value) in row.enumerated() {
          gradients[t][index * row.count + cell] = weight * value
        }
      }
    }
    return zip(gradients, maps).map { form.gradient($0, of: $1) }
  }
}
