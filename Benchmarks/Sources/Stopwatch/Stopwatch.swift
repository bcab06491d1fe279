import Dispatch

/// Times repeated calls of one piece of work.
public struct Stopwatch: Sendable {
  /// How many calls one measurement makes.
  public let repeats: Int

  /// A stopwatch whose measurements take about `leastTime` seconds. Calls the work twice: once to
  /// warm it up, once to see how long it takes.
  public init(leastTime: Double = 0.02, _ body: () throws -> Void) rethrows {
    try body()
    let once = try Stopwatch.seconds(1, body)
    repeats = max(1, Int((leastTime / max(once, 1e-9)).rounded(.up)))
  }

  /// Seconds per call.
  public func measure(_ body: () throws -> Void) rethrows -> Double {
    try Stopwatch.seconds(repeats, body)
  }

  /// Seconds per call of so many calls.
  public static func seconds(_ repeats: Int, _ body: () throws -> Void) rethrows -> Double {
    let start = DispatchTime.now().uptimeNanoseconds
    for _ in 0..<repeats { try body() }
    return Double(DispatchTime.now().uptimeNanoseconds - start) * 1e-9 / Double(repeats)
  }
}
