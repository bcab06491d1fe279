/// Who watches a training run: hears of steps and epochs, and may stop it between two steps.
public struct TrainingObserver: Sendable {
  /// One step that is done.
  public struct Step: Sendable {
    /// The number of the epoch, from 1.
    public let epoch: Int
    /// The number of the step in it, from 1.
    public let step: Int
    /// The steps of an epoch.
    public let steps: Int
    /// The loss that the step went down from.
    public let loss: Double
  }

  let didStep: @Sendable (Step) -> Void
  let didEndEpoch: @Sendable (EpochRecord) -> Void
  let shouldStop: @Sendable () -> Bool

  /// An observer; silent unless told otherwise.
  ///
  /// - Parameters:
  ///   - shouldStop: Asked before every step; true ends the run as it was after the last epoch.
  ///   - didStep: Called after every step.
  ///   - didEndEpoch: Called when an epoch is over and its checkpoint is written.
  public init(
    shouldStop: @escaping @Sendable () -> Bool = { false },
    didStep: @escaping @Sendable (Step) -> Void = { _ in },
    didEndEpoch: @escaping @Sendable (EpochRecord) -> Void = { _ in }
  ) {
    (self.shouldStop, self.didStep, self.didEndEpoch) = (shouldStop, didStep, didEndEpoch)
  }
}
