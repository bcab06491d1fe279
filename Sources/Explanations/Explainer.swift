import Networks

/// A method that says where scores come from.
public protocol Explainer: Sendable {
  /// What the method is called in tables.
  var name: String { get }

  /// Explains the score of one class of every image.
  ///
  /// - Parameters:
  ///   - images: `[N, C, H, W]`
  ///   - target: Whose score.
  /// - Returns: The attributions, one per image; no image's depends on the others.
  /// - Throws: ``ExplanationError`` when images or classes do not fit, a score is not finite, or the
  ///   network has since been put into training.
  func explain(_ images: Tensor, target: Target) throws(ExplanationError) -> Explanation
}
