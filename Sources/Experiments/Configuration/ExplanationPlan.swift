import Explanations

/// How images are explained.
public struct ExplanationPlan: Sendable, Codable, Equatable {
  /// Whose score.
  public enum Class: String, Sendable, Codable, CaseIterable {
    /// The class with the largest score.
    case predicted
    /// The class that is right.
    case label
  }

  /// Whose score.
  public var target: Class
  /// Images that are explained at once.
  public var batchSize: Int
  /// Whether GradCAM keeps negative evidence; the published map does not.
  public var signedGradCAM: Bool
  /// Held-out images whose maps the report shows.
  public var panels: Int

  /// A plan.
  public init(
    target: Class = .predicted, batchSize: Int = 16, signedGradCAM: Bool = false, panels: Int = 4
  ) {
    (self.target, self.batchSize) = (target, batchSize)
    (self.signedGradCAM, self.panels) = (signedGradCAM, panels)
  }

  func check() throws(ExperimentError) {
    try require(batchSize >= 1, "explanation.batchSize", batchSize, "at least 1")
    try require(panels >= 0, "explanation.panels", panels, "0 or more")
  }

  /// The target of a batch.
  func target(_ labels: [Int]) -> Target {
    switch target {
    case .predicted: .predicted
    case .label: .classes(labels)
    }
  }
}
