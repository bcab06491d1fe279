import Foundation
import Networks

/// The vision transformer of an experiment.
public struct TransformerPlan: Sendable, Codable, Equatable {
  /// Rows and columns of a patch.
  public var patch: Int
  /// The extent of the tokens.
  public var width: Int
  /// The number of blocks.
  public var depth: Int
  /// The heads of each attention.
  public var heads: Int
  /// How it is trained.
  public var training: TrainingPlan
  /// A safetensors file with timm's names to start from; nil starts at random.
  public var weights: String?
  /// The rows and columns of patches that the file's positions are for; they are resized to those of
  /// the images. 14×14 is that of images of 224×224 with patches of 16×16.
  public var weightsGrid: [Int]

  /// ViT-B/16, or a smaller one.
  public init(
    patch: Int = 16, width: Int = 768, depth: Int = 12, heads: Int = 12, training: TrainingPlan,
    weights: String? = nil, weightsGrid: [Int] = [14, 14]
  ) {
    (self.patch, self.width, self.depth, self.heads) = (patch, width, depth, heads)
    (self.training, self.weights, self.weightsGrid) = (training, weights, weightsGrid)
  }

  /// Writes every setting, absent ones as null, so that a file shows them all.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(patch, forKey: .patch)
    try container.encode(width, forKey: .width)
    try container.encode(depth, forKey: .depth)
    try container.encode(heads, forKey: .heads)
    try container.encode(training, forKey: .training)
    try container.encode(weights, forKey: .weights)
    try container.encode(weightsGrid, forKey: .weightsGrid)
  }

  func check(height: Int, width: Int) throws(ExperimentError) {
    try require(
      patch >= 1 && height % patch == 0 && width % patch == 0, "transformer.patch", patch,
      "a divisor of \(height) and \(width)")
    try require(depth >= 1, "transformer.depth", depth, "at least 1")
    try require(
      heads >= 1 && self.width % heads == 0, "transformer.heads", heads,
      "a divisor of the width, \(self.width)")
    try require(
      weightsGrid.count == 2 && weightsGrid.allSatisfy { $0 >= 1 }, "transformer.weightsGrid",
      "\(weightsGrid)", "rows and columns of at least 1")
    try training.check("transformer.training")
  }

  /// Gives a network the weights of the file, if there is one.
  ///
  /// - Throws: `CheckpointError`; nothing has changed then.
  func load(into model: VisionTransformer) throws(CheckpointError) {
    guard let weights else { return }
    try model.load(
      contentsOf: URL(fileURLWithPath: weights), allowing: model.publishedDifferences,
      positionsOn: weightsGrid)
  }

  /// The architecture.
  func settings(channels: Int, classes: Int, height: Int, width: Int) -> VisionTransformer.Settings
  {
    VisionTransformer.Settings(
      channels: channels, patch: patch, width: self.width, depth: depth, heads: heads,
      classes: classes, size: [height, width])
  }
}
