import Networks

/// How long and how fast one kind of network is trained.
public struct TrainingPlan: Sendable, Codable, Equatable {
  /// Passes over the training images.
  public var epochs: Int
  /// Images in one step.
  public var batchSize: Int
  /// Adam's learning rate.
  public var learningRate: Double
  /// What the convolutions of a step multiply; scores and maps are computed in Float32 whatever it is.
  public var precision: Precision

  /// A plan.
  public init(
    epochs: Int, batchSize: Int, learningRate: Double = 1e-3, precision: Precision = .float32
  ) {
    (self.epochs, self.batchSize) = (epochs, batchSize)
    (self.learningRate, self.precision) = (learningRate, precision)
  }

  /// A plan as a file has it: one from before there was a choice of ``precision`` names none.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    epochs = try values.decode(Int.self, forKey: .epochs)
    batchSize = try values.decode(Int.self, forKey: .batchSize)
    learningRate = try values.decode(Double.self, forKey: .learningRate)
    precision = try values.decodeIfPresent(Precision.self, forKey: .precision) ?? .float32
  }

  /// Refuses what cannot be trained.
  ///
  /// - Parameter name: What the configuration calls this plan.
  /// - Throws: ``ExperimentError/invalidSetting(name:value:required:)``.
  func check(_ name: String) throws(ExperimentError) {
    try require(epochs >= 1, "\(name).epochs", epochs, "at least 1")
    // A batch norm has nothing to average in a batch of one.
    try require(batchSize >= 2, "\(name).batchSize", batchSize, "at least 2")
    try require(
      learningRate.isFinite && learningRate > 0, "\(name).learningRate", learningRate, "above 0")
  }

  /// The trainer's settings.
  ///
  /// - Parameters:
  ///   - penalty: What is asked of the maps.
  ///   - alpha: The factor of the penalty.
  ///   - seed: What the order of the images depends on.
  /// - Returns: Settings with this plan's numbers.
  func settings(penalty: AttentionPenalty, alpha: Double, seed: UInt64) -> TrainingSettings {
    TrainingSettings(
      penalty: penalty, alpha: alpha, epochs: epochs, batchSize: batchSize,
      learningRate: learningRate, precision: precision, seed: seed)
  }
}

/// Throws unless a setting is in its range.
func require(
  _ condition: Bool, _ name: String, _ value: some CustomStringConvertible, _ required: String
) throws(ExperimentError) {
  guard condition else {
    throw .invalidSetting(name: name, value: "\(value)", required: required)
  }
}
