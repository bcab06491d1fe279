// Moves between layouts. None of these is recorded: a layout is not part of the value.
extension Tensor {
  /// oneDNN's name for how this tensor lies.
  var actualLayout: Layout { layout ?? Layout.plain(shape) }

  var isPlain: Bool { layout == nil }

  /// What the numbers are in memory.
  var numberType: NumberType { layout?.numberType ?? .float32 }

  /// The steps from one index to the next along each axis; nil where the memory is in blocks, or not of
  /// Float32.
  var strides: [Int]? {
    guard let layout else { return Layout.rowMajorStrides(shape) }
    return layout.shape == shape && numberType == .float32 ? layout.strides : nil
  }

  /// The number of numbers in memory, padding included.
  var storedCount: Int { layout.map { $0.byteCount / $0.numberType.byteCount } ?? count }

  /// Whether two tensors of one shape have each element at the same place.
  func liesLike(_ other: Tensor) -> Bool { layout === other.layout }

  /// The same numbers as Float32, at the same places; copies only if they are not.
  func inFloat32() -> Tensor { holding(.float32) }

  /// The numbers rounded to bfloat16, at the same places; copies only if they are not.
  func inBFloat16() -> Tensor { holding(.bfloat16) }

  private func holding(_ type: NumberType) -> Tensor {
    numberType == type ? self : inLayout(actualLayout.holding(type))
  }

  /// The same tensor in row-major order, as Float32; copies only if it lies otherwise.
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
    if target.isDefault { return inPlainLayout() }
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

  /// The same tensor as our own kernels read it: Float32, row-major or in channel blocks.
  func inKernelLayout() -> Tensor {
    guard let layout else { return self }
    switch layout.kind {
    case .plain, .channelBlocks: return inFloat32()
    case .channelsLast, .opaque: return inPlainLayout()
    }
  }

  /// The same tensor as those of our kernels read it that know bfloat16: as ``inKernelLayout()``, or
  /// images of bfloat16 numbers in channel blocks or with channels last.
  func inImageLayout() -> Tensor {
    guard let layout, layout.numberType == .bfloat16 else { return inKernelLayout() }
    switch layout.kind {
    case .channelBlocks, .channelsLast: return self
    case .plain, .opaque: return inPlainLayout()
    }
  }

  /// Another shape for the same row-major elements, not recorded.
  func viewed(as shape: [Int]) -> Tensor {
    let plain = inPlainLayout()
    return Tensor(shape: shape, memory: plain.memory)
  }
}
