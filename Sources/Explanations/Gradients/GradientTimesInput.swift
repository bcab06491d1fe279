import Networks

/// Gradient times input: x ⊙ ∂f/∂x, or the gradient alone.
///
/// - Shapes: images `[N, C, H, W]` → the same.
/// - Source: Shrikumar et al., arXiv:1605.01713; the gradient alone: Simonyan et al.,
///   arXiv:1312.6034.
public struct GradientTimesInput: Explainer {
  /// Whose scores.
  public let network: ExplainedNetwork
  /// Whether the gradient is multiplied by the image.
  public let multipliesByInputs: Bool
  /// What the method is called.
  public var name: String { multipliesByInputs ? "Gradient × input" : "Gradient" }

  /// The method for a network.
  ///
  /// - Parameters:
  ///   - network: Whose scores.
  ///   - multipliesByInputs: Whether the gradient is multiplied by the image.
  /// - Throws: ``ExplanationError`` if a layer is in training.
  public init(
    _ network: ExplainedNetwork, multipliesByInputs: Bool = true
  ) throws(ExplanationError) {
    (self.network, self.multipliesByInputs) = (network, multipliesByInputs)
    _ = try network.recordBlank()
  }

  /// The attribution of the pixels; see ``Explainer/explain(_:target:)``.
  public func explain(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Explanation {
    let result = try network.gradient(images, target: target)
    let attribution = withoutRecording {
      multipliesByInputs ? images * result.gradient : result.gradient
    }
    return Explanation(
      attribution: attribution, classes: result.classes, scores: result.scores)
  }
}
