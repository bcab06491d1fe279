import KLProjection
import RealModule

/// What a fine map says about the coarse cells, as logarithms: log a with a = A softmax φ.
///
/// ```
/// y_i = log Σ_j A_ij τ_j,    dφ_j = Σ_i s_ij (dy_i − a_i Σ dy),    s_ij = A_ij τ_j / a_i
/// ```
///
/// On partitions the exact multiplier of Eq. 4 is κ (log a_i − log ρ_i) up to a constant: this is what
/// a head that predicts λ has to see of the fine map. Nothing underflows; an empty window has −∞.
///
/// - Source: `WitnessMarginals`, at λ = 0.
public struct LogMarginal: Sendable, Equatable {
  /// A, whose columns sum to 1.
  public let marginalization: Marginalization

  /// The log-marginals along a marginalization.
  ///
  /// - Parameter marginalization: A.
  /// - Throws: ``DualLayerError/notColumnStochastic``.
  public init(_ marginalization: Marginalization) throws(DualLayerError) {
    guard marginalization.isColumnStochastic else { throw .notColumnStochastic }
    self.marginalization = marginalization
  }

  /// log a for every sample of a batch.
  ///
  /// - Shapes: φ `[B, m]` → `[B, n]`.
  /// - Parameter potentials: φ, sample after sample.
  /// - Returns: log a; NaN for samples with an entry that is NaN or +∞, or without mass.
  /// - Throws: ``DualLayerError/raggedBatch(operand:cells:actual:)``.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func values<Scalar: ProjectionScalar>(
    potentials: [Scalar]
  ) throws(DualLayerError) -> [Scalar] {
    let batch = try WitnessBatch(fineAlone: potentials, on: marginalization)
    let rows = SampleRows<Scalar>(
      repeating: .nan, count: batch.count, width: marginalization.coarseCount)
    _ = batch.forEach(weights: .unit) { index, _, marginals in
      for (cell, log) in marginals.logQ.enumerated() { rows.row(index)[cell] = Scalar(log) }
    }
    return rows.elements
  }

  /// The gradient of Σ dy y with respect to φ.
  ///
  /// - Shapes: dy `[B, n]`, φ `[B, m]` → `[B, m]`.
  /// - Parameters:
  ///   - cotangent: dy; entries of empty windows have no effect.
  ///   - potentials: φ, sample after sample.
  /// - Returns: dφ; NaN where ``values(potentials:)`` is.
  /// - Throws: ``DualLayerError`` when the arrays are no batch.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func pullBack<Scalar: ProjectionScalar>(
    _ cotangent: [Scalar], potentials: [Scalar]
  ) throws(DualLayerError) -> [Scalar] {
    let n = marginalization.coarseCount
    let batch = try WitnessBatch(fineAlone: potentials, on: marginalization)
    _ = try marginalization.sampleCount(fine: potentials.count, coarse: cotangent.count)
    let rows = SampleRows<Scalar>(
      repeating: .nan, count: batch.count, width: marginalization.fineCount)
    _ = batch.forEach(weights: .unit) { index, _, marginals in
      let dy = (0..<n).map { Double(cotangent[index * n + $0]) }
      marginals.pullBackLogMarginal(dy)
      for (cell, gradient) in marginals.fineGradient.enumerated() {
        rows.row(index)[cell] = Scalar(gradient)
      }
    }
    return rows.elements
  }
}

extension WitnessBatch {
  /// Fine maps with nothing beside them: uniform coarse maps and λ = 0.
  fileprivate init(
    fineAlone potentials: [Scalar], on marginalization: Marginalization
  ) throws(DualLayerError) {
    let (m, n) = (marginalization.fineCount, marginalization.coarseCount)
    try self.init(
      fine: potentials, coarse: [Scalar](repeating: 0, count: potentials.count / m * n),
      as: .potentials, witness: SharedWitness(coarseCount: n), on: marginalization)
  }
}
