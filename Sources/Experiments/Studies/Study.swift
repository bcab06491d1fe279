import Explanations
import Networks

/// What differs between the two experiments: the images, the networks, and what a map is judged by.
protocol Study: Sendable {
  /// The rows of the table, in order.
  var methods: [Method] { get }
  /// The numbers of a method at a block, in the order of the table.
  var metrics: [Metric] { get }
  /// The images to learn from.
  var training: ImageSet { get }
  /// The images of other patients.
  var validation: ImageSet { get }
  /// Which held-out images are explained.
  var explained: [Int] { get }
  /// Which held-out images the report shows.
  var shown: [Int] { get }
  /// How images are explained.
  var explanation: ExplanationPlan { get }
  /// Where gated networks start, and how they are trained.
  var gates: GatePlan { get }
  /// How many times each perturbed image goes through the baseline to judge one map.
  var passesPerMap: Int { get }
  /// What the data and the rules are called: a hash.
  var fingerprint: String { get }

  /// A network with random weights, or with those that the configuration names.
  ///
  /// - Throws: ``ExperimentError/weights(_:)``.
  func makeNetwork(
    _ network: StudiedNetwork, seed: UInt64
  ) throws(ExperimentError) -> any GatedClassifier

  /// How a network is trained.
  func plan(of network: StudiedNetwork) -> TrainingPlan

  /// Rows and columns of the maps at a block.
  func grid(of block: Block) -> [Int]

  /// The path of the layer whose cells GradCAM has at a block.
  func layer(of block: Block) -> String

  /// What the maps of the explained images are worth.
  ///
  /// - Parameters:
  ///   - maps: `[count, 1, rows, columns]`, in the order of ``explained``.
  ///   - baseline: The plain classifier of the same seed.
  ///   - goOn: Asked now and then; false ends it.
  /// - Returns: The score; nil if it was ended.
  /// - Throws: ``ExperimentError`` if the maps or the network do not fit.
  func score(
    _ maps: Tensor, baseline: any GatedClassifier, goOn: () -> Bool
  ) throws(ExperimentError) -> BlockScore?
}

extension Study {
  /// The networks that the methods explain, each once, the baseline first.
  var networks: [StudiedNetwork] {
    var networks = [StudiedNetwork.baseline]
    for method in methods where !networks.contains(method.network) {
      networks.append(method.network)
    }
    return networks
  }

  /// The trainer's settings for a network.
  func settings(of network: StudiedNetwork, seed: UInt64) -> TrainingSettings {
    let penalty: AttentionPenalty =
      if case .gated(let variant) = network { variant.penalty } else { .unconstrained }
    return plan(of: network).settings(penalty: penalty, alpha: gates.alpha, seed: seed)
  }

  /// Whether a network starts where the baseline ended.
  func startsFromBaseline(_ network: StudiedNetwork) -> Bool {
    guard case .gated(let variant) = network else { return false }
    return variant != .baseline && gates.start == .baseline
  }

  /// The explained images of a range, with their labels.
  func batch(_ range: Range<Int>) -> (images: Tensor, labels: [Int]) {
    validation.batch(explained[range])
  }
}
