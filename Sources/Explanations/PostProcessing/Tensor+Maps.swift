import Networks

// From an attribution `[N, C, H, W]` to a map, in separate steps:
//
//     unit         each channel less its minimum, divided by its maximum then                      (1)
//     channel sum  Σ_c                                                                          (2)
//     softmax      over the cells of a sample                                                   (3)
//     sum pool     to a layer's cells                                                           (4)
extension Tensor {
  /// (1): every channel between 0 and 1.
  ///
  /// - Shapes: `[N, C, H, W]` → the same.
  /// - Parameter constantIsZero: Whether a channel of one value becomes 0; the published code divides
  ///   0 by 0 there, which makes the whole map NaN.
  /// - Returns: The scaled channels.
  public func unit(constantIsZero: Bool = true) -> Tensor {
    precondition(rank == 4, "unit: a tensor of shape \(shape) is not [N, C, H, W]")
    let cells = shape[2] * shape[3]
    return withElements { x in
      Tensor(shape: shape) { y in
        for start in stride(from: 0, to: x.count, by: cells) {
          let range = start..<start + cells
          let least = range.reduce(Float.infinity) { min($0, x[$1]) }
          let largest = range.reduce(-Float.infinity) { max($0, x[$1] - least) }
          let isConstant = largest == 0 && constantIsZero
          for i in range { y[i] = isConstant ? 0 : (x[i] - least) / largest }
        }
      }
    }
  }

  /// (2): `[N, C, H, W]` → `[N, 1, H, W]`
  public func channelSum() -> Tensor {
    precondition(rank == 4, "channelSum: a tensor of shape \(shape) is not [N, C, H, W]")
    return withoutRecording { sum(axes: [1], keepingAxes: true) }
  }

  /// (3): every sample a distribution over its cells.
  ///
  /// - Shapes: `[N, 1, H, W]` → the same.
  public func cellSoftmax() -> Tensor {
    precondition(
      rank == 4 && shape[1] == 1, "cellSoftmax: a tensor of shape \(shape) is not [N, 1, H, W]")
    return withoutRecording { detached().spatialSoftmax() }
  }

  /// (4): sums over the pixels of each cell of a layer.
  ///
  /// - Shapes: `[N, C, H, W]` → `[N, C, h, w]`
  /// - Parameter cells: The rows and columns h, w of the layer, which divide those of the map.
  /// - Returns: The sums.
  /// - Throws: ``ExplanationError/shapeMismatch(operand:expected:actual:)`` where they do not divide.
  public func summed(toCells cells: [Int]) throws(ExplanationError) -> Tensor {
    guard rank == 4, cells.count == 2, cells.allSatisfy({ $0 > 0 }),
      shape[2] % cells[0] == 0, shape[3] % cells[1] == 0
    else {
      throw .shapeMismatch(
        operand: "a map for cells \(cells)", expected: [-1, -1] + cells, actual: shape)
    }
    return withoutRecording { detached().sumPool2D([shape[2] / cells[0], shape[3] / cells[1]]) }
  }

  /// All four steps, as the paper makes a layer's map of an attribution of pixels.
  ///
  /// - Shapes: `[N, C, H, W]` → `[N, 1, h, w]`
  /// - Parameter cells: The rows and columns of the layer.
  /// - Returns: The map; each sample's sums to 1.
  /// - Throws: ``ExplanationError/shapeMismatch(operand:expected:actual:)``.
  public func distribution(overCells cells: [Int]) throws(ExplanationError) -> Tensor {
    try unit().channelSum().cellSoftmax().summed(toCells: cells)
  }
}
