import ConvexKit
import Explanations
import MedicalImages
import Networks

/// The second experiment on a folder of patients in the BraTS layout.
struct SegmentationStudy: Study {
  let configuration: SegmentationConfiguration
  let training: ImageSet
  let validation: ImageSet
  let explained: [Int]
  let shown: [Int]
  let fingerprint: String
  let samples: [SegmentationSample]

  /// The experiment on images that have been read.
  ///
  /// - Throws: ``ExperimentError/tooFew(what:found:needed:remedy:)`` unless there are halves with and
  ///   without tumor to learn from, and held-out halves with a tumor that its mask still shows.
  init(
    _ dataset: SegmentationDataset, _ configuration: SegmentationConfiguration
  ) throws(ExperimentError) {
    self.configuration = configuration
    samples = dataset.validation
    training = dataset.training.imageSet(configuration.images)
    validation = samples.imageSet(configuration.images)
    let remedy = "add patients, or change images.trainingFraction"
    let learned = Set(training.labels).count
    guard learned == 2 else {
      throw .tooFew(
        what: "labels with training images", found: learned, needed: 2, remedy: remedy)
    }
    let visible = dataset.validation.indices.filter { index in
      let sample = dataset.validation[index]
      return sample.label && sample.mask.contains { $0 > 0 }
    }
    guard !visible.isEmpty else {
      throw .tooFew(
        what: "held-out halves with tumor", found: 0, needed: 1, remedy: remedy)
    }
    explained = visible
    shown = visible.spread(configuration.explanation.panels)
    fingerprint = dataset.manifest.fingerprint + " " + configuration.images.description
  }

  var methods: [Method] {
    [
      .fine, .coarse, .unconstrained, .cvx, .dual, .exact, .klCoarseFine, .klFineCoarse,
      .deepLIFT, .lrp, .gradCAM, .gradientTimesInput, .transformer, .random,
    ]
  }
  var metrics: [Metric] { [.averagePrecision] + configuration.quantiles.map(Metric.overlap) }
  var explanation: ExplanationPlan { configuration.explanation }
  var gates: GatePlan { configuration.gates }
  var passesPerMap: Int { 0 }

  func makeNetwork(
    _ network: StudiedNetwork, seed: UInt64
  ) throws(ExperimentError) -> any GatedClassifier {
    // The same weights for every variant, so that only gates and penalty differ.
    var generator = SeededGenerator(seed: seed, name: "weights")
    let images = configuration.images
    let channels = Modality.allCases.count
    switch network {
    case .gated(let variant):
      var settings = UNetEncoder.Settings(
        channels: channels, features: configuration.backbone.features, classes: 2,
        size: [images.height, images.width], gain: gates.gain)
      settings.gatesInSeries = gates.inSeries
      return UNetEncoder(settings.gated(as: variant), using: &generator)
    case .transformer:
      let plan = configuration.transformer
      let model = VisionTransformer(
        plan.settings(channels: channels, classes: 2, height: images.height, width: images.width),
        using: &generator)
      do {
        try plan.load(into: model)
      } catch {
        throw .weights(error)
      }
      return model
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
    let side = block == .third ? 4 : 8
    return [configuration.images.height / side, configuration.images.width / side]
  }

  func layer(of block: Block) -> String { block == .third ? "encoder3" : "encoder4" }
}

extension SegmentationConfiguration.Images: CustomStringConvertible {
  /// The size and the slices.
  public var description: String {
    "\(height)x\(width), \(slicesPerPatient.map { "\($0)" } ?? "all") slices"
  }
}

extension [SegmentationSample] {
  /// The samples as images with labels: 1 with tumor, 0 without.
  fileprivate func imageSet(_ images: SegmentationConfiguration.Images) -> ImageSet {
    ImageSet(
      elements: flatMap(\.image),
      imageShape: [Modality.allCases.count, images.height, images.width],
      labels: map { $0.label ? 1 : 0 })
  }
}
