import Foundation

/// One promise: how long some work may take, compared with other work in the same run.
struct RatioRow: Sendable {
  let name: String
  /// The largest ratio that keeps the promise.
  let limit: Double
  /// Checks the answer, then times work and reference in turn. The argument is how many seconds
  /// that may take.
  let measure: @Sendable (Double) throws -> InterleavedTiming

  struct Measured {
    let timing: InterleavedTiming

    func line(_ row: RatioRow) -> String {
      let verdict = timing.ratio <= row.limit ? "ok" : "short"
      let ratio = String(format: "%.3g", timing.ratio)
      return "\(row.name)\t\(ratio)\t\(String(format: "%g", row.limit))\t\(verdict)"
    }
  }

  func measured(seconds: Double) throws -> Measured {
    let timing = try measure(seconds)
    complain("\(name): \(timing)")
    return Measured(timing: timing)
  }
}

/// An answer that is not the right one: its speed means nothing.
struct WrongAnswer: Error, CustomStringConvertible {
  let description: String

  /// Throws unless `difference` is at most `tolerance`.
  static func check(_ what: String, _ difference: Double, atMost tolerance: Double) throws {
    guard difference <= tolerance else {
      throw WrongAnswer(description: "\(what) is off by \(difference), more than \(tolerance)")
    }
  }
}

func complain(_ text: String) {
  FileHandle.standardError.write(Data((text + "\n").utf8))
}

func fail(_ text: String, code: Int32) -> Never {
  complain("ratios: \(text)")
  exit(code)
}

func flushStandardOutput() {
  fflush(nil)
}
