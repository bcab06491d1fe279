import Foundation

/// One line on the terminal that tells how far a long step is and how long it may still take.
///
/// Written to standard error, over itself, and only when that is a terminal: nothing appears in a
/// pipe or a log. Safe to call from several threads.
final class ProgressLine: @unchecked Sendable {
  private let what: String
  private let isShown: Bool
  private let start = Date()
  private let lock = NSLock()
  private var done = 0
  private var total: Int
  private var lastShown = Date.distantPast

  /// A line for `total` items of work.
  ///
  /// - Parameters:
  ///   - what: What is being done, as in "writing patients".
  ///   - total: How many items there are; 0 as long as nobody knows.
  init(_ what: String, total: Int = 0) {
    self.what = what
    self.total = total
    isShown = isatty(FileHandle.standardError.fileDescriptor) == 1
  }

  /// Says that `done` items are finished, with an optional word on the current one.
  func update(_ done: Int, of total: Int? = nil, _ detail: String = "") {
    lock.withLock {
      self.total = total ?? self.total
      self.done = max(self.done, done)
      let now = Date()
      guard isShown, now.timeIntervalSince(lastShown) > 0.1 || self.done == self.total else {
        return
      }
      lastShown = now
      let elapsed = now.timeIntervalSince(start)
      let left =
        self.done > 0 && self.done < self.total && elapsed > 2
        ? ", \(Self.text(elapsed * Double(self.total - self.done) / Double(self.done))) left" : ""
      write(
        "\r\u{1B}[K\(what) \(self.done)/\(self.total)\(left)\(detail.isEmpty ? "" : "  \(detail)")")
    }
  }

  /// Says that one more item is finished.
  func advance(_ detail: String = "") {
    update(lock.withLock { done } + 1, detail)
  }

  /// Clears the line.
  func finish() {
    lock.withLock {
      if isShown { write("\r\u{1B}[K") }
    }
  }

  private func write(_ text: String) {
    FileHandle.standardError.write(Data(text.utf8))
  }

  /// A duration for people: "8 s", "2 min 05 s".
  static func text(_ seconds: Double) -> String {
    let whole = Int(seconds.rounded())
    return whole < 60 ? "\(whole) s" : String(format: "%d min %02d s", whole / 60, whole % 60)
  }
}
