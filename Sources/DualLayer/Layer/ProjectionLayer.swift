import KLProjection

/// The exact program of Eq. 4 as a layer: consistent maps in the forward direction, gradients of the
/// solution in the other.
///
/// ```
/// let layer = ProjectionLayer(MarginalProjection(pooling))
/// let solved = try layer.forward(fine: φ, coarse: ψ, as: .potentials)       // μ, ν
/// let gradients = try layer.pullBack(fine: dμ, coarse: dν, through: solved)  // dφ, dψ
/// ```
///
/// The derivative is that of the optimality conditions, not of iterations: see `KLProjection`. A
/// batch is solved one sample on its own; one that was not solved has no derivative.
///
/// - Source: Ron et al., ICML 2022, eq. 4.
public struct ProjectionLayer: Sendable, Equatable {
  /// The exact solver: A, w_f, w_c and how to compute.
  public let projection: MarginalProjection

  /// The layer that a solver makes.
  ///
  /// - Parameter projection: The exact solver.
  public init(_ projection: MarginalProjection) { self.projection = projection }

  /// Projects a batch.
  ///
  /// - Shapes: fine `[B, m]`, coarse `[B, n]`; B follows from the arrays.
  /// - Parameters:
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are, and so what gradients will be with respect to.
  /// - Returns: One result per sample, each with its status.
  /// - Throws: ``DualLayerError`` when the arrays are no batch at all.
  public func forward<Scalar: ProjectionScalar>(
    fine: [Scalar], coarse: [Scalar], as form: AttentionForm
  ) throws(DualLayerError) -> ProjectionBatch<Scalar> {
    try projection.solve(fine: fine, coarse: coarse, as: form)
  }

  /// The gradient of Σ dμ μ + Σ dν ν with respect to the maps that were projected.
  ///
  /// - Shapes: dμ `[B, m]`, dν `[B, n]` → the same.
  /// - Parameters:
  ///   - fine: The cotangent dμ.
  ///   - coarse: The cotangent dν.
  ///   - solved: What ``forward(fine:coarse:as:)`` returned.
  /// - Returns: The gradients.
  /// - Throws: ``DualLayerError/sample(_:_:)`` for the first sample that was not solved and whose
  ///   cotangents are not all zero; ``DualLayerError`` when the cotangents are no batch like it.
  public func pullBack<Scalar: ProjectionScalar>(
    fine: [Scalar], coarse: [Scalar], through solved: ProjectionBatch<Scalar>
  ) throws(DualLayerError) -> MapGradients<Scalar> {
    let (m, n) = (projection.marginalization.fineCount, projection.marginalization.coarseCount)
    let count = try projection.marginalization.sampleCount(fine: fine.count, coarse: coarse.count)
    guard count == solved.count else {
      throw .sampleCountMismatch(operand: "cotangents", expected: solved.count, actual: count)
    }
    let gradients = solved.checkedPullBack(fine: fine, coarse: coarse)
    for (index, error) in gradients.errors.enumerated() {
      guard let error else { continue }
      let isAskedFor =
        fine[index * m..<(index + 1) * m].contains { $0 != 0 }
        || coarse[index * n..<(index + 1) * n].contains { $0 != 0 }
      if isAskedFor { throw .sample(index, error) }
    }
    return MapGradients(
      fine: solved.form.gradient(gradients.fine, of: solved.fineInput),
      coarse: solved.form.gradient(gradients.coarse, of: solved.coarseInput))
  }
}

extension ProjectionBatch {
  /// Pulls back cotangents whose arrays have been checked to fit.
  fileprivate func checkedPullBack(
    fine: [Scalar], coarse: [Scalar]
  ) -> PotentialGradientBatch<Scalar> {
    do {
      return try pullBack(fine: fine, coarse: coarse)
    } catch {
      preconditionFailure("cotangents that were checked were refused: \(error)")
    }
  }
}
