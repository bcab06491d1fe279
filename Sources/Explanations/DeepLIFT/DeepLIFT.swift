import Networks

// DeepLIFT with the rescale rule. The network is recorded at the images and at their baseline; a walk
// passes multipliers m down from the score, so that for every value v on the way
//
//     Σ_j m_j (v_j − v_j⁰) = f(x) − f(x₀)                                               (1)
//
// and at the pixels the map is m ⊙ (x − x₀). The rules are in RescaleRules.

/// DeepLIFT, rescale rule: complete in any network of the primitives it has rules for, gates and
/// attention included.
///
/// - Shapes: images `[N, C, H, W]` → the same.
/// - Source: Shrikumar, Greenside & Kundaje, ICML 2017, section 3.5.1; rules beyond it are derived
///   in the design page.
public struct DeepLIFT: Explainer {
  /// Whose scores.
  public let network: ExplainedNetwork
  /// x₀
  public let baseline: Baseline
  /// Whether the multipliers are multiplied by x − x₀.
  public let multipliesByInputs: Bool
  /// What the method is called.
  public var name: String { "DeepLIFT" }

  /// The method for a network.
  ///
  /// - Parameters:
  ///   - network: Whose scores.
  ///   - baseline: x₀; a blank image unless given.
  ///   - multipliesByInputs: Whether the multipliers are multiplied by x − x₀.
  /// - Throws: ``ExplanationError/noRule(method:primitive:path:reason:)`` if the network uses a
  ///   primitive without a rule, or another ``ExplanationError``.
  public init(
    _ network: ExplainedNetwork, baseline: Baseline = .zero, multipliesByInputs: Bool = true
  ) throws(ExplanationError) {
    (self.network, self.baseline) = (network, baseline)
    self.multipliesByInputs = multipliesByInputs
    try network.recordBlank().check("DeepLIFT", RescaleRules.verdict)
  }

  /// What the method has for a primitive; nil for one that it does not know.
  public static func verdict(_ primitive: String) -> Verdict? {
    RescaleRules.verdict(primitive)
  }

  /// The attribution of the pixels and the gap of (1); see ``Explainer/explain(_:target:)``.
  public func explain(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Explanation {
    let start = try baseline.tensor(for: images)
    let pair = try pair(images, start)
    let pass = pair.images
    let (classes, scores) = try pass.scores(target)
    _ = try pair.baseline.scores(.predicted)  // A baseline must have scores, too.
    let gradients = pass.output.scores.pullBack(pass.seed(classes)) { application in
      RescaleRules.pullback(application, pair.partner(of: application))
    }
    let multipliers = gradients[pass.input] ?? Tensor(repeating: 0, shape: images.shape)
    let map = withoutRecording { multipliers * (images - start) }
    return Explanation(
      attribution: multipliesByInputs ? map : multipliers, classes: classes, scores: scores,
      completeness: Completeness(
        promised: pair.differences(classes, scores), total: map.sampleSums()))
  }

  private func pair(
    _ images: Tensor, _ start: Tensor
  ) throws(ExplanationError) -> ReferencePair {
    let pass = try network.record(images)
    try pass.check(name, RescaleRules.verdict)
    if let pair = ReferencePair(images: pass, baseline: try network.record(start)) { return pair }
    // The network mixes the axis of samples with others: give it as many baselines as images.
    let repeated = withoutRecording { start.expanded(to: images.shape) }
    if let pair = ReferencePair(images: pass, baseline: try network.record(repeated)) {
      return pair
    }
    throw .noRule(
      method: name, primitive: "the network as a whole", path: nil,
      reason: "it takes another way for the baseline than for the images")
  }
}

extension ReferencePair {
  /// f(x) − f(x₀) of each sample.
  fileprivate func differences(_ classes: [Int], _ scores: [Float]) -> [Double] {
    let start = baseline.output.scores
    let elements = start.elements
    return classes.indices.map { sample in
      let row = start.shape[0] == 1 ? 0 : sample
      return Double(scores[sample]) - Double(elements[row * start.shape[1] + classes[sample]])
    }
  }
}
