import Networks

// Integrated gradients. On the straight path from the baseline x₀ to the image x,
//
//     map = (x − x₀) ⊙ ∫₀¹ ∂f/∂x (x₀ + α (x − x₀)) dα,     Σ map = f(x) − f(x₀)                  (1)
//
// with the integral by a quadrature: the gap is its error.

/// Integrated gradients.
///
/// - Shapes: images `[N, C, H, W]` → the same.
/// - Source: Sundararajan, Taly & Yan, ICML 2017, eq. 1.
public struct IntegratedGradients: Explainer {
  /// Whose scores.
  public let network: ExplainedNetwork
  /// x₀
  public let baseline: Baseline
  /// How the integral is computed.
  public let quadrature: PathQuadrature
  /// The number of points.
  public let points: Int
  /// Whether the mean gradient is multiplied by x − x₀.
  public let multipliesByInputs: Bool
  /// What the method is called.
  public var name: String { "Integrated gradients" }

  /// The method for a network.
  ///
  /// - Parameters:
  ///   - network: Whose scores.
  ///   - baseline: x₀; a blank image unless given.
  ///   - quadrature: How the integral is computed; Gauss and Legendre's has no point at the baseline,
  ///     where max pools are tied.
  ///   - points: The number of points.
  ///   - multipliesByInputs: Whether the mean gradient is multiplied by x − x₀.
  /// - Throws: ``ExplanationError`` if a layer is in training, or if there are too few points.
  public init(
    _ network: ExplainedNetwork, baseline: Baseline = .zero,
    quadrature: PathQuadrature = .gaussLegendre, points: Int = 16,
    multipliesByInputs: Bool = true
  ) throws(ExplanationError) {
    guard points >= quadrature.minimumCount else {
      throw .invalidSetting(
        name: "points", value: "\(points)", required: "at least \(quadrature.minimumCount)")
    }
    (self.network, self.baseline, self.quadrature) = (network, baseline, quadrature)
    (self.points, self.multipliesByInputs) = (points, multipliesByInputs)
    _ = try network.recordBlank()
  }

  /// The attribution of the pixels and the gap of (1); see ``Explainer/explain(_:target:)``.
  public func explain(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Explanation {
    let start = try baseline.tensor(for: images)
    let (classes, scores) = try network.output(images).scores.scores(target)
    let path = withoutRecording { images - start }
    var sum = GradientSum(network, shape: images.shape, classes: classes)
    for (node, weight) in quadrature.points(points) {
      try sum.add(images.point(node, from: start), weight: Float(weight))
    }
    let mean = try sum.total().gradient
    let map = withoutRecording { path * mean }
    let promised = try network.differences(scores, classes, from: start)
    return Explanation(
      attribution: multipliesByInputs ? map : mean, classes: classes, scores: scores,
      completeness: Completeness(promised: promised, total: map.sampleSums()))
  }
}

extension ExplainedNetwork {
  /// f(x) − f(x₀) of each sample.
  func differences(
    _ scores: [Float], _ classes: [Int], from baseline: Tensor
  ) throws(ExplanationError) -> [Double] {
    let start = try output(baseline).scores
    let (width, elements) = (start.shape[1], start.elements)
    return classes.indices.map { sample in
      let row = baseline.shape[0] == 1 ? 0 : sample
      return Double(scores[sample]) - Double(elements[row * width + classes[sample]])
    }
  }
}
