import KLProjection

/// The distributions that Theorem 3.1 makes of a multiplier, for every sample of a batch.
///
/// ```
/// p = normalize(ρ e^{λ/w_c})    μ_λ = normalize(τ e^{−Aᵀλ/w_f})    q = A μ_λ
/// ```
///
/// λ is optimal exactly when p = q, and then μ_λ and p solve Eq. 4. Each distribution is normalized
/// over the cells of its own sample. A sample whose data are wrong has zeros.
///
/// - Source: Ron et al., ICML 2022, theorem 3.1 and eq. 5.
public struct Reparameterization<Scalar: ProjectionScalar>: Sendable, Equatable {
  /// p, the coarse side, `[B, n]`.
  public let coarse: [Scalar]
  /// q, the fine side's marginal, `[B, n]`.
  public let marginal: [Scalar]
  /// μ_λ, the fine side, `[B, m]`.
  public let fine: [Scalar]
  /// What is wrong with the samples that have zeros, by sample.
  public let errors: [Int: ProjectionError]

  /// The distributions at a witness.
  ///
  /// - Shapes: fine `[B, m]`, coarse `[B, n]`, λ `[B, n]`; B follows from the arrays.
  /// - Parameters:
  ///   - witness: λ, shared or amortized.
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are.
  ///   - marginalization: A, whose columns sum to 1.
  ///   - weights: w_f and w_c, both 1 as in the paper unless given.
  /// - Throws: ``DualLayerError/notColumnStochastic``, and ``DualLayerError`` when the arrays are no
  ///   batch at all.
  public init(
    at witness: some DualWitness<Scalar>, fine: [Scalar], coarse: [Scalar],
    as form: AttentionForm, on marginalization: Marginalization,
    weights: ProjectionWeights = .unit
  ) throws(DualLayerError) {
    guard marginalization.isColumnStochastic else { throw .notColumnStochastic }
    let batch = try WitnessBatch(
      fine: fine, coarse: coarse, as: form, witness: witness, on: marginalization)
    self.init(batch, weights)
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  init(_ batch: WitnessBatch<Scalar>, _ weights: ProjectionWeights) {
    let (m, n) = (batch.marginalization.fineCount, batch.marginalization.coarseCount)
    let p = SampleRows<Scalar>(repeating: 0, count: batch.count, width: n)
    let q = SampleRows<Scalar>(repeating: 0, count: batch.count, width: n)
    let μ = SampleRows<Scalar>(repeating: 0, count: batch.count, width: m)
    errors = batch.forEach(weights: weights) { index, _, marginals in
      for (cell, log) in marginals.logP.enumerated() { p.row(index)[cell] = Scalar(.exp(log)) }
      for (cell, log) in marginals.logQ.enumerated() { q.row(index)[cell] = Scalar(.exp(log)) }
      for (cell, mass) in marginals.fineMap().enumerated() { μ.row(index)[cell] = Scalar(mass) }
    }
    coarse = p.elements
    marginal = q.elements
    self.fine = μ.elements
  }
}
