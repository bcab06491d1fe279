extension Tensor {
  /// A tensor with the given elements in row-major order.
  public init(_ elements: [Float], shape: [Int]) {
    precondition(
      elements.count == shape.reduce(1, *),
      "\(elements.count) elements cannot have the shape \(shape)")
    self.init(shape: shape) { destination in
      _ = destination.initialize(fromContentsOf: elements)
    }
  }

  /// A scalar.
  public init(_ scalar: Float) {
    self.init([scalar], shape: [])
  }

  /// A tensor whose elements are all `value`.
  public init(repeating value: Float, shape: [Int]) {
    self.init(shape: shape) { $0.update(repeating: value) }
  }

  /// A tensor whose elements `write` fills in, in row-major order.
  ///
  /// - Parameters:
  ///   - shape: The extents of the axes, all of them positive.
  ///   - write: Must set every element: they start with arbitrary values.
  public init(
    shape: [Int], write: (UnsafeMutableBufferPointer<Float>) throws -> Void
  ) rethrows {
    precondition(shape.allSatisfy { $0 > 0 }, "shape \(shape) has an axis without extent")
    let count = shape.reduce(1, *)
    let memory = Memory(count: count)
    try write(UnsafeMutableBufferPointer(start: memory.floats, count: count))
    self.init(shape: shape, memory: memory)
  }

  /// The elements in row-major order.
  public var elements: [Float] {
    withElements { Array($0) }
  }

  /// The only element of a tensor that has one.
  public var item: Float {
    precondition(count == 1, "a tensor of shape \(shape) is not one number")
    return withElements { $0[0] }
  }

  /// Calls `body` with the elements in row-major order.
  public func withElements<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    let plain = inPlainLayout()
    defer { withExtendedLifetime(plain.memory) {} }
    return try body(UnsafeBufferPointer(start: plain.memory.floats, count: count))
  }

  /// The same numbers as data: no gradient flows back through the result.
  public func detached() -> Tensor {
    Tensor(shape: shape, memory: memory, layout: layout)
  }

  /// The same numbers as an input whose gradient ``Gradients`` will hold.
  public func differentiable() -> Tensor {
    Tensor(shape: shape, memory: memory, layout: layout, origin: .leaf(Leaf()))
  }
}

extension Tensor: CustomStringConvertible {
  /// The shape and, for a small tensor, the elements.
  public var description: String {
    count <= 16 ? "Tensor\(shape) \(elements)" : "Tensor\(shape)"
  }
}
