extension Primitives {
  /// y = the elements of x, in row-major order, in another shape;  dx = dy in x's shape
  public static let reshape = Primitive<[Int]>(
    name: "reshape", keeping: { _ in .none },
    forward: { inputs, shape in .init(inputs[0].viewed(as: shape)) },
    pullback: { application, _, dy in [dy.viewed(as: application.operands[0].shape)] })

  /// y[i] = x[i permuted], axis k of y being axis p_k of x;  dx = dy with the axes put back
  public static let permute = Primitive<[Int]>(
    name: "permute", keeping: { _ in .none },
    forward: { inputs, axes in .init(Rearrangement.permuted(inputs[0], axes)) },
    pullback: { _, axes, dy in
      var inverse = axes
      for (k, axis) in axes.enumerated() { inverse[axis] = k }
      return [Rearrangement.permuted(dy, inverse)]
    })

  /// y = x repeated along axes of extent 1;  dx = Σ dy along them
  public static let expand = Primitive<[Int]>(
    name: "expand", keeping: { _ in .none },
    forward: { inputs, shape in .init(Rearrangement.repeated(inputs[0], to: shape)) },
    pullback: { application, _, dy in [Summation.sum(dy, to: application.operands[0].shape)] })

  /// y = x_1, x_2, … one after the other along an axis;  dx_k = its part of dy
  public static let concatenate = Primitive<Int>(
    name: "concatenate", keeping: { _ in .none },
    forward: { inputs, axis in
      var shape = inputs[0].shape
      shape[axis] = inputs.reduce(0) { $0 + $1.shape[axis] }
      return .init(Rearrangement.concatenated(inputs, axis: axis, shape: shape))
    },
    pullback: { application, axis, dy in
      var start = 0
      return application.operands.map { input in
        let range = start..<start + input.shape[axis]
        start = range.upperBound
        return input.needsGradient ? Rearrangement.sliced(dy, axis: axis, range: range) : nil
      }
    })

  /// A part of a tensor: a range along an axis.
  public struct Slice: Hashable, Sendable {
    /// The axis, counted from 0.
    public var axis: Int
    /// The indices along it.
    public var range: Range<Int>
  }

  /// y = the part of x in a range along an axis;  dx = dy there, 0 elsewhere
  public static let slice = Primitive<Slice>(
    name: "slice", keeping: { _ in .none },
    forward: { inputs, slice in
      .init(Rearrangement.sliced(inputs[0], axis: slice.axis, range: slice.range))
    },
    pullback: { application, slice, dy in
      [
        Rearrangement.embedded(
          dy, axis: slice.axis, range: slice.range, in: application.operands[0].shape)
      ]
    })
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

  /// The same elements with the axes in another order: axis k of the result is axis `axes[k]`.
  public func permuted(_ axes: [Int]) -> Tensor {
    precondition(
      axes.sorted() == Array(shape.indices),
      "permuted: \(axes) does not order the axes of shape \(shape)")
    return Primitives.permute([self], axes)
  }

  /// The same elements with two axes exchanged; the last two unless given.
  public func transposed(_ a: Int = -2, _ b: Int = -1) -> Tensor {
    var axes = Array(shape.indices)
    axes.swapAt(axisIndex(a, "transposed"), axisIndex(b, "transposed"))
    return permuted(axes)
  }

  /// This tensor repeated along axes of extent 1, and along new ones in front.
  public func expanded(to shape: [Int]) -> Tensor {
    precondition(
      shape.count >= rank && Broadcasting.shape(self.shape, shape, "expanded") == shape,
      "expanded: shape \(self.shape) cannot be repeated to \(shape)")
    return shape == self.shape ? self : Primitives.expand([self], shape)
  }

  /// Tensors one after the other along an axis.
  public static func concatenated(_ parts: [Tensor], axis: Int) -> Tensor {
    precondition(!parts.isEmpty, "concatenated: no tensors")
    let axis = parts[0].axisIndex(axis, "concatenated")
    for part in parts {
      var shape = part.shape
      if shape.count == parts[0].rank { shape[axis] = parts[0].shape[axis] }
      precondition(
        shape == parts[0].shape,
        "concatenated: shapes \(parts.map(\.shape)) differ elsewhere than on axis \(axis)")
    }
    return Primitives.concatenate(parts, axis)
  }

  /// The part of this tensor whose index along an axis is in a range.
  public func sliced(axis: Int, _ range: Range<Int>) -> Tensor {
    let axis = axisIndex(axis, "sliced")
    precondition(
      !range.isEmpty && range.lowerBound >= 0 && range.upperBound <= shape[axis],
      "sliced: \(range) of axis \(axis) of shape \(shape)")
    return Primitives.slice([self], .init(axis: axis, range: range))
  }
}
