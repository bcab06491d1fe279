import Networks

/// What an image is compared with.
public enum Baseline: Sendable {
  /// A blank image.
  case zero
  /// One image for all, `[1, C, H, W]`, or one for each, `[N, C, H, W]`.
  case image(Tensor)

  /// The baseline of a batch: one image, or one for each.
  func tensor(for images: Tensor) throws(ExplanationError) -> Tensor {
    switch self {
    case .zero: return Tensor(repeating: 0, shape: [1] + images.shape.dropFirst())
    case .image(let image):
      guard image.rank == images.rank, image.shape.dropFirst() == images.shape.dropFirst(),
        image.shape[0] == 1 || image.shape[0] == images.shape[0]
      else {
        throw .shapeMismatch(operand: "baseline", expected: images.shape, actual: image.shape)
      }
      return image.detached()
    }
  }
}
