import CKernels

/// Loops over independent work on the threads that oneDNN uses too.
///
/// One pool for everything: oneDNN runs on libgomp, and a second pool beside it would compete for
/// the same cores.
public enum Parallel {
  /// The threads that a loop uses unless told otherwise: `OMP_NUM_THREADS`, or the cores.
  public static var defaultThreadCount: Int { Int(ckernels_max_threads()) }

  /// Calls `body` on disjoint ranges that together cover `0..<count`, one per thread.
  ///
  /// The ranges depend on `count` and `threads` alone, so results that do not depend on the split
  /// are the same to the bit for any number of threads.
  ///
  /// - Parameters:
  ///   - count: The number of items; 0 calls nothing.
  ///   - threads: The number of threads at most; nil means ``defaultThreadCount``.
  ///   - minimumPerThread: Fewer items than this are not worth a thread of their own.
  ///   - body: The work on one range. It may run on any thread, several at once.
  public static func forEachRange(
    count: Int, threads: Int? = nil, minimumPerThread: Int = 1,
    _ body: @Sendable (Range<Int>) -> Void
  ) {
    guard count > 0 else { return }
    let wanted = min(threads ?? defaultThreadCount, count / max(1, minimumPerThread))
    guard wanted > 1 else { return body(0..<count) }
    withoutActuallyEscaping(body) { body in
      let loop = Loop(count: count, body: body)
      ckernels_parallel(
        Int32(wanted),
        { context, thread, threads in
          guard let context else { return }
          let loop = Unmanaged<Loop>.fromOpaque(context).takeUnretainedValue()
          let (thread, threads) = (Int(thread), Int(threads))
          let range = loop.count * thread / threads..<loop.count * (thread + 1) / threads
          if !range.isEmpty { loop.body(range) }
        }, Unmanaged.passUnretained(loop).toOpaque())
      withExtendedLifetime(loop) {}
    }
  }

  private final class Loop: Sendable {
    let count: Int
    let body: @Sendable (Range<Int>) -> Void

    init(count: Int, body: @escaping @Sendable (Range<Int>) -> Void) {
      self.count = count
      self.body = body
    }
  }
}

extension Parallel {
  /// The results of independent work, in order; those of any number of threads are the same.
  ///
  /// - Parameters:
  ///   - count: The number of items.
  ///   - threads: The number of threads at most; nil means ``defaultThreadCount``.
  ///   - body: The work on one item. It may run on any thread, several at once.
  /// - Returns: One result per item.
  public static func map<Result: Sendable>(
    count: Int, threads: Int? = nil, _ body: @Sendable (Int) -> Result
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let results = buffer
      forEachRange(count: count, threads: threads) { range in
        for index in range { results.initializeElement(at: index, to: body(index)) }
      }
      initialized = count
    }
  }

  /// The results of independent work that is shared out in ranges, in order.
  ///
  /// - Parameters:
  ///   - count: The number of items.
  ///   - threads: The number of threads at most; nil means ``defaultThreadCount``.
  ///   - body: The work on one range: one result per item.
  /// - Returns: One result per item.
  public static func mapRanges<Result: Sendable>(
    count: Int, threads: Int? = nil, _ body: @Sendable (Range<Int>) -> [Result]
  ) -> [Result] {
    [Result](unsafeUninitializedCapacity: count) { buffer, initialized in
      nonisolated(unsafe) let results = buffer
      forEachRange(count: count, threads: threads) { range in
        for (index, result) in zip(range, body(range)) {
          results.initializeElement(at: index, to: result)
        }
      }
      initialized = count
    }
  }
}
