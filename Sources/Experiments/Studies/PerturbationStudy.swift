import ConvexKit
import Explanations
import Foundation
import MedicalImages
import Networks

/// The first experiment on a folder of labeled projections.
struct PerturbationStudy: Study {
  let configuration: PerturbationConfiguration
  let training: ImageSet
  let validation: ImageSet
  let explained: [Int]
  let shown: [Int]
  let fingerprint: String
  let samples: [ProjectionSample]

  /// The experiment on images that have been read.
  ///
  /// - Throws: ``ExperimentError/tooFew(what:found:needed:remedy:)`` unless each label is there to learn
  ///   from, and two of them are held out.
  init(
    _ dataset: ProjectionDataset, _ configuration: PerturbationConfiguration
  ) throws(ExperimentError) {
    self.configuration = configuration
    samples = dataset.validation
    training = dataset.training.imageSet(configuration.images)
    validation = samples.imageSet(configuration.images)
    let remedy = "add patients, or change images.trainingFraction"
    let learned = Set(training.labels).count
    guard learned == UptakeLabel.allCases.count else {
      throw .tooFew(
        what: "labels with training images", found: learned, needed: UptakeLabel.allCases.count,
        remedy: remedy)
    }
    let heldOut = Set(validation.labels).count
    guard heldOut > 1 else {
      throw .tooFew(
        what: "labels with held-out images", found: heldOut, needed: 2, remedy: remedy)
    }
    let all = Array(validation.labels.indices)
    // Images with something to find, spread over the patients.
    let altered = all.filter { dataset.validation[$0].label != .normal }
    explained = all
    shown = (altered.isEmpty ? all : altered).spread(configuration.explanation.panels)
    fingerprint = dataset.manifest.fingerprint + " " + configuration.images.description
  }

  var methods: [Method] {
    [
      .fine, .coarse, .unconstrained, .cvx, .dual, .exact, .deepLIFT, .lrp, .gradCAM,
      .gradientTimesInput, .transformer, .random,
    ]
  }
  var metrics: [Metric] { [.area, .areaAboveChance] }
  var explanation: ExplanationPlan { configuration.explanation }
  var gates: GatePlan { configuration.gates }
  var passesPerMap: Int { configuration.removal.fractions.count }

  func makeNetwork(
    _ network: StudiedNetwork, seed: UInt64
  ) throws(ExperimentError) -> any GatedClassifier {
    // The same weights for every variant, so that only gates and penalty differ.
    var generator = SeededGenerator(seed: seed, name: "weights")
    let (images, backbone) = (configuration.images, configuration.backbone)
    let classes = UptakeLabel.allCases.count
    do {
      switch network {
      case .gated(let variant):
        let settings = ResNet.Settings(
          channels: images.channels, blocks: backbone.blocks, width: backbone.width,
          classes: classes, size: [images.height, images.width], gatesInSeries: gates.inSeries,
          gain: gates.gain)
        let model = ResNet(settings.gated(as: variant), using: &generator)
        if let path = backbone.weights {
          try model.load(
            contentsOf: URL(fileURLWithPath: path), allowing: model.publishedDifferences)
        }
        return model
      case .transformer:
        let plan = configuration.transformer
        let model = VisionTransformer(
          plan.settings(
            channels: images.channels, classes: classes, height: images.height,
            width: images.width), using: &generator)
        try plan.load(into: model)
        return model
      }
    } catch {
      throw .weights(error)
    }
  }

  func plan(of network: StudiedNetwork) -> TrainingPlan {
    switch network {
    case .baseline: configuration.backbone.training
    case .gated: configuration.gates.training
    case .transformer: configuration.transformer.training
    }
  }

  func grid(of block: Block) -> [Int] {
    let side = block == .third ? 16 : 32
    return [configuration.images.height / side, configuration.images.width / side]
  }

  func layer(of block: Block) -> String { block == .third ? "layer3" : "layer4" }
}

extension PerturbationConfiguration.Images: CustomStringConvertible {
  /// The size and the scale.
  public var description: String {
    "\(channels)x\(height)x\(width), full scale \(fullScale.map { "\($0)" } ?? "each file's own")"
  }
}

extension [ProjectionSample] {
  /// The samples as images with labels, the plane repeated in every channel.
  fileprivate func imageSet(_ images: PerturbationConfiguration.Images) -> ImageSet {
    ImageSet(
      elements: flatMap { sample in
        (0..<images.channels).flatMap { _ in sample.image.values }
      }, imageShape: [images.channels, images.height, images.width],
      labels: map(\.label.index))
  }
}

extension [Int] {
  /// Some of these numbers, evenly spaced.
  func spread(_ count: Int) -> [Int] {
    let count = Swift.min(count, self.count)
    return (0..<count).map { self[(2 * $0 + 1) * self.count / (2 * count)] }
  }
}
