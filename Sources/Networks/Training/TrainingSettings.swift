/// How a network is trained. A run can only be continued with the settings it was started with.
public struct TrainingSettings: Sendable, Codable, Equatable {
  /// What is added to the cross-entropy.
  public var penalty: AttentionPenalty
  /// The factor α of the penalty; 10 in the paper.
  public var alpha: Double
  /// The number of passes over the training set.
  public var epochs: Int
  /// The number of images in one step; the last step of an epoch may have fewer.
  public var batchSize: Int
  /// Adam's learning rate; 1e-3 in the paper.
  public var learningRate: Double
  /// What the order of the images depends on.
  public var seed: UInt64

  /// Settings, by default the paper's.
  public init(
    penalty: AttentionPenalty = .unconstrained, alpha: Double = 10, epochs: Int = 20,
    batchSize: Int = 16, learningRate: Double = 1e-3, seed: UInt64 = 1
  ) {
    self.penalty = penalty
    self.alpha = alpha
    self.epochs = epochs
    self.batchSize = batchSize
    self.learningRate = learningRate
    self.seed = seed
  }
}
