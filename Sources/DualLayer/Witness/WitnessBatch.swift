import ConvexKit
import KLProjection

/// A batch of pairs of maps, with a multiplier λ for each.
struct WitnessBatch<Scalar: ProjectionScalar>: Sendable {
  let marginalization: Marginalization
  /// τ or φ, `[B, m]`.
  let fine: [Scalar]
  /// ρ or ψ, `[B, n]`.
  let coarse: [Scalar]
  /// λ, `[B, n]`.
  let multipliers: [Scalar]
  let form: AttentionForm
  /// B.
  let count: Int

  init(
    fine: [Scalar], coarse: [Scalar], as form: AttentionForm, witness: some DualWitness<Scalar>,
    on marginalization: Marginalization
  ) throws(DualLayerError) {
    let n = marginalization.coarseCount
    count = try marginalization.sampleCount(fine: fine.count, coarse: coarse.count)
    guard witness.coarseCount == n else {
      throw .witnessSize(expected: n, actual: witness.coarseCount)
    }
    multipliers = try witness.multipliers(sampleCount: count)
    precondition(
      multipliers.count == count * n,
      "\(type(of: witness)) made \(multipliers.count) multipliers for \(count) samples of \(n)")
    self.marginalization = marginalization
    self.fine = fine
    self.coarse = coarse
    self.form = form
  }

  /// Calls `body` with both sides of Eq. 5 for every sample, over all threads.
  ///
  /// - Parameters:
  ///   - weights: w_f and w_c.
  ///   - body: The work on one valid sample.
  /// - Returns: What is wrong with the samples that `body` did not see, by sample.
  func forEach(
    weights: ProjectionWeights,
    _ body: @Sendable (_ index: Int, Sample<Scalar>, inout WitnessMarginals) -> Void
  ) -> [Int: ProjectionError] {
    let errors = SampleRows<ProjectionError?>(repeating: nil, count: count)
    Parallel.forEachRange(count: count) { range in
      var marginals = WitnessMarginals(marginalization, weights)
      for index in range {
        withSample(index) { sample, λ in
          if let error = sample.firstError() ?? Self.firstError(in: λ) {
            errors[index] = error
          } else {
            marginals.load(sample, λ)
            body(index, sample, &marginals)
          }
        }
      }
    }
    return Dictionary(
      uniqueKeysWithValues: errors.elements.enumerated().compactMap { index, error in
        error.map { (index, $0) }
      })
  }

  private func withSample(
    _ index: Int, _ body: (Sample<Scalar>, _ λ: UnsafeBufferPointer<Scalar>) -> Void
  ) {
    fine.withUnsafeBufferPointer { fine in
      coarse.withUnsafeBufferPointer { coarse in
        multipliers.withUnsafeBufferPointer { multipliers in
          let sample = Sample(fine: slice(fine, index), coarse: slice(coarse, index), form: form)
          body(sample, slice(multipliers, index))
        }
      }
    }
  }

  private func slice(
    _ values: UnsafeBufferPointer<Scalar>, _ index: Int
  ) -> UnsafeBufferPointer<Scalar> {
    let cells = values.count / count
    return UnsafeBufferPointer(rebasing: values[index * cells..<(index + 1) * cells])
  }

  private static func firstError(in λ: UnsafeBufferPointer<Scalar>) -> ProjectionError? {
    guard let cell = λ.firstIndex(where: { !$0.isFinite }) else { return nil }
    return λ[cell].isNaN
      ? .notANumber(operand: "witness", index: cell) : .infinite(operand: "witness", index: cell)
  }
}

extension Marginalization {
  /// The number of samples in arrays that hold whole maps, as many coarse as fine ones.
  func sampleCount(fine: Int, coarse: Int) throws(DualLayerError) -> Int {
    guard fine > 0, fine.isMultiple(of: fineCount) else {
      throw .raggedBatch(operand: "fine", cells: fineCount, actual: fine)
    }
    guard coarse > 0, coarse.isMultiple(of: coarseCount) else {
      throw .raggedBatch(operand: "coarse", cells: coarseCount, actual: coarse)
    }
    let count = fine / fineCount
    guard coarse / coarseCount == count else {
      throw .sampleCountMismatch(
        operand: "coarse", expected: count, actual: coarse / coarseCount)
    }
    return count
  }
}
