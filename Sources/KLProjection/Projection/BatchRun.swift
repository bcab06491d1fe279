import ConvexKit

/// One batch: where its samples are read and written. The samples are disjoint, so that threads
/// can share it.
struct BatchRun<Scalar: ProjectionScalar>: @unchecked Sendable {
  let fine: UnsafeBufferPointer<Scalar>
  let coarse: UnsafeBufferPointer<Scalar>
  let form: AttentionForm
  /// Witnesses to start from: none, one for all samples, or one each.
  let start: [Double]
  let fineOut: UnsafeMutableBufferPointer<Scalar>
  let coarseOut: UnsafeMutableBufferPointer<Scalar>
  let summaries: UnsafeMutableBufferPointer<ProjectionSummary>
  /// Where iterations leave λ; nil when nobody asks.
  let iteratedWitness: UnsafeMutableBufferPointer<Double>?

  var count: Int { summaries.count }
  var fineCount: Int { fine.count / count }
  var coarseCount: Int { coarse.count / count }

  func sample(_ index: Int) -> Sample<Scalar> {
    Sample(
      fine: UnsafeBufferPointer(rebasing: fine[index * fineCount..<(index + 1) * fineCount]),
      coarse: UnsafeBufferPointer(
        rebasing: coarse[index * coarseCount..<(index + 1) * coarseCount]),
      form: form)
  }

  func output(_ index: Int) -> SampleOutput<Scalar> {
    SampleOutput(
      fine: UnsafeMutableBufferPointer(
        rebasing: fineOut[index * fineCount..<(index + 1) * fineCount]),
      coarse: UnsafeMutableBufferPointer(
        rebasing: coarseOut[index * coarseCount..<(index + 1) * coarseCount]))
  }
}

extension MarginalProjection {
  /// Solves every sample of a batch.
  func run<Scalar>(_ batch: BatchRun<Scalar>) {
    precondition(!usesNewton, "overlapping windows need Newton's method")
    Parallel.forEachRange(count: batch.count, threads: settings.threads) { range in
      let partition = PartitionProjection(marginalization, weights)
      for index in range {
        let (sample, output) = (batch.sample(index), batch.output(index))
        if let error = sample.firstError() {
          output.clear()
          batch.summaries[index] = .invalid(error, method: .closedForm)
          continue
        }
        batch.summaries[index] = partition.solve(sample, into: output)
      }
    }
  }
}

extension ProjectionBatch {
  /// λ and the logarithms of one sample.
  func detail(_ index: Int) -> ProjectionDetail {
    switch summaries[index].status {
    case .solved, .iterationLimit:
      withSample(index) {
        PartitionProjection(projection.marginalization, projection.weights).detail($0)
      }
    case .infeasible, .invalid:
      ProjectionDetail(
        logFine: Array(repeating: -.infinity, count: fineCount),
        logCoarse: Array(repeating: -.infinity, count: coarseCount),
        witness: Array(repeating: 0, count: coarseCount))
    }
  }
}
