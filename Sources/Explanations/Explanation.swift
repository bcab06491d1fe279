import Networks

/// Where the scores of a batch of images come from, by one method.
public struct Explanation: Sendable {
  /// The attribution: `[N, C, H, W]` like the images for methods that reach the pixels, `[N, 1, h, w]`
  /// for maps of a layer's cells.
  public let attribution: Tensor
  /// The class explained for each image.
  public let classes: [Int]
  /// Its score, before softmax.
  public let scores: [Float]
  /// What the attribution adds up to and what it should; nil for a method that promises nothing.
  public let completeness: Completeness?

  /// An explanation with the given parts.
  ///
  /// - Parameters:
  ///   - attribution: The attribution.
  ///   - classes: The class explained for each image.
  ///   - scores: Its score.
  ///   - completeness: What the attribution adds up to and what it should.
  public init(
    attribution: Tensor, classes: [Int], scores: [Float], completeness: Completeness? = nil
  ) {
    self.attribution = attribution
    self.classes = classes
    self.scores = scores
    self.completeness = completeness
  }
}
