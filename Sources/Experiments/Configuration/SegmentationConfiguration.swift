import MedicalImages
import Networks

/// The second experiment: how maps overlap tumors that the network was never shown.
///
/// Defaults are those of a scale; a JSON file overrides some of them (``ConfigurationFile``).
public struct SegmentationConfiguration: ExperimentConfiguration {
  /// The halves of axial slices.
  public struct Images: Sendable, Codable, Equatable {
    /// Rows, a multiple of 16.
    public var height: Int
    /// Columns, a multiple of 16.
    public var width: Int
    /// At most this many slices of each patient, evenly spaced; nil takes all.
    public var slicesPerPatient: Int?
    /// The share of the patients that trains.
    public var trainingFraction: Double
    /// The seed of the split.
    public var splitSeed: UInt64

    /// Halves of a size.
    public init(
      height: Int, width: Int, slicesPerPatient: Int? = nil, trainingFraction: Double = 0.8,
      splitSeed: UInt64 = 1
    ) {
      (self.height, self.width, self.slicesPerPatient) = (height, width, slicesPerPatient)
      (self.trainingFraction, self.splitSeed) = (trainingFraction, splitSeed)
    }

    /// Writes every setting, absent ones as null, so that a file shows them all.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(height, forKey: .height)
      try container.encode(width, forKey: .width)
      try container.encode(slicesPerPatient, forKey: .slicesPerPatient)
      try container.encode(trainingFraction, forKey: .trainingFraction)
      try container.encode(splitSeed, forKey: .splitSeed)
    }

    /// The reader's rules.
    var rules: SegmentationRules {
      var rules = SegmentationRules()
      rules.size = .exact(height: height, width: width)
      rules.maximumSlicesPerPatient = slicesPerPatient
      (rules.trainingFraction, rules.seed) = (trainingFraction, splitSeed)
      return rules
    }

    func check() throws(ExperimentError) {
      for (name, value) in [("height", height), ("width", width)] {
        try require(
          value > 0 && value % 16 == 0, "images.\(name)", value, "a multiple of 16")
      }
      if let slicesPerPatient {
        try require(
          slicesPerPatient >= 1, "images.slicesPerPatient", slicesPerPatient,
          "at least 1, or null")
      }
      try require(
        trainingFraction > 0 && trainingFraction < 1, "images.trainingFraction", trainingFraction,
        "between 0 and 1")
    }
  }

  /// The U-Net encoder.
  public struct Backbone: Sendable, Codable, Equatable {
    /// The channels of the first block.
    public var features: Int
    /// How the baseline is trained.
    public var training: TrainingPlan

    /// A U-Net encoder.
    public init(features: Int, training: TrainingPlan) {
      (self.features, self.training) = (features, training)
    }

    func check() throws(ExperimentError) {
      try require(features >= 1, "backbone.features", features, "at least 1")
      try training.check("backbone.training")
    }
  }

  /// The seeds of the networks; five in the paper.
  public var seeds: [UInt64] = [1, 2, 3, 4, 5]
  /// The halves of axial slices.
  public var images: Images
  /// The U-Net encoder.
  public var backbone: Backbone
  /// Its gated variants.
  public var gates: GatePlan
  /// The vision transformer.
  public var transformer: TransformerPlan
  /// How images are explained.
  public var explanation: ExplanationPlan
  /// The quantiles above which a map counts as positive.
  public var quantiles: [Double] = [0.975, 0.95, 0.9]

  /// The defaults of a scale.
  public init(scale: ExperimentScale) {
    switch scale {
    case .small:
      images = Images(height: 96, width: 48, slicesPerPatient: 4)
      backbone = Backbone(features: 8, training: TrainingPlan(epochs: 6, batchSize: 16))
      gates = GatePlan(start: .random, training: TrainingPlan(epochs: 6, batchSize: 16))
      transformer = TransformerPlan(
        patch: 8, width: 64, depth: 4, heads: 4, training: TrainingPlan(epochs: 12, batchSize: 16))
      explanation = ExplanationPlan(batchSize: 32)
    case .paper:
      images = Images(height: 256, width: 256)
      backbone = Backbone(features: 32, training: TrainingPlan(epochs: 20, batchSize: 16))
      gates = GatePlan(start: .random, training: TrainingPlan(epochs: 20, batchSize: 16))
      transformer = TransformerPlan(
        training: TrainingPlan(epochs: 20, batchSize: 16, learningRate: 1e-4))
      explanation = ExplanationPlan()
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
    try require(
      !quantiles.isEmpty && quantiles.allSatisfy { $0 > 0 && $0 < 1 }, "quantiles",
      "\(quantiles)", "numbers between 0 and 1")
    try require(
      Set(quantiles).count == quantiles.count, "quantiles", "\(quantiles)",
      "different from each other")
  }
}
