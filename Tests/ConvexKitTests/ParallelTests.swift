import ConvexKit
import Testing

@Suite struct ParallelTests {
  @Test(arguments: [0, 1, 2, 7, 100, 1001])
  func `every item is visited once whatever the number of threads`(count: Int) {
    for threads in [1, 2, 3, 8] {
      let visits = Visits(count: count)
      Parallel.forEachRange(count: count, threads: threads) { range in
        for index in range { visits.counts[index] += 1 }
      }
      #expect(visits.counts.allSatisfy { $0 == 1 })
    }
  }

  @Test func `little work stays on one thread`() {
    let visits = Visits(count: 1)
    Parallel.forEachRange(count: 99, threads: 8, minimumPerThread: 50) { range in
      #expect(range == 0..<99)
      visits.counts[0] += 1
    }
    #expect(visits.counts[0] == 1)
  }

  /// Shared between threads, each of which writes its own items only.
  private final class Visits: @unchecked Sendable {
    let counts: UnsafeMutableBufferPointer<Int>

    init(count: Int) {
      counts = .allocate(capacity: count)
      counts.initialize(repeating: 0)
    }

    deinit { counts.deallocate() }
  }
}
