import Foundation
import Stopwatch

/// Times of two pieces of work that took turns, so that whatever slows the machine slows both.
struct InterleavedTiming: Sendable, CustomStringConvertible {
  /// Seconds per call of the work, ascending, one per round.
  let work: [Double]
  /// Seconds per call of the reference, ascending, one per round.
  let reference: [Double]

  /// Best time of the work over best time of the reference. The best is what the code can do; the
  /// rest is what the machine did to it.
  var ratio: Double { work[0] / reference[0] }

  /// Times that were taken elsewhere, ascending.
  init(work: [Double], reference: [Double]) {
    self.work = work
    self.reference = reference
  }

  /// Runs both in turn, in many short measurements: another guest of the same core slows arithmetic
  /// far more than copies, and seldom rests for long.
  ///
  /// - Parameters:
  ///   - seconds: How long everything may take together; there are at least fifteen measurements of
  ///     each.
  ///   - leastTime: Each measurement repeats its work for at least these seconds, after ten times as
  ///     long that is not measured: in a shared cache one call does not bring back what the other work
  ///     has driven out.
  ///   - work: What is promised to be fast.
  ///   - reference: What it is compared with.
  init(
    seconds: Double, leastTime: Double = 1e-4, work: () throws -> Void,
    reference: () throws -> Void
  ) rethrows {
    for _ in 0..<10 { try work() }
    let workWatch = try Stopwatch(leastTime: leastTime, work)
    for _ in 0..<10 { try reference() }
    let referenceWatch = try Stopwatch(leastTime: leastTime, reference)
    var times: (work: [Double], reference: [Double]) = ([], [])
    func warm(_ watch: Stopwatch, _ body: () throws -> Void) rethrows -> Double {
      let began = Date()
      repeat { try body() } while -began.timeIntervalSinceNow < 10 * leastTime
      return try watch.measure(body)
    }
    let began = Date()
    while -began.timeIntervalSinceNow < seconds
      || times.work.count < InterleavedTiming.leastRounds
    {
      let ofReference = try warm(referenceWatch, reference)
      let ofWork = try warm(workWatch, work)
      times.reference.append(ofReference)
      times.work.append(ofWork)
    }
    self.work = times.work.sorted()
    self.reference = times.reference.sorted()
  }

  private static let leastRounds = 15

  var description: String {
    func microseconds(_ times: [Double]) -> String {
      String(format: "%.1f us (median %.1f)", times[0] * 1e6, times[times.count / 2] * 1e6)
    }
    return "best \(microseconds(work)) against \(microseconds(reference))"
  }
}
