/// Who watches an experiment: hears how far it is, and may stop it.
public struct ExperimentObserver: Sendable {
  /// How far an experiment is.
  public struct Progress: Sendable, Equatable {
    /// The share of the work that is done, by the measured times: 0 … 1.
    public let fraction: Double
    /// What is being done.
    public let activity: String

    /// The given state.
    public init(fraction: Double, activity: String) {
      (self.fraction, self.activity) = (fraction, activity)
    }
  }

  let shouldStop: @Sendable () -> Bool
  let didAdvance: @Sendable (Progress) -> Void
  let didRecord: @Sendable (MethodRecord) -> Void

  /// An observer; silent unless told otherwise.
  ///
  /// - Parameters:
  ///   - shouldStop: Asked between steps of training, batches of images, and records; true ends the
  ///     run, which goes on from there the next time.
  ///   - didAdvance: Called after every step and every batch.
  ///   - didRecord: Called when a record has been written.
  public init(
    shouldStop: @escaping @Sendable () -> Bool = { false },
    didAdvance: @escaping @Sendable (Progress) -> Void = { _ in },
    didRecord: @escaping @Sendable (MethodRecord) -> Void = { _ in }
  ) {
    (self.shouldStop, self.didAdvance, self.didRecord) = (shouldStop, didAdvance, didRecord)
  }
}

/// How an experiment ended.
public enum ExperimentOutcome: Sendable, Equatable {
  /// All records are there.
  case finished(ExperimentResults)
  /// The observer stopped it; this many of the records are there.
  case interrupted(done: Int, of: Int)
}
