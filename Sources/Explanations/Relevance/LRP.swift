import Networks

// Layer-wise relevance propagation. A walk passes relevance down, beginning with the score, so that for
// every part of the network
//
//     Σ R in = Σ R out − what biases and ε take                                          (1)
//     f(x) = Σ R pixels + Σ over all layers of what biases and ε take                     (2)
//
// The rules are in RelevanceWalk; which layer gets which is the composite's business.

/// Layer-wise relevance propagation.
///
/// - Shapes: images `[N, C, H, W]` → the same.
/// - Source: Bach et al., PLOS ONE 2015; rules as in Montavon et al., 2019 (LNCS 11700, chapter 10);
///   gates, attention and layer norms as in Ali et al., ICML 2022.
public struct LRP: Explainer {
  /// Whose scores.
  public let network: ExplainedNetwork
  /// Which layer gets which rule.
  public let composite: RelevanceComposite
  /// What the method is called.
  public var name: String { "LRP" }

  /// The method for a network.
  ///
  /// - Parameters:
  ///   - network: Whose scores.
  ///   - composite: Which layer gets which rule; the ε rule everywhere unless given.
  /// - Throws: ``ExplanationError/noRule(method:primitive:path:reason:)`` if relevance reaches a
  ///   primitive without a rule, or another ``ExplanationError``.
  public init(
    _ network: ExplainedNetwork, composite: RelevanceComposite = .uniform(.epsilon(1e-9))
  ) throws(ExplanationError) {
    (self.network, self.composite) = (network, composite)
    let pass = try network.recordBlank()
    let walk = RelevanceWalk(pass, composite)
    try walk.check()
    for rule in walk.rules { try rule.check() }
  }

  /// What the method has for a primitive; nil for one that it does not know.
  public static func verdict(_ primitive: String) -> Verdict? {
    RelevanceWalk.verdict(primitive)
  }

  /// The relevance of the pixels and the gap of (2); see ``Explainer/explain(_:target:)``.
  ///
  /// The published `delta`, score less sum of the map, is promised − total.
  public func explain(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Explanation {
    let pass = try network.record(images)
    let walk = RelevanceWalk(pass, composite)
    try walk.check()
    let (classes, scores) = try pass.scores(target)
    let seed = withoutRecording { pass.seed(classes) * pass.output.scores.detached() }
    var absorbed = Absorption(samples: images.shape[0])
    let gradients = pass.output.scores.pullBack(seed) { application in
      { walk.share($0, of: application, &absorbed) }
    }
    let relevance = gradients[pass.input] ?? Tensor(repeating: 0, shape: images.shape)
    return Explanation(
      attribution: relevance, classes: classes, scores: scores,
      completeness: Completeness(
        promised: scores.map(Double.init), total: relevance.sampleSums(),
        absorbed: absorbed.sums))
  }
}
