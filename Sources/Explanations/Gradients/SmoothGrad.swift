import ConvexKit
import Networks

/// SmoothGrad: the mean gradient of noisy copies of an image, or of gradient times noisy copy.
///
/// What the mean gradient is the gradient of is the mean score of the copies, and that is the
/// explanation's score.
///
/// - Shapes: images `[N, C, H, W]` → the same.
/// - Source: Smilkov et al., arXiv:1706.03825.
public struct SmoothGrad: Explainer {
  /// What is added to the images.
  public enum Noise: Sendable {
    /// Normal noise of a deviation, in the images' units, for a number of copies.
    case normal(deviation: Float, copies: Int, seed: UInt64)
    /// Given noise, one tensor like the images per copy.
    case given([Tensor])

    /// The number of copies.
    var copies: Int {
      switch self {
      case .normal(_, let copies, _): copies
      case .given(let tensors): tensors.count
      }
    }
  }

  /// Whose scores.
  public let network: ExplainedNetwork
  /// What is added to the images.
  public let noise: Noise
  /// Whether each gradient is multiplied by its copy.
  public let multipliesByInputs: Bool
  /// What the method is called.
  public var name: String { multipliesByInputs ? "SmoothGrad × input" : "SmoothGrad" }

  /// The method for a network.
  ///
  /// - Parameters:
  ///   - network: Whose scores.
  ///   - noise: What is added to the images.
  ///   - multipliesByInputs: Whether each gradient is multiplied by its copy.
  /// - Throws: ``ExplanationError`` if a layer is in training, or if there are no copies.
  public init(
    _ network: ExplainedNetwork, noise: Noise, multipliesByInputs: Bool = false
  ) throws(ExplanationError) {
    guard noise.copies > 0 else {
      throw .invalidSetting(name: "copies", value: "\(noise.copies)", required: "at least 1")
    }
    (self.network, self.noise, self.multipliesByInputs) = (network, noise, multipliesByInputs)
    _ = try network.recordBlank()
  }

  /// The attribution of the pixels; see ``Explainer/explain(_:target:)``.
  public func explain(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Explanation {
    let classes = try network.classes(images, target)
    var sum = GradientSum(
      network, shape: images.shape, classes: classes, multipliesByImages: multipliesByInputs)
    let copies = Float(noise.copies)
    for noise in try noise(images.shape) {
      try sum.add(withoutRecording { images + noise }, weight: 1 / copies)
    }
    let (mean, scores) = try sum.total()
    return Explanation(attribution: mean, classes: classes, scores: scores)
  }

  private func noise(_ shape: [Int]) throws(ExplanationError) -> [Tensor] {
    switch noise {
    case .normal(let deviation, let copies, let seed):
      var generator = SeededGenerator(seed: seed, name: "SmoothGrad")
      return withoutRecording {
        (0..<copies).map { _ in deviation * Tensor.normal(shape, using: &generator) }
      }
    case .given(let tensors):
      for tensor in tensors where tensor.shape != shape {
        throw .shapeMismatch(operand: "noise", expected: shape, actual: tensor.shape)
      }
      return tensors
    }
  }
}
