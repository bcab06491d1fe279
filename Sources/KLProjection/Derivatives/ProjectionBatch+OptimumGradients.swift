import ConvexKit
import RealModule

extension ProjectionBatch {
  /// The gradients of every sample's optimum with respect to its potentials: w_f (τ − μ) and
  /// w_c (ρ − ν).
  ///
  /// - Source: The envelope theorem: at the optimum, μ and ν do not move to first order.
  /// - Returns: One gradient per sample; zero, with an error beside it, for samples that are not
  ///   solved.
  public func optimumGradients() -> PotentialGradientBatch<Scalar> {
    let weights = projection.weights
    return PotentialGradientBatch(
      fine: differences(fineInput, fine, weights.fine),
      coarse: differences(coarseInput, coarse, weights.coarse),
      residuals: [Double](repeating: 0, count: count),
      errors: summaries.map { $0.derivativeError })
  }

  /// weight · (normalized input − map), sample by sample.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func differences(
    _ input: [Scalar], _ map: [Scalar], _ weight: Double
  ) -> [Scalar] {
    let cells = map.count / count
    return [Scalar](unsafeUninitializedCapacity: map.count) { gradient, filled in
      gradient.initialize(repeating: 0)
      let rows = DifferenceRows(
        gradient: gradient, solved: summaries.map { $0.derivativeError == nil })
      input.withUnsafeBufferPointer { input in
        map.withUnsafeBufferPointer { map in
          let source = DifferenceSource(input: input, map: map)
          Parallel.forEachRange(count: count, threads: projection.settings.threads) { range in
            var logarithms = [Double](repeating: 0, count: cells)
            for index in range where rows.solved[index] {
              let first = index * cells
              logarithms.withUnsafeMutableBufferPointer { logarithms in
                guard let base = logarithms.baseAddress else { return }
                Sample.logarithms(
                  of: UnsafeBufferPointer(rebasing: source.input[first..<first + cells]), form,
                  into: base)
                LogDomain.normalize(logarithms)
              }
              for cell in 0..<cells {
                let τ = Double.exp(logarithms[cell])
                rows.gradient[first + cell] = Scalar(
                  weight * (τ - Double(source.map[first + cell])))
              }
            }
          }
        }
      }
      filled = map.count
    }
  }
}

/// What the samples of ``ProjectionBatch/optimumGradients()`` write, disjointly.
private struct DifferenceRows<Scalar: ProjectionScalar>: @unchecked Sendable {
  let gradient: UnsafeMutableBufferPointer<Scalar>
  let solved: [Bool]
}

/// What the samples of ``ProjectionBatch/optimumGradients()`` read.
private struct DifferenceSource<Scalar: ProjectionScalar>: @unchecked Sendable {
  let input: UnsafeBufferPointer<Scalar>
  let map: UnsafeBufferPointer<Scalar>
}
