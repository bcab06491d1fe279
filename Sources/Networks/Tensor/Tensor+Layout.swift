// Moves between layouts. None of these is recorded: a layout is not part of the value.
extension Tensor {
  /// oneDNN's name for how this tensor lies.
  var actualLayout: Layout { layout ?? Layout.plain(shape) }

  var isPlain: Bool { layout == nil }

  /// The steps from one index to the next along each axis; nil where the memory is in blocks.
  var strides: [Int]? {
    guard let layout else { return Layout.rowMajorStrides(shape) }
    return layout.shape == shape ? layout.strides : nil
  }

  /// The number of 32-bit words in memory, padding included.
  var storedCount: Int { layout.map { $0.byteCount / 4 } ?? count }

  /// Whether two tensors of one shape have each element at the same place.
  func liesLike(_ other: Tensor) -> Bool { layout === other.layout }

  /// The same tensor in row-major order; copies only if it lies otherwise.
  func inPlainLayout() -> Tensor {
    guard let layout else { return self }
    let plain = expecting { () throws(NetworkError) in
      try Reorder.run(memory, from: layout, to: .plain(layout.shape))
    }
    return Tensor(shape: shape, memory: plain, origin: origin)
  }

  /// The same tensor in another layout; copies only if it lies otherwise.
  ///
  /// The layout may have other extents than the tensor, as the weights of a grouped convolution
  /// do, if the row-major order is the same.
  func inLayout(_ target: Layout) -> Tensor {
    if target.kind == .plain { return inPlainLayout() }
    if layout === target { return self }
    // Straight from one layout to the other where both have the same extents.
    let source = layout.flatMap { $0.shape == target.shape ? $0 : nil }
    let from = source == nil ? inPlainLayout() : self
    let moved = expecting { () throws(NetworkError) in
      try Reorder.run(from.memory, from: source ?? .plain(target.shape), to: target)
    }
    return Tensor(shape: shape, memory: moved, layout: target, origin: origin)
  }

  /// The same tensor, laid out like `other`, which has the same shape.
  func laidOut(like other: Tensor) -> Tensor {
    inLayout(other.actualLayout)
  }

  /// The same tensor in a layout that our own kernels read: row-major or in channel blocks.
  func inKernelLayout() -> Tensor {
    guard let layout, case .opaque = layout.kind else { return self }
    return inPlainLayout()
  }

  /// Another shape for the same row-major elements, not recorded.
  func viewed(as shape: [Int]) -> Tensor {
    let plain = inPlainLayout()
    return Tensor(shape: shape, memory: plain.memory)
  }
}
