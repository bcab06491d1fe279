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

extension BatchRun {
  /// The λ to start a sample from; empty when there is none.
  func start(_ index: Int) -> ArraySlice<Double> {
    start.count <= coarseCount
      ? start[...] : start[index * coarseCount..<(index + 1) * coarseCount]
  }

  /// Where a sample's λ goes.
  func witness(_ index: Int) -> UnsafeMutablePointer<Double>? {
    iteratedWitness?.baseAddress.map { $0 + index * coarseCount }
  }
}

extension MarginalProjection {
  /// Solves every sample of a batch.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func run<Scalar>(_ batch: BatchRun<Scalar>) {
    Parallel.forEachRange(count: batch.count, threads: settings.threads) { range in
      if usesNewton {
        solveByNewton(batch, range)
      } else if weights == .unit, let floats = batch as? BatchRun<Float>,
        let kernels = PooledKernels(
          marginalization, fine: floats.fineOut, coarse: floats.coarseOut)
      {
        defer { kernels.deallocate() }
        solveInClosedForm(floats, kernels.project(floats, range))
      } else {
        solveInClosedForm(batch, range)
      }
    }
  }

  private func solveByNewton<Scalar>(_ batch: BatchRun<Scalar>, _ range: Range<Int>) {
    let solver = NewtonProjection(marginalization, weights, settings)
    solveValid(batch, range, method: .newton) { index, sample, output in
      solver.solve(
        sample, into: output, from: batch.start(index), witness: batch.witness(index))
    }
  }

  private func solveInClosedForm<Scalar>(
    _ batch: BatchRun<Scalar>, _ indices: some Collection<Int>
  ) {
    guard !indices.isEmpty else { return }
    let solver = PartitionProjection(marginalization, weights)
    solveValid(batch, indices, method: .closedForm) { _, sample, output in
      solver.solve(sample, into: output)
    }
  }

  /// Solves the samples whose data are valid, and reports the others.
  private func solveValid<Scalar>(
    _ batch: BatchRun<Scalar>, _ indices: some Collection<Int>, method: ProjectionMethod,
    _ solve: (Int, Sample<Scalar>, SampleOutput<Scalar>) -> ProjectionSummary
  ) {
    for index in indices {
      let (sample, output) = (batch.sample(index), batch.output(index))
      if let error = sample.firstError() {
        output.clear()
        batch.summaries[index] = .invalid(error, method: method)
      } else {
        batch.summaries[index] = solve(index, sample, output)
      }
    }
  }
}

extension ProjectionBatch {
  /// λ and the logarithms of one sample.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  func detail(_ index: Int) -> ProjectionDetail {
    let (marginalization, weights) = (projection.marginalization, projection.weights)
    switch (summaries[index].status, summaries[index].method) {
    case (.solved, .closedForm):
      return withSample(index) { PartitionProjection(marginalization, weights).detail($0) }
    case (.solved, .newton), (.iterationLimit, _):
      let solver = NewtonProjection(marginalization, weights, projection.settings)
      let witness = iteratedWitness[index * coarseCount..<(index + 1) * coarseCount]
      return withSample(index) { solver.detail($0, witness: witness) }
    case (.infeasible, _), (.invalid, _):
      return ProjectionDetail(
        logFine: Array(repeating: -.infinity, count: fineCount),
        logCoarse: Array(repeating: -.infinity, count: coarseCount),
        witness: Array(repeating: 0, count: coarseCount))
    }
  }
}
