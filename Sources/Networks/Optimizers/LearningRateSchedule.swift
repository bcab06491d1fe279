/// How the learning rate changes from epoch to epoch.
///
/// ```swift
/// var schedule = LearningRateSchedule.plateau(ReduceLROnPlateau(factor: 0.5, patience: 2))
/// optimizer.learningRate = schedule.rate(
///   afterEpoch: 0, metric: validationLoss, learningRate: optimizer.learningRate)
/// ```
public enum LearningRateSchedule: Sendable, Equatable, Codable {
  /// Always the same rate.
  case constant
  /// The rate drops when the metric stops improving.
  case plateau(ReduceLROnPlateau)
  /// The rate follows a cosine.
  case cosine(CosineAnnealing)

  /// Takes note of one epoch and returns the rate of the next.
  ///
  /// - Parameters:
  ///   - epoch: The number of the epoch that ended, the first being 0.
  ///   - metric: Its loss or score.
  ///   - learningRate: The rate it was trained with.
  /// - Returns: The rate of epoch `epoch + 1`.
  public mutating func rate(
    afterEpoch epoch: Int, metric: Double, learningRate: Double
  ) -> Double {
    switch self {
    case .constant:
      return learningRate
    case .plateau(var plateau):
      let rate = plateau.step(metric, learningRate: learningRate)
      self = .plateau(plateau)
      return rate
    case .cosine(let cosine):
      return cosine.rate(at: epoch + 1)
    }
  }
}

extension LearningRateSchedule {
  /// What is wrong with its numbers, which a file may give; nil if nothing is.
  var fault: String? {
    switch self {
    case .constant: nil
    case .plateau(let plateau): plateau.fault
    case .cosine(let cosine): cosine.fault
    }
  }
}

extension LearningRateSchedule: CustomStringConvertible {
  /// The kind with what distinguishes it, in a few words.
  public var description: String {
    switch self {
    case .constant: "constant"
    case .plateau(let plateau): "plateau (factor \(plateau.factor), patience \(plateau.patience))"
    case .cosine(let cosine): "cosine (\(cosine.tMax) epochs)"
    }
  }
}
