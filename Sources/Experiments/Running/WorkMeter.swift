import Synchronization

/// How much of an experiment's work is done, in measured seconds.
final class WorkMeter: Sendable {
  private struct State {
    var total: Double
    var done = 0.0

    var fraction: Double { total > 0 ? min(1, max(0, done / total)) : 1 }
  }

  private let state: Mutex<State>
  private let report: @Sendable (ExperimentObserver.Progress) -> Void

  /// A meter of `total` seconds of work.
  init(total: Double, report: @escaping @Sendable (ExperimentObserver.Progress) -> Void) {
    state = Mutex(State(total: total))
    self.report = report
  }

  /// Takes away work that turned out to be done already.
  func skip(_ seconds: Double) { state.withLock { $0.total -= seconds } }

  /// Adds work that is done.
  func advance(_ seconds: Double, _ activity: String) {
    let fraction = state.withLock { state in
      state.done += seconds
      return state.fraction
    }
    report(.init(fraction: fraction, activity: activity))
  }
}
