import Foundation
import Stopwatch

/// Times of two pieces of work that took turns, so that whatever slows the machine slows both.
struct InterleavedTiming: Sendable, CustomStringConvertible {
  /// Seconds per call of the work, ascending, one per round.
  let work: [Double]
  /// Seconds per call of the reference, ascending, one per round.
  let reference: [Double]

  /// Best time of the work over best time of the reference. The best is what the code can do; the
  /// rest is what the machine did to it. Measurements are many and short, because another guest of
  /// the same core, which slows arithmetic far more than copies, seldom rests for long.
  var ratio: Double { work[0] / reference[0] }

  /// Times that were taken elsewhere, ascending.
  init(work: [Double], reference: [Double]) {
    self.work = work
    self.reference = reference
  }

  /// Runs both in turn.
  ///
  /// - Parameters:
  ///   - rounds: How often each is measured. One more round comes first and is not counted.
  ///   - leastTime: Each measurement repeats its work for at least these seconds.
  ///   - work: What is promised to be fast.
  ///   - reference: What it is compared with.
  init(
    rounds: Int, leastTime: Double = 0.001, work: () throws -> Void, reference: () throws -> Void
  ) rethrows {
    let workWatch = try Stopwatch(leastTime: leastTime, work)
    let referenceWatch = try Stopwatch(leastTime: leastTime, reference)
    var times: (work: [Double], reference: [Double]) = ([], [])
    for _ in 0..<rounds {
      times.reference.append(try referenceWatch.measure(reference))
      times.work.append(try workWatch.measure(work))
    }
    self.work = times.work.sorted()
    self.reference = times.reference.sorted()
  }

  var description: String {
    func microseconds(_ times: [Double]) -> String {
      String(format: "%.1f us (median %.1f)", times[0] * 1e6, times[times.count / 2] * 1e6)
    }
    return "best \(microseconds(work)) against \(microseconds(reference))"
  }
}
