import Networks

// Gradient-weighted class activation maps. With a the value of a layer, `[N, C, h, w]`:
//
//     w_c  = mean over cells of ∂f/∂a_c                                               (1)
//     raw  = Σ_c w_c a_c                                                              (2)
//     map  = max(raw, 0)                                                              (3)

/// GradCAM at any layer.
///
/// - Shapes: images `[N, C, H, W]` → `[N, 1, h, w]`, the layer's cells.
/// - Source: Selvaraju et al., ICCV 2017, eqs. 1 and 2.
public struct GradCAM: Explainer {
  /// Whose scores.
  public let network: ExplainedNetwork
  /// The layer's path.
  public let layer: String
  /// Whether negative evidence is kept, without (3).
  public let isSigned: Bool
  /// What the method is called.
  public var name: String { "GradCAM" }

  /// GradCAM at a layer.
  ///
  /// - Parameters:
  ///   - network: Whose scores.
  ///   - layer: The path of a module, whose last value is meant (`layer3` is what stage 3 returns), or
  ///     the name of a tensor of ``ExplainedNetwork/Output/tensors``.
  ///   - isSigned: Whether negative evidence is kept; the published map has none.
  /// - Throws: ``ExplanationError`` if there is no such layer, or if it has no cells.
  public init(
    _ network: ExplainedNetwork, layer: String, isSigned: Bool = false
  ) throws(ExplanationError) {
    (self.network, self.layer, self.isSigned) = (network, layer, isSigned)
    let pass = try network.recordBlank()
    let value = try pass.layer(layer)
    guard value.rank == 4 else { throw .noCells(path: layer, shape: value.shape) }
    entry = pass.entry(layer)
  }

  /// What the tape begins with, so that nothing before the layer is recorded.
  private let entry: Parameter?

  /// The map of the layer's cells; see ``Explainer/explain(_:target:)``.
  public func explain(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Explanation {
    let result = try weigh(images, target)
    let map = withoutRecording {
      let weights = result.weights.reshaped(result.weights.shape + [1, 1])
      let raw = (result.value * weights).sum(axes: [1], keepingAxes: true)  // (2)
      return isSigned ? raw : raw.relu()  // (3)
    }
    return Explanation(attribution: map, classes: result.classes, scores: result.scores)
  }

  /// w of (1): how much a score rests on each channel of the layer, `[N, C]`.
  ///
  /// - Parameters:
  ///   - images: `[N, C, H, W]`
  ///   - target: Whose score.
  /// - Returns: The weights.
  /// - Throws: ``ExplanationError``.
  public func channelWeights(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Tensor {
    try weigh(images, target).weights
  }

  private struct Weighted {
    let value: Tensor
    let weights: Tensor
    let classes: [Int]
    let scores: [Float]
  }

  private func weigh(_ images: Tensor, _ target: Target) throws(ExplanationError) -> Weighted {
    let pass = try network.record(images, variables: entry.map { [$0] } ?? [])
    let value = try pass.layer(layer)
    let (classes, scores) = try pass.scores(target)
    let gradients = pass.output.scores.pullBack(pass.seed(classes), keeping: [value]) {
      // Nothing below the layer is wanted.
      $0 === value.application ? { _ in value.noCotangents } : nil
    }
    let gradient = gradients[value] ?? Tensor(repeating: 0, shape: value.shape)
    let weights = withoutRecording { gradient.mean(axes: [2, 3]) }  // (1)
    return Weighted(
      value: value.detached(), weights: weights, classes: classes, scores: scores)
  }
}

extension Tensor {
  /// No cotangent for any operand of the application that computed this tensor: a walk ends there.
  fileprivate var noCotangents: [Tensor?] {
    Array(repeating: nil, count: application?.operands.count ?? 0)
  }
}
