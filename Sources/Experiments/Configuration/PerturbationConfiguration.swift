import Explanations
import MedicalImages
import Networks

/// The first experiment: what removing pixels does to a classifier of projections.
///
/// Defaults are those of a scale; a JSON file overrides some of them (``ConfigurationFile``).
public struct PerturbationConfiguration: ExperimentConfiguration {
  /// The projections.
  public struct Images: Sendable, Codable, Equatable {
    /// Rows, a multiple of 32.
    public var height: Int
    /// Columns, a multiple of 32.
    public var width: Int
    /// Channels of the network's input, all alike: 3 for weights that were trained on color, or 1.
    public var channels: Int
    /// The value, in the unit of the data, that becomes 1; nil takes each file's own.
    public var fullScale: Double?
    /// The share of the patients of each label that trains.
    public var trainingFraction: Double
    /// The seed of the split.
    public var splitSeed: UInt64

    /// Projections of a size.
    public init(
      height: Int, width: Int, channels: Int, fullScale: Double? = nil,
      trainingFraction: Double = 0.8, splitSeed: UInt64 = 1
    ) {
      (self.height, self.width, self.channels) = (height, width, channels)
      (self.fullScale, self.trainingFraction) = (fullScale, trainingFraction)
      self.splitSeed = splitSeed
    }

    /// Writes every setting, absent ones as null, so that a file shows them all.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(height, forKey: .height)
      try container.encode(width, forKey: .width)
      try container.encode(channels, forKey: .channels)
      try container.encode(fullScale, forKey: .fullScale)
      try container.encode(trainingFraction, forKey: .trainingFraction)
      try container.encode(splitSeed, forKey: .splitSeed)
    }

    /// The reader's rules.
    var rules: ProjectionRules {
      var rules = ProjectionRules()
      (rules.height, rules.width, rules.fullScale) = (height, width, fullScale)
      (rules.trainingFraction, rules.seed) = (trainingFraction, splitSeed)
      return rules
    }

    func check() throws(ExperimentError) {
      for (name, value) in [("height", height), ("width", width)] {
        try require(
          value > 0 && value % 32 == 0, "images.\(name)", value, "a multiple of 32")
      }
      try require([1, 3].contains(channels), "images.channels", channels, "1 or 3")
      if let fullScale {
        try require(
          fullScale.isFinite && fullScale > 0, "images.fullScale", fullScale, "above 0, or null")
      }
      try require(
        trainingFraction > 0 && trainingFraction < 1, "images.trainingFraction", trainingFraction,
        "between 0 and 1")
    }
  }

  /// The residual network.
  public struct Backbone: Sendable, Codable, Equatable {
    /// The blocks of each of the four stages.
    public var blocks: [Int]
    /// The channels of the stem.
    public var width: Int
    /// How the baseline is trained.
    public var training: TrainingPlan
    /// A safetensors file with torchvision's names to start from; nil starts at random.
    public var weights: String?

    /// A residual network.
    public init(blocks: [Int], width: Int, training: TrainingPlan, weights: String? = nil) {
      (self.blocks, self.width) = (blocks, width)
      (self.training, self.weights) = (training, weights)
    }

    /// Writes every setting, absent ones as null, so that a file shows them all.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(blocks, forKey: .blocks)
      try container.encode(width, forKey: .width)
      try container.encode(training, forKey: .training)
      try container.encode(weights, forKey: .weights)
    }

    func check() throws(ExperimentError) {
      try require(
        blocks.count == 4 && blocks.allSatisfy { $0 >= 1 }, "backbone.blocks", "\(blocks)",
        "four numbers of at least 1")
      try require(width >= 1, "backbone.width", width, "at least 1")
      try training.check("backbone.training")
    }
  }

  /// The seeds of the networks; five in the paper.
  public var seeds: [UInt64] = [1, 2, 3, 4, 5]
  /// The projections.
  public var images: Images
  /// The residual network.
  public var backbone: Backbone
  /// Its gated variants.
  public var gates: GatePlan
  /// The vision transformer.
  public var transformer: TransformerPlan
  /// How images are explained.
  public var explanation: ExplanationPlan
  /// How pixels are removed.
  public var removal = RemovalPlan()

  /// The defaults of a scale. Two gates in series at each place are the paper's for this experiment.
  public init(scale: ExperimentScale) {
    switch scale {
    case .small:
      // A third is held out: with few patients an accuracy has few values.
      images = Images(height: 128, width: 128, channels: 1, trainingFraction: 0.67)
      backbone = Backbone(
        blocks: [1, 1, 1, 1], width: 8, training: TrainingPlan(epochs: 30, batchSize: 16))
      // Without the gain the batch norms behind the gates need more steps than these to forget the
      // baseline's statistics: a network with two gates then calls every held-out image the same.
      gates = GatePlan(
        start: .baseline, inSeries: 2, gain: true,
        training: TrainingPlan(epochs: 10, batchSize: 16))
      transformer = TransformerPlan(
        width: 64, depth: 4, heads: 4, training: TrainingPlan(epochs: 30, batchSize: 16))
      explanation = ExplanationPlan()
    case .paper:
      images = Images(height: 512, width: 512, channels: 3)
      backbone = Backbone(
        blocks: [3, 4, 6, 3], width: 64, training: TrainingPlan(epochs: 40, batchSize: 16))
      gates = GatePlan(
        start: .baseline, inSeries: 2, training: TrainingPlan(epochs: 20, batchSize: 16))
      transformer = TransformerPlan(
        training: TrainingPlan(epochs: 40, batchSize: 16, learningRate: 1e-4))
      explanation = ExplanationPlan(batchSize: 4)
    }
  }

  /// Refuses settings outside their range.
  public func check() throws(ExperimentError) {
    try checkSeeds()
    try images.check()
    try backbone.check()
    try gates.check()
    try transformer.check(height: images.height, width: images.width)
    try explanation.check()
    try removal.check()
  }
}
