extension Primitives {
  /// y = the largest x of each window;  dx = the sum of dy over the windows whose largest it is
  ///
  /// Among equals the first in row order counts; padding is less than everything; NaN is the
  /// largest of all.
  ///
  /// - Shapes: x `[N, C, H, W]` → `[N, C, H′, W′]`
  public static let maxPool2D = Primitive<Pooling>(
    name: "max_pool2d", takingBFloat16: true, keeping: { _ in .none },
    forward: { inputs, pooling in
      let (rows, columns) = pooling.windows(inputs[0].shape)
      let (y, index) = Planes.maximum(inputs[0], rows: rows, columns: columns)
      return .init(y, saved: [index])
    },
    pullbackOfTerms: { application, pooling, dy in
      let shape = application.operands[0].shape
      let (rows, columns) = pooling.windows(shape)
      // The indices lie as y does.
      let dy = dy.sum.inLayout(application.outputLayout ?? .plain(application.outputShape))
      return [
        Planes.maximumPullBack(
          dy, extents: Array(shape.suffix(2)), index: application.saved[0], rows: rows,
          columns: columns)
      ]
    })

  /// y = f Σ x over each window, f given by the pooling;  dx = Σ f dy over the windows that cover x
  ///
  /// - Shapes: x `[N, C, H, W]` → `[N, C, H′, W′]`
  public static let linearPool2D = Primitive<LinearPooling>(
    name: "avg_pool2d", keeping: { _ in .none },
    forward: { inputs, pooling in
      let (rows, columns) = pooling.windows(inputs[0].shape)
      return .init(Planes.sum(inputs[0], rows: rows, columns: columns))
    },
    pullback: { application, pooling, dy in
      let shape = application.operands[0].shape
      let (rows, columns) = pooling.windows(shape)
      return [
        Planes.sumPullBack(dy, extents: Array(shape.suffix(2)), rows: rows, columns: columns)
      ]
    })
}

extension Pooling {
  fileprivate func windows(_ shape: [Int]) -> (rows: Windows, columns: Windows) {
    precondition(shape.count == 4, "max pool: a tensor of shape \(shape) is not a batch of images")
    return (
      windows(axis: 0, extent: shape[2], countsPadding: true),
      windows(axis: 1, extent: shape[3], countsPadding: true)
    )
  }
}

extension Tensor {
  /// The largest value of each window.
  public func maxPool2D(_ pooling: Pooling) -> Tensor {
    Primitives.maxPool2D([self], pooling)
  }

  /// The largest value of each window, and its place: `row · W + column`, in row-major order of
  /// the result.
  public func maxPool2DWithIndices(_ pooling: Pooling) -> (values: Tensor, indices: [Int]) {
    let (rows, columns) = pooling.windows(shape)
    let (_, index) = Planes.maximum(inPlainLayout(), rows: rows, columns: columns)
    let values = maxPool2D(pooling)
    let indices = UnsafeBufferPointer(start: index.integers, count: values.count).map { Int($0) }
    withExtendedLifetime(index) {}
    return (values, indices)
  }

  /// The mean of each window.
  ///
  /// - Parameters:
  ///   - pooling: The windows.
  ///   - countsPadding: Whether padding counts in the divisor.
  /// - Returns: `[N, C, H′, W′]`
  public func averagePool2D(_ pooling: Pooling, countsPadding: Bool = true) -> Tensor {
    Primitives.linearPool2D([self], .mean(pooling, countsPadding: countsPadding))
  }

  /// Means of windows that divide the images into the given rows and columns.
  public func adaptiveAveragePool2D(_ extents: [Int]) -> Tensor {
    Primitives.linearPool2D([self], .adaptiveMean(extents))
  }

  /// Sums of windows of the given rows and columns; what does not fill a window is dropped.
  public func sumPool2D(_ factors: [Int]) -> Tensor {
    Primitives.linearPool2D([self], .sum(factors))
  }
}
