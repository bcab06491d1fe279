import ConvexKit

/// The pullback of one batch: what its samples read and write. The samples are disjoint, so that
/// threads can share it.
struct PullBackRun<Scalar: ProjectionScalar>: @unchecked Sendable {
  let batch: ProjectionBatch<Scalar>
  let fine: UnsafeBufferPointer<Scalar>
  let coarse: UnsafeBufferPointer<Scalar>
  let fineCotangents: UnsafeBufferPointer<Scalar>
  let coarseCotangents: UnsafeBufferPointer<Scalar>
  let fineGradients: UnsafeMutableBufferPointer<Scalar>
  let coarseGradients: UnsafeMutableBufferPointer<Scalar>
  let residuals: UnsafeMutableBufferPointer<Double>

  fileprivate func fineRange(_ index: Int) -> Range<Int> {
    index * batch.fineCount..<(index + 1) * batch.fineCount
  }

  fileprivate func coarseRange(_ index: Int) -> Range<Int> {
    index * batch.coarseCount..<(index + 1) * batch.coarseCount
  }

  /// Pulls back every sample that is solved; the others get zero.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func run() {
    let projection = batch.projection
    Parallel.forEachRange(count: batch.count, threads: projection.settings.threads) { range in
      if !projection.usesNewton, let floats = self as? PullBackRun<Float>,
        let kernels = PooledKernels(
          projection.marginalization, fine: floats.fineGradients, coarse: floats.coarseGradients)
      {
        defer { kernels.deallocate() }
        floats.pullBack(range, by: kernels)
      } else {
        pullBack(range)
      }
    }
  }

  private func pullBack(_ range: Range<Int>) {
    let projection = batch.projection
    let partition = PartitionPullBack(
      marginalization: projection.marginalization, weights: projection.weights)
    let newton = NewtonProjection(
      projection.marginalization, projection.weights, projection.settings)
    for index in range {
      let gradient = SampleOutput(
        fine: UnsafeMutableBufferPointer(rebasing: fineGradients[fineRange(index)]),
        coarse: UnsafeMutableBufferPointer(rebasing: coarseGradients[coarseRange(index)]))
      let cotangents = (
        fine: UnsafeBufferPointer(rebasing: fineCotangents[fineRange(index)]),
        coarse: UnsafeBufferPointer(rebasing: coarseCotangents[coarseRange(index)])
      )
      residuals[index] = 0
      switch (batch.summaries[index].status, batch.summaries[index].method) {
      case (.solved, .closedForm):
        partition.apply(
          UnsafeBufferPointer(rebasing: fine[fineRange(index)]),
          UnsafeBufferPointer(rebasing: coarse[coarseRange(index)]),
          cotangents: cotangents, into: gradient)
      case (.solved, .newton):
        let witness = batch.iteratedWitness[coarseRange(index)]
        residuals[index] = batch.withSample(index) {
          newton.pullBack($0, witness: witness, cotangents: cotangents, into: gradient)
        }
      default: gradient.clear()
      }
    }
  }
}

extension PullBackRun<Float> {
  /// Whole stretches of solved samples at a time.
  fileprivate func pullBack(_ range: Range<Int>, by kernels: PooledKernels) {
    var first = range.lowerBound
    for index in range {
      residuals[index] = 0
      guard batch.summaries[index].status != .solved else { continue }
      kernels.pullBack(self, first..<index, batch.projection.weights)
      fineGradients[fineRange(index)].update(repeating: 0)
      coarseGradients[coarseRange(index)].update(repeating: 0)
      first = index + 1
    }
    kernels.pullBack(self, first..<range.upperBound, batch.projection.weights)
  }
}
