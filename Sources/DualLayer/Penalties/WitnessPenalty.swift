import ConvexKit
import KLProjection

/// Eq. 6: how far a multiplier λ is from making two attention maps consistent.
///
/// ```
/// penalty = α D(p, q),    p = normalize(ρ e^{λ/w_c}),    q = A normalize(τ e^{−Aᵀλ/w_f})
/// ```
///
/// for every sample on its own. D is zero exactly where λ is optimal for Eq. 4, and w_c KL(q‖p), or
/// w_f KL(p‖q) on partitions, bounds its suboptimality in nats. With λ = 0 this is the plain divergence
/// between the maps. The value is immutable and can be used from any number of threads.
///
/// ```
/// let penalty = try WitnessPenalty(pooling, alpha: 10)
/// let witness = SharedWitness<Float>(coarseCount: pooling.coarseCount)
/// let loss = try penalty.values(fine: φ, coarse: ψ, as: .potentials, witness: witness)
/// let d = try penalty.gradients(
///   of: loss.meanCotangents, fine: φ, coarse: ψ, as: .potentials, witness: witness)
/// ```
///
/// - Source: Ron et al., ICML 2022, eq. 6; gradients derived in `WitnessMarginals`.
public struct WitnessPenalty: Sendable, Equatable {
  /// A, whose columns sum to 1.
  public let marginalization: Marginalization
  /// w_f and w_c.
  public let weights: ProjectionWeights
  /// Which of the two divergences.
  public let divergence: Divergence
  /// α > 0, the factor of the divergence.
  public let alpha: Double

  /// The penalty for maps on given cells.
  ///
  /// - Parameters:
  ///   - marginalization: A.
  ///   - weights: w_f and w_c of Eq. 4, both 1 as in the paper unless given.
  ///   - divergence: Which divergence: coarse against fine unless given, as in the published code.
  ///   - alpha: α, the factor of the divergence: 10 as in the paper unless given.
  /// - Throws: ``DualLayerError/notColumnStochastic``, ``DualLayerError/invalidAlpha(_:)``.
  public init(
    _ marginalization: Marginalization, weights: ProjectionWeights = .unit,
    divergence: Divergence = .coarseFromFine, alpha: Double = 10
  ) throws(DualLayerError) {
    guard marginalization.isColumnStochastic else { throw .notColumnStochastic }
    guard alpha > 0, alpha.isFinite else { throw .invalidAlpha(alpha) }
    self.marginalization = marginalization
    self.weights = weights
    self.divergence = divergence
    self.alpha = alpha
  }

  /// The penalty of every sample of a batch.
  ///
  /// - Shapes: fine `[B, m]`, coarse `[B, n]`, λ `[B, n]` → `[B]`; B follows from the arrays.
  /// - Parameters:
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are.
  ///   - witness: λ, shared or amortized.
  /// - Returns: The values; wrong entries are an error of their own sample.
  /// - Throws: ``DualLayerError`` when the arrays are no batch at all.
  public func values<Scalar: ProjectionScalar>(
    fine: [Scalar], coarse: [Scalar], as form: AttentionForm, witness: some DualWitness<Scalar>
  ) throws(DualLayerError) -> PenaltyValues {
    values(
      of: try WitnessBatch(
        fine: fine, coarse: coarse, as: form, witness: witness, on: marginalization))
  }

  /// The gradient of a weighted sum of the samples' penalties.
  ///
  /// - Shapes: cotangents `[B]`, fine `[B, m]`, coarse `[B, n]`, λ `[B, n]` → as these.
  /// - Parameters:
  ///   - cotangents: The weight of each sample; ``PenaltyValues/meanCotangents`` for the mean. A
  ///     sample of weight 0 is left out.
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are, and so what the gradients are with respect to.
  ///   - witness: λ, shared or amortized.
  /// - Returns: The gradients. A shared witness receives the sum over the samples.
  /// - Throws: ``DualLayerError/infinitePenalty(sample:)`` and ``DualLayerError/sample(_:_:)`` for the
  ///   first sample without a gradient; ``DualLayerError`` when the arrays are no batch at all.
  public func gradients<Scalar: ProjectionScalar>(
    of cotangents: [Double], fine: [Scalar], coarse: [Scalar], as form: AttentionForm,
    witness: some DualWitness<Scalar>
  ) throws(DualLayerError) -> PenaltyGradients<Scalar> {
    let batch = try WitnessBatch(
      fine: fine, coarse: coarse, as: form, witness: witness, on: marginalization)
    precondition(
      cotangents.count == batch.count,
      "gradients: \(cotangents.count) cotangents for \(batch.count) samples")
    let gradients = try gradients(of: batch, cotangents)
    return PenaltyGradients(
      fine: gradients.fine, coarse: gradients.coarse,
      witness: witness.pullBack(gradients.witness, sampleCount: batch.count))
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func values<Scalar>(of batch: WitnessBatch<Scalar>) -> PenaltyValues {
    let values = SampleRows(repeating: Double.nan, count: batch.count)
    let errors = batch.forEach(weights: weights) { index, _, marginals in
      values[index] = alpha * marginals.divergence(divergence)
    }
    return PenaltyValues(values: values.elements, errors: errors)
  }

  /// The gradients, with λ's by sample.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func gradients<Scalar>(
    of batch: WitnessBatch<Scalar>, _ cotangents: [Double]
  ) throws(DualLayerError) -> PenaltyGradients<Scalar> {
    let (m, n) = (marginalization.fineCount, marginalization.coarseCount)
    let fine = SampleRows<Scalar>(repeating: 0, count: batch.count, width: m)
    let coarse = SampleRows<Scalar>(repeating: 0, count: batch.count, width: n)
    let witness = SampleRows<Scalar>(repeating: 0, count: batch.count, width: n)
    let isInfinite = SampleRows(repeating: false, count: batch.count)
    let errors = batch.forEach(weights: weights) { index, sample, marginals in
      guard cotangents[index] != 0 else { return }
      guard marginals.divergence(divergence).isFinite else {
        isInfinite[index] = true
        return
      }
      marginals.differentiate(divergence, cotangent: alpha * cotangents[index])
      Self.store(marginals.fineGradient, of: sample.fine, sample.form, into: fine.row(index))
      Self.store(marginals.coarseGradient, of: sample.coarse, sample.form, into: coarse.row(index))
      Self.store(marginals.witnessGradient, into: witness.row(index))
    }
    for index in 0..<batch.count where cotangents[index] != 0 {
      if let error = errors[index] { throw .sample(index, error) }
      if isInfinite[index] { throw .infinitePenalty(sample: index) }
    }
    return PenaltyGradients(
      fine: fine.elements, coarse: coarse.elements, witness: witness.elements)
  }

  /// A map's gradient: with respect to probabilities it is that of their logarithms, divided by them.
  private static func store<Scalar: ProjectionScalar>(
    _ gradient: [Double], of map: UnsafeBufferPointer<Scalar>, _ form: AttentionForm,
    into row: UnsafeMutableBufferPointer<Scalar>
  ) {
    switch form {
    case .potentials:
      store(gradient, into: row)
    case .probabilities:
      for cell in row.indices {
        row[cell] = map[cell] > 0 ? Scalar(gradient[cell] / Double(map[cell])) : 0
      }
    }
  }

  private static func store<Scalar: ProjectionScalar>(
    _ gradient: [Double], into row: UnsafeMutableBufferPointer<Scalar>
  ) {
    for cell in row.indices { row[cell] = Scalar(gradient[cell]) }
  }
}
