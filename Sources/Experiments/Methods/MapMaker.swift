import ConvexKit
import Explanations
import Networks

/// Makes the maps of one method at the blocks that it has.
struct MapMaker {
  private let method: Method
  private let seed: UInt64
  private let grids: [Block: [Int]]
  /// The explainer of each block; the same one for methods that explain pixels.
  private let explainers: [Block: any Explainer]

  /// The maps of a method.
  ///
  /// - Parameters:
  ///   - method: The method.
  ///   - model: The network that it explains, in evaluation mode.
  ///   - study: The experiment.
  ///   - seed: The seed of the random order.
  /// - Throws: `ExplanationError` if the method does not fit the network.
  init(
    _ method: Method, of model: any GatedClassifier, in study: any Study, seed: UInt64
  ) throws(ExplanationError) {
    (self.method, self.seed) = (method, seed)
    let network = ExplainedNetwork(
      anyClassifier: model, imageShape: study.validation.imageShape)
    var grids: [Block: [Int]] = [:]
    var explainers: [Block: any Explainer] = [:]
    for block in method.blocks {
      grids[block] = study.grid(of: block)
      explainers[block] = try Self.explainer(method, block, network, study)
    }
    (self.grids, self.explainers) = (grids, explainers)
  }

  /// Maps of a batch of images.
  struct Maps {
    /// `[N, 1, rows, columns]` by block.
    var maps: [Block: Tensor] = [:]
    /// The largest |gap| of a method that promises completeness.
    var completenessGap: Double?
  }

  /// The maps of a batch of images.
  ///
  /// - Parameters:
  ///   - images: `[N, C, H, W]`
  ///   - target: Whose scores.
  ///   - start: The number of the batch's first image, which a random order depends on.
  /// - Returns: The maps at every block of the method.
  /// - Throws: `ExplanationError` if the images do not fit the network.
  func maps(
    _ images: Tensor, target: Target, start: Int
  ) throws(ExplanationError) -> Maps {
    var result = Maps()
    if method == .random {
      for (block, grid) in grids {
        result.maps[block] = random(count: images.shape[0], block, grid, start: start)
      }
      return result
    }
    var known: Tensor?  // methods that explain pixels or patches do it once for both blocks
    for block in method.blocks {
      guard let explainer = explainers[block], let grid = grids[block] else { continue }
      if let known {
        result.maps[block] = try cells(known, grid)
        continue
      }
      let explanation = try explainer.explain(images, target: target)
      if let gap = explanation.completeness?.largestGap {
        result.completenessGap = max(gap, result.completenessGap ?? 0)
      }
      if !method.isMadePerBlock { known = explanation.attribution }
      result.maps[block] = try cells(explanation.attribution, grid)
    }
    return result
  }

  /// An attribution as a map over the cells of a block.
  ///
  /// - Shapes: `[N, C, h, w]` → `[N, 1] + grid`.
  private func cells(_ attribution: Tensor, _ grid: [Int]) throws(ExplanationError) -> Tensor {
    if method.isOfPixels { return try attribution.distribution(overCells: grid) }
    let own = Array(attribution.shape.suffix(2))
    guard own != grid else { return attribution }
    let isFiner = zip(own, grid).allSatisfy { $0 >= $1 && $0.isMultiple(of: $1) }
    return isFiner
      ? try attribution.summed(toCells: grid)
      : withoutRecording { attribution.resized(to: grid, mode: .nearest) }
  }

  private func random(count: Int, _ block: Block, _ grid: [Int], start: Int) -> Tensor {
    let cells = grid.reduce(1, *)
    var elements: [Float] = []
    for image in start..<start + count {
      var generator = SeededGenerator(
        seed: seed, name: "random order.\(block.rawValue).\(image)")
      elements += (0..<cells).map { _ in Float(generator.uniform()) }
    }
    return Tensor(elements, shape: [count, 1] + grid)
  }

  private static func explainer(
    _ method: Method, _ block: Block, _ network: ExplainedNetwork, _ study: any Study
  ) throws(ExplanationError) -> (any Explainer)? {
    switch method {
    case .fine, .coarse, .unconstrained, .dual, .exact, .klCoarseFine, .klFineCoarse:
      return try GateAttention(network, map: block == .third ? .fine : .coarse)
    case .cvx:
      return try GateAttention(
        network, map: block == .third ? .consistentFine : .consistentCoarse)
    case .deepLIFT: return try DeepLIFT(network)
    case .lrp: return try LRP(network)
    case .gradCAM:
      return try GradCAM(
        network, layer: study.layer(of: block), isSigned: study.explanation.signedGradCAM)
    case .gradientTimesInput: return try GradientTimesInput(network)
    case .transformer: return try TransformerAttention(network)
    case .random: return nil
    }
  }
}

extension ExplainedNetwork {
  /// A classifier whose type is not known: a transformer with its attention, any other with its gates.
  init(anyClassifier model: any GatedClassifier, imageShape: [Int]) {
    func open(_ model: some GatedClassifier) -> ExplainedNetwork {
      ExplainedNetwork(model, imageShape: imageShape)
    }
    self = (model as? VisionTransformer).map { ExplainedNetwork($0) } ?? open(model)
  }
}

extension Method {
  /// Whether it explains pixels.
  fileprivate var isOfPixels: Bool {
    switch self {
    case .deepLIFT, .lrp, .gradientTimesInput: true
    default: false
    }
  }

  /// Whether each block has maps of its own.
  fileprivate var isMadePerBlock: Bool { !isOfPixels && self != .transformer }
}
