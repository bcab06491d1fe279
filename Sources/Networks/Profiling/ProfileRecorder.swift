import Dispatch
import Synchronization

/// Where a profile's times are collected while it is measured.
final class ProfileRecorder: Sendable {
  /// What a time was spent on.
  enum Phase {
    case forward, pullback
  }

  /// The recorder of the work that is being measured; nil if none is.
  @TaskLocal static var current: ProfileRecorder?

  private struct State {
    var rows: [String: Profile.Row] = [:]
    /// Seconds that were noted so far: those of a timing inside another are not noted twice.
    var noted = 0.0
  }

  private let state = Mutex(State())

  var rows: [Profile.Row] { state.withLock { Array($0.rows.values) } }

  /// Calls `body`, and notes how long it took if somebody wants to know.
  static func timing<Result>(_ name: String, _ phase: Phase, _ body: () -> Result) -> Result {
    guard let recorder = current else { return body() }
    let (start, before) = (now(), recorder.state.withLock { $0.noted })
    let result = body()
    let elapsed = now() - start
    recorder.state.withLock { state in
      let seconds = elapsed - (state.noted - before)
      state.noted += seconds
      state.rows[name, default: Profile.Row(name: name)].add(seconds, to: phase)
    }
    return result
  }

  /// Notes additions and multiplications of a primitive.
  static func count(_ operations: @autoclosure () -> Double, of name: String) {
    guard let recorder = current else { return }
    let operations = operations()
    recorder.state.withLock { state in
      state.rows[name, default: Profile.Row(name: name)].operations += operations
    }
  }

  /// Seconds on a clock that never stands still.
  static func now() -> Double {
    Double(DispatchTime.now().uptimeNanoseconds) * 1e-9
  }
}

extension Profile.Row {
  fileprivate mutating func add(_ seconds: Double, to phase: ProfileRecorder.Phase) {
    calls += 1
    switch phase {
    case .forward: forward += seconds
    case .pullback: pullback += seconds
    }
  }
}
