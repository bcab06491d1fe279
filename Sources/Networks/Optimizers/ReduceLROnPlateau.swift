// Reduce the learning rate when a metric has stopped improving (PyTorch's ReduceLROnPlateau).
//
// An epoch's metric m is better than the best so far, b, when
//
//     mode min:  m < b (1 − threshold)   or   m < b − threshold        (1)
//     mode max:  m > b (1 + threshold)   or   m > b + threshold        (2)
//
// (relative or absolute threshold). Epochs that are not better are counted, except during the
// cooldown after a reduction. When more than `patience` of them came in a row,
//
//     η ← max(η · factor, minLR),                                       (3)
//
// unless that would change η by eps or less.

/// A learning rate that drops when a metric stops improving.
///
/// The value is its own state: copying it copies where it is, and encoding it is all that a
/// checkpoint needs. A metric that is not a number counts as not better.
///
/// - Source: PyTorch's `ReduceLROnPlateau`, whose names and defaults these are.
public struct ReduceLROnPlateau: Sendable, Equatable, Codable {
  /// Whether smaller or larger metrics are better.
  public enum Mode: String, Sendable, Codable {
    /// Smaller is better: a loss.
    case min
    /// Larger is better: an accuracy.
    case max
  }

  /// What the threshold is compared with.
  public enum ThresholdMode: String, Sendable, Codable {
    /// A fraction of the best metric.
    case rel
    /// A difference from the best metric.
    case abs
  }

  /// Whether smaller or larger metrics are better.
  public let mode: Mode
  /// What the rate is multiplied by, below 1.
  public let factor: Double
  /// The number of epochs without improvement that are let pass.
  public let patience: Int
  /// How much better an epoch has to be in order to count.
  public let threshold: Double
  /// What the threshold is compared with.
  public let thresholdMode: ThresholdMode
  /// The number of epochs after a reduction in which nothing is counted.
  public let cooldown: Int
  /// The rate never falls below this.
  public let minLR: Double
  /// Changes of the rate up to this are not made.
  public let eps: Double

  /// The best metric so far; nil before the first.
  public private(set) var best: Double?
  /// The epochs in a row that were not better.
  public private(set) var badEpochs = 0
  /// The epochs of the cooldown that are left.
  public private(set) var cooldownCounter = 0

  /// A schedule that has seen no epoch.
  ///
  /// - Parameters:
  ///   - mode: Whether smaller or larger metrics are better.
  ///   - factor: What the rate is multiplied by, in (0, 1).
  ///   - patience: The epochs without improvement that are let pass.
  ///   - threshold: How much better an epoch has to be in order to count.
  ///   - thresholdMode: Whether the threshold is relative to the best metric.
  ///   - cooldown: The epochs after a reduction in which nothing is counted.
  ///   - minLR: The rate never falls below this.
  ///   - eps: Changes of the rate up to this are not made.
  public init(
    mode: Mode = .min, factor: Double = 0.1, patience: Int = 10, threshold: Double = 1e-4,
    thresholdMode: ThresholdMode = .rel, cooldown: Int = 0, minLR: Double = 0, eps: Double = 1e-8
  ) {
    self.mode = mode
    self.factor = factor
    self.patience = patience
    self.threshold = threshold
    self.thresholdMode = thresholdMode
    self.cooldown = cooldown
    self.minLR = minLR
    self.eps = eps
    if let fault { preconditionFailure(fault) }
  }

  /// What is wrong with these numbers, which a file may give; nil if nothing is.
  var fault: String? {
    factor > 0 && factor < 1
      ? nil : "ReduceLROnPlateau: the factor must be in (0, 1), not \(factor)"
  }

  /// Takes note of one epoch and returns the rate of the next.
  ///
  /// - Parameters:
  ///   - metric: The epoch's loss or score.
  ///   - learningRate: The rate the epoch was trained with.
  /// - Returns: The rate to go on with.
  public mutating func step(_ metric: Double, learningRate: Double) -> Double {
    if isBetter(metric) {
      best = metric
      badEpochs = 0
    } else {
      badEpochs += 1
    }
    if cooldownCounter > 0 {
      cooldownCounter -= 1
      badEpochs = 0
    }
    guard badEpochs > patience else { return learningRate }
    cooldownCounter = cooldown
    badEpochs = 0
    let reduced = Swift.max(learningRate * factor, minLR)  // (3)
    return learningRate - reduced > eps ? reduced : learningRate
  }

  /// Equations (1) and (2); any number is better than none.
  private func isBetter(_ metric: Double) -> Bool {
    switch (mode, thresholdMode) {
    case (.min, .rel): metric < (best ?? .infinity) * (1 - threshold)
    case (.min, .abs): metric < (best ?? .infinity) - threshold
    case (.max, .rel): metric > (best ?? -.infinity) * (1 + threshold)
    case (.max, .abs): metric > (best ?? -.infinity) + threshold
    }
  }
}
