/// What one epoch of training did, measured on the held-out images after it.
public struct EpochRecord: Sendable, Codable, Equatable {
  /// The number of the epoch, from 1.
  public var epoch: Int
  /// The learning rate it was trained with.
  public var learningRate: Double
  /// Mean cross-entropy of the training steps, in nats.
  public var trainingCrossEntropy: Double
  /// Mean penalty of the training steps before the factor α, in nats; 0 without one.
  public var trainingPenalty: Double
  /// The fraction of training images whose class was right, as they were seen.
  public var trainingAccuracy: Double
  /// Mean cross-entropy on the held-out images, in nats.
  public var crossEntropy: Double
  /// The fraction of held-out images whose class is right.
  public var accuracy: Double
  /// Mean over the classes of the fraction that is right.
  public var balancedAccuracy: Double
  /// How the current λ compares with the exact program on the held-out images; nil for a network
  /// that has not two gates.
  public var oracle: OracleSummary?
  /// Seconds spent on the training steps.
  public var trainingSeconds: Double
}
