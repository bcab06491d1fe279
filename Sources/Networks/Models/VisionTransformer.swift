import ConvexKit

// A vision transformer. With patches of p×p, tokens of width D, and T = 1 + H/p · W/p of them:
//
//     patch_embed   tokens of the patches, row by row        [N, T − 1, D]
//     cls_token     one more token, put first                [N, T, D]
//     pos_embed     one vector per token, added
//     blocks        pre-norm attention and perceptron         depth times
//     norm          of the class token                        features [N, D]
//     head          affine map of the features                logits
//
// Positions are learned on one grid. For images of another size the grid of the patches' vectors
// is resized, bicubically and smoothed where it shrinks, as timm does.

/// The vision transformer, ViT-B/16 unless said otherwise, with timm's names.
///
/// - Shapes: images `[N, channels, H, W]` → logits `[N, classes]`, features `[N, width]`, attention
///   of every block `[N, heads, T, T]` with the class token first.
/// - Source: Dosovitskiy et al., ICLR 2021.
public struct VisionTransformer: Module {
  /// The architecture.
  public struct Settings: Sendable, Hashable, Codable {
    /// The channels of the images.
    public var channels: Int
    /// The rows and columns p of a patch.
    public var patch: Int
    /// The extent D of the tokens.
    public var width: Int
    /// The number of blocks.
    public var depth: Int
    /// The heads of each attention.
    public var heads: Int
    /// The extent inside the perceptrons.
    public var hidden: Int
    /// The number of classes.
    public var classes: Int
    /// The rows and columns of the images that positions are learned for, multiples of p.
    public var size: [Int]
    /// ε of the layer norms.
    public var epsilon: Float

    /// Settings, ViT-B/16's unless said otherwise.
    ///
    /// - Parameters:
    ///   - channels: The channels of the images.
    ///   - patch: The rows and columns of a patch.
    ///   - width: The extent of the tokens.
    ///   - depth: The number of blocks.
    ///   - heads: The heads of each attention.
    ///   - hidden: The extent inside the perceptrons; four times the width unless given.
    ///   - classes: The number of classes.
    ///   - size: The rows and columns of the images that positions are learned for.
    public init(
      channels: Int = 3, patch: Int = 16, width: Int = 768, depth: Int = 12, heads: Int = 12,
      hidden: Int? = nil, classes: Int, size: [Int] = [224, 224]
    ) {
      (self.channels, self.patch, self.width) = (channels, patch, width)
      (self.depth, self.heads, self.hidden) = (depth, heads, hidden ?? 4 * width)
      (self.classes, self.size) = (classes, size)
      epsilon = 1e-6
    }

    /// The rows and columns of patches that positions are learned for.
    public var grid: [Int] { size.map { $0 / patch } }
  }

  /// The class token, `[1, 1, D]`.
  public let clsToken: Parameter
  /// What is added to each token, `[1, T, D]`, the class token's first.
  public let posEmbed: Parameter
  /// The tokens of the patches.
  public let patchEmbed: PatchEmbedding
  /// The blocks, first to last.
  public let blocks: [TransformerBlock]
  /// Before the head.
  public let norm: LayerNorm
  /// The scores of the classes.
  public let head: Linear
  /// The architecture.
  public let settings: Settings

  /// A network with random weights, distributed as timm's.
  ///
  /// - Parameters:
  ///   - settings: The architecture.
  ///   - generator: Where the weights come from.
  public init(_ settings: Settings, using generator: inout SeededGenerator) {
    precondition(
      settings.patch > 0 && settings.size.count == 2
        && settings.size.allSatisfy { $0 > 0 && $0 % settings.patch == 0 },
      "VisionTransformer: images of \(settings.size); rows and columns must be multiples of the "
        + "patch, \(settings.patch)")
    let (width, cells) = (settings.width, settings.grid.reduce(1, *))
    self.settings = settings
    clsToken = Parameter((1e-6 * Tensor.normal([1, 1, width], using: &generator)).detached())
    posEmbed = Parameter(
      .truncatedNormal([1, 1 + cells, width], deviation: 0.02, bound: 2, using: &generator))
    patchEmbed = PatchEmbedding(
      channels: settings.channels, patch: settings.patch, width: width, using: &generator)
    var blocks: [TransformerBlock] = []
    for _ in 0..<settings.depth {
      blocks.append(
        TransformerBlock(
          width: width, heads: settings.heads, hidden: settings.hidden,
          epsilon: settings.epsilon, using: &generator))
    }
    self.blocks = blocks
    norm = LayerNorm([width], epsilon: settings.epsilon)
    head = .transformer(inputs: width, outputs: settings.classes, using: &generator)
  }

  /// Logits and features of a batch of images, `[N, channels, H, W]`, of any size that patches
  /// divide.
  public func callAsFunction(_ images: Tensor) -> GatedOutput {
    self(images, keepingAttention: false)
  }

  /// Logits and features, and what happened on the way.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, H, W]`, of any size that patches divide.
  ///   - keepingAttention: Whether the result has the attention of every block.
  ///   - keepingStages: Whether the result has the tokens after every block.
  /// - Returns: The scores and what was asked for.
  public func callAsFunction(
    _ images: Tensor, keepingAttention: Bool, keepingStages: Bool = false
  ) -> GatedOutput {
    var tokens = tokens(of: images)
    var (attention, stages): ([Tensor], [String: Tensor]) = ([], [:])
    for (index, block) in blocks.enumerated() {
      if index == blocks.count - 1, !keepingAttention, !keepingStages {
        tokens = block.first(tokens)
        break
      }
      let result = block(tokens)
      tokens = result.tokens
      if keepingAttention { attention.append(result.attention) }
      if keepingStages { stages["blocks.\(index)"] = tokens }
    }
    let features = norm(tokens.sliced(axis: 1, 0..<1).reshaped([images.shape[0], settings.width]))
    return GatedOutput(
      logits: head(features), features: features, attention: attention, stages: stages)
  }

  /// The class token and the patches' tokens with their positions, `[N, T, D]`.
  private func tokens(of images: Tensor) -> Tensor {
    let patch = settings.patch
    precondition(
      images.rank == 4 && images.shape[1] == settings.channels
        && images.shape[2...].allSatisfy { $0 % patch == 0 },
      "VisionTransformer: images of shape \(images.shape), not [N, \(settings.channels), H, W] "
        + "with multiples of \(patch)")
    let first = clsToken.value.expanded(to: [images.shape[0], 1, settings.width])
    let tokens = Tensor.concatenated([first, patchEmbed(images)], axis: 1)
    return tokens + positions(for: images.shape[2...].map { $0 / patch })
  }
}

extension VisionTransformer: GatedClassifier {
  /// The number of classes.
  public var classes: Int { settings.classes }
  /// A transformer has no gates, and no λ.
  public var witness: Parameter? { nil }

  /// Freezes embeddings and blocks: only `norm` and `head` are trained.
  ///
  /// - Parameter movingStatistics: Without meaning here: there are no batch norms.
  public func freezeBackbone(movingStatistics: Bool = false) {
    freeze(under: ["cls_token", "pos_embed", "patch_embed", "blocks"])
  }
}
