import ConvexKit

/// Cuts images into square patches and maps each to a vector.
///
/// - Shapes: images `[N, C, H, W]` → tokens `[N, H/p · W/p, D]`, row by row.
public struct PatchEmbedding: Module {
  /// p×p, with stride p: `[D, C, p, p]`
  public let proj: Conv2D

  /// An embedding with random weights, distributed as PyTorch's convolutions.
  ///
  /// - Parameters:
  ///   - channels: The channels of the images.
  ///   - patch: The rows and columns p of a patch.
  ///   - width: The extent D of the tokens.
  ///   - generator: Where the weights come from.
  public init(channels: Int, patch: Int, width: Int, using generator: inout SeededGenerator) {
    proj = Conv2D(
      inputs: channels, outputs: width, kernel: [patch, patch],
      settings: Convolution(stride: [patch, patch]), using: &generator)
  }

  /// The tokens of a batch of images.
  public func callAsFunction(_ images: Tensor) -> Tensor {
    proj(images).flattened(from: 2).transposed()
  }
}
