extension Primitives {
  /// Which axes to sum along, and a factor of the sums.
  public struct Axes: Hashable, Sendable {
    /// Axes, counted from 0.
    public var axes: Set<Int>
    /// The factor: 1 for a sum, one over the number of terms for a mean.
    public var scale: Float
  }

  /// y_k = s Σ_r x_kr, the summed axes kept with extent 1;  dx_kr = s dy_k
  public static let sum = Primitive<Axes>(
    name: "sum", keeping: { _ in .none },
    forward: { inputs, axes in
      .init(Summation.sum(inputs[0], axes: axes.axes, scale: axes.scale))
    },
    pullback: { application, axes, dy in
      let shape = application.operands[0].shape
      return [Rearrangement.repeated(Elementwise.affine(dy, scale: axes.scale), to: shape)]
    })
}

extension Tensor {
  /// The sum of all elements, a scalar.
  public func sum() -> Tensor { sum(axes: Array(shape.indices)) }

  /// The mean of all elements, a scalar.
  public func mean() -> Tensor { mean(axes: Array(shape.indices)) }

  /// Sums along axes.
  ///
  /// - Parameters:
  ///   - axes: Axes, counted from 0, or from −1 backwards.
  ///   - keepingAxes: Whether the summed axes stay, with extent 1.
  /// - Returns: The sums.
  public func sum(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    reduced(axes: axes, keepingAxes: keepingAxes, isMean: false)
  }

  /// Means along axes.
  ///
  /// - Parameters:
  ///   - axes: Axes, counted from 0, or from −1 backwards.
  ///   - keepingAxes: Whether the averaged axes stay, with extent 1.
  /// - Returns: The means.
  public func mean(axes: [Int], keepingAxes: Bool = false) -> Tensor {
    reduced(axes: axes, keepingAxes: keepingAxes, isMean: true)
  }

  private func reduced(axes: [Int], keepingAxes: Bool, isMean: Bool) -> Tensor {
    let axes = Set(axes.map { axisIndex($0, "sum") })
    let terms = axes.reduce(1) { $0 * shape[$1] }
    let kept = Primitives.sum([self], .init(axes: axes, scale: isMean ? 1 / Float(terms) : 1))
    if keepingAxes || axes.isEmpty { return kept }
    return kept.reshaped(shape.indices.filter { !axes.contains($0) }.map { shape[$0] })
  }

  /// An axis counted from 0, from one that may be counted backwards.
  func axisIndex(_ axis: Int, _ operation: String) -> Int {
    precondition(
      (-rank..<rank).contains(axis), "\(operation): a tensor of shape \(shape) has no axis \(axis)")
    return axis < 0 ? axis + rank : axis
  }
}
