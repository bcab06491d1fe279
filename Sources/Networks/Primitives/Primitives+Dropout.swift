import ConvexKit

extension Primitives {
  /// y = x m / (1 − p), m the mask of what is kept;  dx = dy m / (1 − p)
  ///
  /// - Shapes: x and m alike; m gets no gradient
  /// - Source: Srivastava et al., JMLR 15 (2014), scaled in training as everybody does now.
  public static let dropout = Primitive<Float>(
    name: "dropout", keeping: { _ in .inputs([1]) },
    forward: { inputs, probability in
      .init(masked(inputs[0], by: inputs[1], probability: probability))
    },
    pullback: { application, probability, dy in
      [masked(dy, by: application.input(1), probability: probability), nil]
    })

  @Sendable private static func masked(
    _ x: Tensor, by mask: Tensor, probability: Float
  ) -> Tensor {
    Elementwise.affine(Elementwise.multiply(x, mask), scale: 1 / (1 - probability))
  }
}

extension Tensor {
  /// This tensor with the elements where the mask is 0 dropped, and the others scaled up so that
  /// the mean stays.
  ///
  /// - Parameters:
  ///   - mask: 1 where an element is kept, 0 where it is dropped; of this shape.
  ///   - probability: The share that is dropped, in [0, 1).
  /// - Returns: A tensor of this shape.
  public func dropout(mask: Tensor, probability: Float) -> Tensor {
    precondition(
      mask.shape == shape && (0..<1).contains(probability),
      "dropout: a mask of shape \(mask.shape) for shape \(shape), probability \(probability)")
    return Primitives.dropout([self, mask.detached()], probability)
  }
}
