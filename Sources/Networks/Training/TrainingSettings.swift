/// How a network is trained. A run can only be continued with the settings it was started with; the
/// number of epochs may change.
public struct TrainingSettings: Sendable, Codable, Equatable {
  /// What becomes of the part of a network that other data have trained.
  public enum Backbone: String, Sendable, Codable, CaseIterable {
    /// It is trained with the rest.
    case trained
    /// It stays as it is, its batch norms in evaluation mode.
    case frozen
    /// Its parameters stay as they are, but its batch norms normalize by the batch and go on
    /// averaging: what switching gradients off alone does in PyTorch.
    case movingStatistics = "moving-statistics"
  }

  /// What is added to the cross-entropy.
  public var penalty: AttentionPenalty
  /// The factor α of the penalty; 10 in the paper.
  public var alpha: Double
  /// The number of passes over the training set, at most.
  public var epochs: Int
  /// The largest number of images in one step; the steps of an epoch differ by at most one image.
  public var batchSize: Int
  /// The largest number of images that go through the network at once, whose gradients are added up
  /// until the batch is complete; nil means the whole batch. Batch norms in training normalize by
  /// what goes through at once; everything else is as with the whole batch, up to rounding.
  public var partSize: Int?
  /// Adam's learning rate at the start; 1e-3 in the paper.
  public var learningRate: Double
  /// How the learning rate goes on from there; a plateau looks at the held-out cross-entropy.
  public var schedule: LearningRateSchedule
  /// The largest norm of the gradient of all parameters together; nil leaves it alone.
  public var maximumGradientNorm: Double?
  /// How much each class counts in the training cross-entropy.
  public var classWeighting: ClassWeighting
  /// Which images an epoch visits.
  public var sampling: Sampling
  /// What is done to training images; nil leaves them as they are.
  public var augmentation: Augmentation?
  /// What becomes of the backbone.
  public var backbone: Backbone
  /// The number of epochs in a row without a better balanced accuracy that end the run; nil never
  /// ends it early.
  public var patience: Int?
  /// The numbers that convolutions multiply while the network is trained. Parameters stay Float32, and
  /// held-out images are evaluated in Float32.
  public var precision: Precision
  /// What the order of the images and their augmentation depend on.
  public var seed: UInt64

  /// Settings, by default the paper's.
  public init(
    penalty: AttentionPenalty = .unconstrained, alpha: Double = 10, epochs: Int = 20,
    batchSize: Int = 16, partSize: Int? = nil, learningRate: Double = 1e-3,
    schedule: LearningRateSchedule = .plateau(ReduceLROnPlateau()),
    maximumGradientNorm: Double? = nil, classWeighting: ClassWeighting = .uniform,
    sampling: Sampling = .shuffled, augmentation: Augmentation? = nil,
    backbone: Backbone = .trained, patience: Int? = nil, precision: Precision = .float32,
    seed: UInt64 = 1
  ) {
    precondition(
      batchSize >= 1 && partSize ?? 1 >= 1 && patience ?? 1 >= 1,
      "TrainingSettings: batches of \(batchSize), parts of \(partSize ?? 1), patience \(patience ?? 1)"
    )
    self.penalty = penalty
    self.alpha = alpha
    self.epochs = epochs
    self.batchSize = batchSize
    self.partSize = partSize
    self.learningRate = learningRate
    self.schedule = schedule
    self.maximumGradientNorm = maximumGradientNorm
    self.classWeighting = classWeighting
    self.sampling = sampling
    self.augmentation = augmentation
    self.backbone = backbone
    self.patience = patience
    self.precision = precision
    self.seed = seed
  }

  /// Settings as a checkpoint has them: one from before there was a choice of ``precision`` names none.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    penalty = try values.decode(AttentionPenalty.self, forKey: .penalty)
    alpha = try values.decode(Double.self, forKey: .alpha)
    epochs = try values.decode(Int.self, forKey: .epochs)
    batchSize = try values.decode(Int.self, forKey: .batchSize)
    partSize = try values.decodeIfPresent(Int.self, forKey: .partSize)
    learningRate = try values.decode(Double.self, forKey: .learningRate)
    schedule = try values.decode(LearningRateSchedule.self, forKey: .schedule)
    maximumGradientNorm = try values.decodeIfPresent(Double.self, forKey: .maximumGradientNorm)
    classWeighting = try values.decode(ClassWeighting.self, forKey: .classWeighting)
    sampling = try values.decode(Sampling.self, forKey: .sampling)
    augmentation = try values.decodeIfPresent(Augmentation.self, forKey: .augmentation)
    backbone = try values.decode(Backbone.self, forKey: .backbone)
    patience = try values.decodeIfPresent(Int.self, forKey: .patience)
    precision = try values.decodeIfPresent(Precision.self, forKey: .precision) ?? .float32
    seed = try values.decode(UInt64.self, forKey: .seed)
  }

  /// Into how many parts a batch of so many images is cut.
  func parts(of count: Int) -> Int {
    let size = partSize ?? count
    return (count + size - 1) / size
  }
}
