extension Projection {
  /// The gradient of Σ_j dμ_j μ_j + Σ_i dν_i ν_i with respect to the potentials.
  ///
  /// ```
  /// dλ = −(1/w_f) A S(μ) dμ + (1/w_c) S(ν) dν,   H v = dλ,
  /// dφ = S(μ)(dμ + Aᵀv),   dψ = S(ν)(dν − v),    S(p) = diag p − p pᵀ
  /// ```
  ///
  /// - Shapes: dμ `[m]`, dν `[n]`.
  /// - Parameters:
  ///   - fine: The cotangent dμ.
  ///   - coarse: The cotangent dν.
  /// - Returns: dφ and dψ, and how well the linear system behind them is solved.
  /// - Throws: ``ProjectionError/notSolved(residual:)`` where the projection is not solved, what is
  ///   wrong with its data where they are invalid, and
  ///   ``ProjectionError/shapeMismatch(operand:expected:actual:)``.
  public func pullBack(
    fine: [Scalar], coarse: [Scalar]
  ) throws(ProjectionError) -> PotentialGradient<Scalar> {
    if let error = summary.derivativeError { throw error }
    let gradients = try alone.pullBack(fine: fine, coarse: coarse)
    return PotentialGradient(
      fine: gradients.fine, coarse: gradients.coarse, residual: gradients.residuals[0])
  }

  /// The gradient of the optimum with respect to the potentials: w_f (τ − μ) and w_c (ρ − ν).
  ///
  /// - Source: The envelope theorem: at the optimum, μ and ν do not move to first order.
  /// - Returns: dφ and dψ.
  /// - Throws: ``ProjectionError/notSolved(residual:)`` where the projection is not solved, and what
  ///   is wrong with its data where they are invalid.
  public func optimumGradient() throws(ProjectionError) -> PotentialGradient<Scalar> {
    if let error = summary.derivativeError { throw error }
    let gradients = alone.optimumGradients()
    return PotentialGradient(fine: gradients.fine, coarse: gradients.coarse, residual: 0)
  }

  /// This sample as a batch of its own.
  private var alone: ProjectionBatch<Scalar> {
    func part(_ values: [Scalar], _ size: Int) -> [Scalar] {
      Array(values[index * size..<(index + 1) * size])
    }
    let (m, n) = (batch.fineCount, batch.coarseCount)
    return ProjectionBatch(
      projection: batch.projection, form: batch.form, fineInput: part(batch.fineInput, m),
      coarseInput: part(batch.coarseInput, n), fine: fine, coarse: coarse, summaries: [summary],
      iteratedWitness: batch.iteratedWitness.isEmpty
        ? [] : Array(batch.iteratedWitness[index * n..<(index + 1) * n]))
  }
}
