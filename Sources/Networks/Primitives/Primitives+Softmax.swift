extension Primitives {
  /// The axes that a softmax runs over, which are neighbours, and whether its logarithm is wanted.
  public struct SoftmaxAxes: Hashable, Sendable {
    /// Axes, counted from 0.
    public var axes: Range<Int>
    /// Whether the result is the logarithm.
    public var isLogarithmic: Bool
  }

  /// y_i = exp(x_i) / Σ_j exp(x_j);  dx = y (dy − ⟨y, dy⟩)
  ///
  /// and for its logarithm dx = dy − exp(y) Σ dy.
  public static let softmax = Primitive<SoftmaxAxes>(
    name: "softmax", keeping: { _ in .output },
    forward: { inputs, axes in
      let x = inputs[0]
      let (outer, length, inner) = axes.extents(of: x.shape)
      return .init(
        axes.isLogarithmic
          ? LogSoftmax.run(x, outer: outer, length: length, inner: inner)
          : Softmax.run(x, outer: outer, length: length, inner: inner))
    },
    pullback: { application, axes, dy in
      let y = application.output
      let (outer, length, inner) = axes.extents(of: y.shape)
      return [
        Softmax.pullBack(
          y, dy, outer: outer, length: length, inner: inner, logarithmic: axes.isLogarithmic)
      ]
    })
}

extension Primitives.SoftmaxAxes {
  fileprivate func extents(of shape: [Int]) -> (outer: Int, length: Int, inner: Int) {
    (
      shape[..<axes.lowerBound].reduce(1, *), shape[axes].reduce(1, *),
      shape[axes.upperBound...].reduce(1, *)
    )
  }
}

extension Tensor {
  /// The softmax along an axis.
  public func softmax(axis: Int = -1) -> Tensor {
    let axis = axisIndex(axis, "softmax")
    return Primitives.softmax([self], .init(axes: axis..<axis + 1, isLogarithmic: false))
  }

  /// The logarithm of the softmax along an axis, without underflow.
  public func logSoftmax(axis: Int = -1) -> Tensor {
    let axis = axisIndex(axis, "logSoftmax")
    return Primitives.softmax([self], .init(axes: axis..<axis + 1, isLogarithmic: true))
  }

  /// The softmax over all cells of each sample: over every axis but the first.
  public func spatialSoftmax() -> Tensor {
    precondition(rank >= 2, "spatialSoftmax: a tensor of shape \(shape) has no cells")
    return Primitives.softmax([self], .init(axes: 1..<rank, isLogarithmic: false))
  }
}
