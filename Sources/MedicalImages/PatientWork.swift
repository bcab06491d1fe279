import ConvexKit
import Foundation

/// Work on many patients at once: progress, and a way to stop between two of them.
public struct PatientWork: Sendable {
  /// How far the work is.
  public struct Progress: Sendable, Equatable {
    /// Patients done.
    public let completed: Int
    /// Patients in all.
    public let total: Int
    /// The patient that was done last.
    public let patient: String
  }

  private let report: @Sendable (Progress) -> Void
  private let isCancelled: @Sendable () -> Bool

  /// Work that is watched.
  ///
  /// - Parameters:
  ///   - report: Called after each patient, never twice at the same time.
  ///   - isCancelled: Asked before each patient, from any thread; true ends the work.
  public init(
    report: @escaping @Sendable (Progress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { false }
  ) {
    (self.isCancelled, self.report) = (isCancelled, report)
  }

  /// Results in the order of the names, whichever thread made them.
  ///
  /// - Throws: ``ImageError/cancelled`` if the work was stopped.
  func map<Success: Sendable>(
    names: [String], threads: Int?,
    _ body: @Sendable (Int) throws(ImageError) -> Success
  ) throws(ImageError) -> [Result<Success, ImageError>] {
    let slots = Slots<Success>(count: names.count)
    Parallel.forEachRange(count: names.count, threads: threads) { range in
      for index in range {
        if isCancelled() { return slots.cancel() }
        let result: Result<Success, ImageError>
        do throws(ImageError) {
          result = .success(try body(index))
        } catch {
          result = .failure(error)
        }
        slots.set(index, result) { completed in
          report(Progress(completed: completed, total: names.count, patient: names[index]))
        }
      }
    }
    guard let results = slots.results else { throw .cancelled }
    return results
  }
}

/// Results that threads fill in; the lock makes it safe to share.
private final class Slots<Success: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var items: [Result<Success, ImageError>?]
  private var completed = 0
  private var isCancelled = false

  init(count: Int) { items = [Result<Success, ImageError>?](repeating: nil, count: count) }

  func set(_ index: Int, _ item: Result<Success, ImageError>, then report: (Int) -> Void) {
    lock.withLock {
      items[index] = item
      completed += 1
      report(completed)
    }
  }

  func cancel() { lock.withLock { isCancelled = true } }

  /// Nil if the work was stopped before its end.
  var results: [Result<Success, ImageError>]? {
    lock.withLock { isCancelled ? nil : items.compactMap { $0 } }
  }
}
