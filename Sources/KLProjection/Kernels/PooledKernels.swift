import CKernels

/// The closed form on pooled plane grids in `Float`, in loops that C vectorizes and that run at
/// the speed of memory.
///
/// The loops give up on instances that floats cannot do justice to, with wrong entries among them,
/// and leave these to the way through `Double`.
struct PooledKernels {
  private let pooling: ckernels_pooling
  private let fineCount: Int
  private let coarseCount: Int
  private let streams: Bool
  private let workspace: UnsafeMutableRawPointer

  /// Results of more bytes than this go past the cache, which they would only empty.
  private static let cacheBytes = 8 << 20

  /// Nil unless the marginalization pools a plane grid.
  ///
  /// - Parameters:
  ///   - marginalization: A.
  ///   - fine: Where results for the fine cells go.
  ///   - coarse: Where results for the coarse cells go.
  init?(
    _ marginalization: Marginalization, fine: UnsafeMutableBufferPointer<Float>,
    coarse: UnsafeMutableBufferPointer<Float>
  ) {
    guard let factors = marginalization.poolingFactors else { return nil }
    pooling = ckernels_pooling(
      coarse_height: Int64(marginalization.coarseShape[0]),
      coarse_width: Int64(marginalization.coarseShape[1]), factor_height: Int64(factors.height),
      factor_width: Int64(factors.width))
    fineCount = marginalization.fineCount
    coarseCount = marginalization.coarseCount
    let isAligned = [fine.baseAddress, coarse.baseAddress].allSatisfy {
      Int(bitPattern: $0) % 16 == 0
    }
    let bytes = (fine.count + coarse.count) * MemoryLayout<Float>.size
    streams = isAligned && bytes > Self.cacheBytes
    workspace = .allocate(
      byteCount: (5 * (coarseCount + 15) + fineCount + 15) * MemoryLayout<Float>.size,
      alignment: 64)
  }

  func deallocate() { workspace.deallocate() }

  /// Projects the instances of a range; returns those that need the way through `Double`.
  func project(_ batch: BatchRun<Float>, _ range: Range<Int>) -> [Int] {
    var careful: [Int] = []
    let project =
      batch.form == .probabilities ? ckernels_pool_project : ckernels_pool_project_potentials
    guard let fine = batch.fine.baseAddress, let coarse = batch.coarse.baseAddress,
      let fineOut = batch.fineOut.baseAddress, let coarseOut = batch.coarseOut.baseAddress
    else { return careful }
    let chunk = 64
    withUnsafeTemporaryAllocation(of: ckernels_pool_summary.self, capacity: chunk) { found in
      for first in stride(from: range.lowerBound, to: range.upperBound, by: chunk) {
        let count = min(chunk, range.upperBound - first)
        project(
          Int64(count), pooling, fine + first * fineCount, coarse + first * coarseCount,
          fineOut + first * fineCount, coarseOut + first * coarseCount, found.baseAddress,
          workspace.assumingMemoryBound(to: Float.self), streams ? 1 : 0)
        for index in 0..<count {
          if found[index].is_plain == 0 {
            careful.append(first + index)
          } else {
            Self.write(found[index], to: &batch.summaries[first + index])
          }
        }
      }
    }
    return careful
  }

  /// With both weights 1, optimum and g(λ) are one expression in the same sums: −2 log Σ √(a ρ).
  /// A status is only written where there was another one: it may hold a text to be released.
  private static func write(
    _ found: ckernels_pool_summary, to summary: inout ProjectionSummary
  ) {
    if case .solved = summary.status {} else { summary.status = .solved }
    (summary.method, summary.iterations) = (.closedForm, 0)
    (summary.optimum, summary.dualValue) = (found.value, found.value)
    summary.residual = found.residual
  }

  /// The pullback of instances of a range, whose projections are all solved.
  func pullBack(_ run: PullBackRun<Float>, _ range: Range<Int>, _ weights: ProjectionWeights) {
    guard let fine = run.fine.baseAddress, let coarse = run.coarse.baseAddress,
      let dμ = run.fineCotangents.baseAddress, let dν = run.coarseCotangents.baseAddress,
      let dφ = run.fineGradients.baseAddress, let dψ = run.coarseGradients.baseAddress
    else { return }
    let (m, n) = (range.lowerBound * fineCount, range.lowerBound * coarseCount)
    ckernels_pool_pull_back(
      Int64(range.count), pooling, Float(weights.fine), Float(weights.coarse), fine + m,
      coarse + n, dμ + m, dν + n, dφ + m, dψ + n, workspace.assumingMemoryBound(to: Float.self),
      streams ? 1 : 0)
  }
}
