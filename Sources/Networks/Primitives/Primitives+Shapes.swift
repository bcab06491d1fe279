extension Primitives {
  /// y = the elements of x, in row-major order, in another shape;  dx = dy in x's shape
  public static let reshape = Primitive<[Int]>(
    name: "reshape",
    forward: { inputs, shape in .init(inputs[0].viewed(as: shape)) },
    pullback: { application, _, dy in [dy.viewed(as: application.inputs[0].shape)] })
}

extension Tensor {
  /// The same elements, in row-major order, in another shape.
  ///
  /// - Parameter shape: The new extents; one of them may be −1, which is then what is left over.
  /// - Returns: A tensor of that shape.
  public func reshaped(_ shape: [Int]) -> Tensor {
    var shape = shape
    if let open = shape.firstIndex(of: -1) {
      let others = shape.reduce(1) { $1 == -1 ? $0 : $0 * $1 }
      shape[open] = others == 0 ? 0 : count / others
    }
    precondition(
      shape.reduce(1, *) == count && shape.allSatisfy { $0 > 0 },
      "reshaped: \(count) elements of shape \(self.shape) do not have the shape \(shape)")
    return shape == self.shape ? self : Primitives.reshape([self], shape)
  }

  /// The axes from `first` on as one.
  public func flattened(from first: Int = 0) -> Tensor {
    reshaped(shape.prefix(first) + [shape.dropFirst(first).reduce(1, *)])
  }
}
