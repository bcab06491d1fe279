import ArgumentParser
import Foundation
import Networks

/// The options of `convex train` that fine-tuning on few and unbalanced images needs.
struct FineTuningOptions: ParsableArguments {
  /// How the learning rate changes.
  enum Schedule: String, ExpressibleByArgument, CaseIterable {
    case constant, plateau, cosine
  }

  /// The weights of the classes in the loss.
  enum Weights: ExpressibleByArgument, Equatable {
    case none
    case balanced
    case given([Float])

    init?(argument: String) {
      switch argument {
      case "none": self = .none
      case "balanced": self = .balanced
      default:
        let numbers = argument.split(separator: ",").map { Float($0) }
        let weights = numbers.compactMap { $0 }
        guard weights.count == numbers.count, weights.allSatisfy({ $0 > 0 && $0.isFinite }) else {
          return nil
        }
        self = .given(weights)
      }
    }
  }

  @Option(
    help: """
      Weights to start from: safetensors with the network's names (a checkpoint's too). Gates, λ and fc may \
      be missing; they start at random then.
      """,
    transform: { URL(fileURLWithPath: $0) })
  var weights: URL?

  @Option(
    help: """
      The encoder: trained, frozen (its batch norms in evaluation mode), or moving-statistics (its \
      parameters frozen, its batch norms normalizing by the batch and averaging on).
      """)
  var backbone: TrainingSettings.Backbone = .trained

  @Option(
    help: """
      The learning rate: constant, plateau (times --schedule-factor when the held-out cross-entropy has not \
      improved for more than --schedule-patience epochs) or cosine (down to 0 over all epochs).
      """)
  var schedule: Schedule = .plateau

  @Option(help: "What a plateau multiplies the learning rate by, between 0 and 1.")
  var scheduleFactor = 0.1

  @Option(help: "Epochs without improvement that a plateau lets pass.")
  var schedulePatience = 10

  @Option(
    help: """
      Images that go through the network at once; their gradients are added up until --batch-size images \
      have been through. For batches that do not fit in memory. Default: the whole batch.
      """)
  var partSize: Int?

  @Option(help: "The largest norm of the gradient; a longer one is scaled down.")
  var clip: Double?

  @Option(
    help: """
      Weights of the classes in the loss: none, balanced (a class counts the same however many images it \
      has), or numbers for no tumor and tumor, as in 1,3.5.
      """)
  var classWeights: Weights = .none

  @Option(
    help: "An epoch: shuffled (every image once) or balanced (as many images of each class).")
  var sampling: Sampling = .shuffled

  @Flag(help: "Mirror training images left to right, every second time.")
  var flip = false

  @Flag(help: "Mirror training images top to bottom, every second time.")
  var flipVertically = false

  @Option(help: "Rotate training images by up to this many degrees.")
  var rotate = 0.0

  @Option(help: "Shift training images by up to this fraction of their height and width.")
  var translate = 0.0

  @Option(help: "Scale training images by a factor up to this fraction from 1, as in 0.1.")
  var scale = 0.0

  @Option(help: "Shear training images by up to this many degrees.")
  var shear = 0.0

  @Option(
    help: "Stop when the balanced accuracy has not improved for this many epochs.")
  var earlyStopping: Int?

  @Option(
    help: """
      Train every variant with this many seeds, --seed and those after it, and report means with standard \
      deviations. The split of the patients stays that of --seed.
      """)
  var seeds = 1

  func validate() throws {
    func require(_ condition: Bool, _ message: String) throws {
      if !condition { throw ValidationError(message) }
    }
    try require(
      scheduleFactor > 0 && scheduleFactor < 1,
      "--schedule-factor \(scheduleFactor): between 0 and 1")
    try require(schedulePatience >= 0, "--schedule-patience \(schedulePatience): 0 or more")
    if let partSize {
      try require(partSize > 1, "--part-size \(partSize): at least 2, batch norm needs a spread")
    }
    if let clip { try require(clip.isFinite && clip > 0, "--clip \(clip): above 0") }
    if case .given(let weights) = classWeights {
      try require(
        weights.count == 2, "--class-weights: two numbers, for no tumor and tumor, as in 1,3.5")
    }
    try require((0...180).contains(rotate), "--rotate \(rotate): 0 to 180 degrees")
    try require((0...1).contains(translate), "--translate \(translate): 0 to 1")
    try require((0..<1).contains(scale), "--scale \(scale): 0 to below 1")
    try require((0..<80).contains(shear), "--shear \(shear): 0 to below 80 degrees")
    if let earlyStopping {
      try require(earlyStopping >= 1, "--early-stopping \(earlyStopping): at least 1")
    }
    try require((1...1000).contains(seeds), "--seeds \(seeds): 1 to 1000")
  }

  /// The weights of the classes as the trainer wants them.
  var classWeighting: ClassWeighting {
    switch classWeights {
    case .none: .uniform
    case .balanced: .balanced
    case .given(let weights): .given(weights)
    }
  }

  /// The augmentation, nil if nothing is asked for.
  var augmentation: Augmentation? {
    let asked = Augmentation(
      flipsHorizontally: flip, flipsVertically: flipVertically, rotation: rotate,
      translation: translate, scale: 1 - scale...1 + scale, shear: shear)
    return asked == Augmentation() ? nil : asked
  }

  /// The schedule of a run.
  func schedule(learningRate: Double, epochs: Int) -> LearningRateSchedule {
    switch schedule {
    case .constant: .constant
    case .plateau:
      .plateau(ReduceLROnPlateau(factor: scheduleFactor, patience: schedulePatience))
    case .cosine: .cosine(CosineAnnealing(learningRate: learningRate, tMax: epochs))
    }
  }
}

extension TrainingSettings.Backbone: ExpressibleByArgument {}
extension Sampling: ExpressibleByArgument {}
