import ConvexKit

extension Tensor {
  /// A tensor filled in element by element from operands that are laid out alike, not recorded.
  ///
  /// The elements come in whatever order they have in memory, padding included: where all operands
  /// are 0 the result must be 0.
  ///
  /// - Parameters:
  ///   - operands: Tensors of one shape, which is the result's; one sample (a first axis of extent 1)
  ///     is repeated for all.
  ///   - kernel: Computes a run of elements. It may run on any thread, several at once.
  /// - Returns: A tensor that lies like the first operand.
  package static func mapping(
    _ operands: [Tensor],
    _ kernel:
      @Sendable (
        _ count: Int, _ operands: [UnsafePointer<Float>], _ result: UnsafeMutablePointer<Float>
      ) -> Void
  ) -> Tensor {
    let guide = operands[0].inKernelLayout()
    let samples = guide.shape.first ?? 1
    let perSample = guide.storedCount / samples
    let aligned = operands.map { $0.aligned(with: guide) }
    let result = Memory(count: guide.storedCount)
    let sources = aligned.map {
      Source(start: UnsafePointer($0.memory.floats), isRepeated: $0.storedCount < guide.storedCount)
    }
    let destination = Destination(start: result.floats)
    Parallel.forEachRange(count: guide.storedCount, minimumPerThread: 1 << 14) { range in
      var start = range.lowerBound
      while start < range.upperBound {
        // A run ends with its sample where an operand begins anew.
        let end = min(range.upperBound, (start / perSample + 1) * perSample)
        let pointers = sources.map { $0.start + ($0.isRepeated ? start % perSample : start) }
        kernel(end - start, pointers, destination.start + start)
        start = end
      }
    }
    withExtendedLifetime(aligned) {}
    return Tensor(shape: guide.shape, memory: result, layout: guide.layout)
  }

  /// Sums over each sample's elements, not recorded.
  ///
  /// The sums are added in an order that does not depend on the number of threads.
  ///
  /// - Parameters:
  ///   - operands: Tensors of one shape, `[N, …]`.
  ///   - kernel: The sum over a run of elements, in whatever order they have in memory; where all
  ///     operands are 0 it must add nothing. It may run on any thread, several at once.
  /// - Returns: N sums.
  package static func summing(
    _ operands: [Tensor],
    _ kernel: @Sendable (_ count: Int, _ operands: [UnsafePointer<Float>]) -> Double
  ) -> [Double] {
    let guide = operands[0].inKernelLayout()
    let samples = guide.shape.first ?? 1
    let perSample = guide.storedCount / samples
    let aligned = operands.map { $0.aligned(with: guide) }
    let sources = aligned.map { Source(start: UnsafePointer($0.memory.floats), isRepeated: false) }
    let piece = 1 << 14
    let pieces = (perSample + piece - 1) / piece
    let partial = Parallel.map(count: samples * pieces) { index in
      let start = index / pieces * perSample + index % pieces * piece
      let end = min(start + piece, (index / pieces + 1) * perSample)
      return kernel(end - start, sources.map { $0.start + start })
    }
    withExtendedLifetime(aligned) {}
    return (0..<samples).map { partial[$0 * pieces..<($0 + 1) * pieces].reduce(0, +) }
  }

  /// This tensor laid out like another, of its shape or of its shape with one sample.
  private func aligned(with guide: Tensor) -> Tensor {
    if shape == guide.shape { return laidOut(like: guide) }
    precondition(
      rank == guide.rank && shape.first == 1 && shape.dropFirst() == guide.shape.dropFirst(),
      "mapping: shapes \(guide.shape) and \(shape) do not match")
    guard let layout = guide.layout, case .channelBlocks(let block) = layout.kind else {
      return inPlainLayout()
    }
    return inLayout(.channelBlocks(block, shape: shape))
  }
}

/// `@unchecked Sendable`: read by all threads, written by none while they run.
private struct Source: @unchecked Sendable {
  let start: UnsafePointer<Float>
  let isRepeated: Bool
}

/// `@unchecked Sendable`: every thread writes a range of its own.
private struct Destination: @unchecked Sendable {
  let start: UnsafeMutablePointer<Float>
}
