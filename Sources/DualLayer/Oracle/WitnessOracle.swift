import KLProjection

/// The exact solver of Eq. 4 as the judge of learned multipliers.
///
/// ```
/// let oracle = WitnessOracle(MarginalProjection(pooling))
/// let report = try oracle.report(on: witness, fine: φ, coarse: ψ, as: .potentials)
/// print(report)                           // mean and worst gap, residual, distance, …
/// report.mean.gap                         // certified without solving anything
/// report.mean.suboptimality               // exact
/// ```
///
/// - Source: Ron et al., ICML 2022, eqs. 4-6; the certificates are derived in `WitnessMarginals`'
///   module page.
public struct WitnessOracle: Sendable, Equatable {
  /// The exact solver, along a marginalization whose columns sum to 1.
  public let projection: MarginalProjection

  /// The oracle that a solver makes.
  ///
  /// - Parameter projection: The exact solver: A, w_f, w_c and how to compute.
  /// - Throws: ``DualLayerError/notColumnStochastic``.
  public init(_ projection: MarginalProjection) throws(DualLayerError) {
    guard projection.marginalization.isColumnStochastic else { throw .notColumnStochastic }
    self.projection = projection
  }

  /// Compares a witness with the exact solutions of a batch.
  ///
  /// - Shapes: fine `[B, m]`, coarse `[B, n]`, λ `[B, n]`; B follows from the arrays.
  /// - Parameters:
  ///   - witness: λ, shared or amortized, or an exact one.
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are.
  /// - Returns: One comparison per sample. Wrong entries are the status of their own sample.
  /// - Throws: ``DualLayerError`` when the arrays are no batch at all.
  public func report<Scalar: ProjectionScalar>(
    on witness: some DualWitness<Scalar>, fine: [Scalar], coarse: [Scalar],
    as form: AttentionForm
  ) throws(DualLayerError) -> OracleReport {
    let batch = try WitnessBatch(
      fine: fine, coarse: coarse, as: form, witness: witness, on: projection.marginalization)
    let exact = try projection.solve(fine: batch.fine, coarse: batch.coarse, as: batch.form)
    return report(on: batch, exact: exact)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func report<Scalar>(
    on batch: WitnessBatch<Scalar>, exact: ProjectionBatch<Scalar>
  ) -> OracleReport {
    let qualities = SampleRows(repeating: WitnessQuality.unknown, count: batch.count)
    let errors = batch.forEach(weights: projection.weights) { index, sample, marginals in
      var quality = quality(of: marginals, sample)
      quality.optimum = exact[index].optimum
      quality.suboptimality = exact[index].optimum - quality.dualValue
      if exact[index].status == .solved {
        compare(&quality, marginals, with: exact[index])
      }
      qualities[index] = quality
    }
    return OracleReport(
      samples: (0..<batch.count).map { index in
        OracleReport.Sample(
          status: errors[index].map { .invalid($0) } ?? exact[index].status,
          quality: qualities[index])
      })
  }

  /// What needs no exact solution.
  private func quality<Scalar>(
    of marginals: WitnessMarginals, _ sample: Sample<Scalar>
  ) -> WitnessQuality {
    var quality = WitnessQuality.unknown
    quality.dualValue = marginals.dualValue(sample)
    quality.gapFromFine = projection.weights.coarse * marginals.divergence(.fineFromCoarse)
    if projection.marginalization.isPartition {
      quality.gapFromCoarse = projection.weights.fine * marginals.divergence(.coarseFromFine)
    }
    (quality.residual, quality.largestResidual) = marginals.residual()
    return quality
  }

  /// How far λ and its maps are from the exact ones.
  private func compare<Scalar>(
    _ quality: inout WitnessQuality, _ marginals: WitnessMarginals,
    with exact: Projection<Scalar>
  ) {
    quality.witnessDistance = marginals.distance(
      to: exact.witness.map { Double($0) }, on: exact.coarseSupport)
    quality.fineDistance = Self.totalVariation(marginals.fineMap(), exact.fine)
    quality.coarseDistance = Self.totalVariation(marginals.logP.map { .exp($0) }, exact.coarse)
  }

  /// ½ Σ |a_i − b_i|.
  private static func totalVariation<Scalar: ProjectionScalar>(
    _ a: [Double], _ b: [Scalar]
  ) -> Double {
    zip(a, b).reduce(0) { $0 + abs($1.0 - Double($1.1)) } / 2
  }
}
