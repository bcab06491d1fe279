/// How a training run ended.
public enum TrainingOutcome: Sendable, Equatable {
  /// All epochs are done.
  case finished
  /// The balanced accuracy did not improve for as many epochs as the settings allow.
  ///
  /// - Parameter best: The epoch with the best one, from 1.
  case stoppedEarly(best: Int)
  /// The observer stopped it; the given number of epochs is done and written.
  case interrupted(epochsDone: Int)
  /// The loss, a gradient or a parameter was no longer finite. The checkpoint is that of the last
  /// whole epoch; the network is of no use any more.
  ///
  /// - Parameters:
  ///   - epoch: The epoch, from 1.
  ///   - step: The step in it, from 1.
  ///   - primitive: The first primitive on the tape whose value was not finite; or `parameter NAME`
  ///     if a parameter already was not, `gradient of NAME` if only a gradient is not.
  case diverged(epoch: Int, step: Int, primitive: String)
}
