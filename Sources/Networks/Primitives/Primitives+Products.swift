extension Primitives {
  /// y = x Wᵀ + b;  dx = dy W, dW = dyᵀ x, db = Σ dy
  ///
  /// - Shapes: x `[…, I]`, W `[O, I]`, b `[O]` or none → `[…, O]`
  public static let linear = Primitive<Void>(
    name: "linear", keeping: KeptValues.factors,
    forward: { inputs, _ in .init(linear(inputs)) },
    pullback: { application, _, dy in
      let operands = application.operands
      let (x, w) = (operands[0], operands[1])
      let rows = dy.asRows
      var cotangents: [Tensor?] = [
        x.needsGradient
          ? MatrixProduct.run(.init(rows), .init(application.input(1))).viewed(as: x.shape) : nil,
        w.needsGradient
          ? MatrixProduct.run(
            .init(rows, transposed: true), .init(application.input(0).asRows)) : nil,
      ]
      if operands.count > 2 {
        cotangents.append(
          operands[2].needsGradient ? Summation.sum(rows, to: operands[2].shape) : nil)
      }
      return cotangents
    })

  /// x Wᵀ + b, not recorded, with a function of each element where one is given.
  static func linear(_ inputs: [Tensor], activation: ElementwiseFunction? = nil) -> Tensor {
    let (x, w) = (inputs[0], inputs[1])
    precondition(
      w.rank == 2 && x.shape.last == w.shape[1]
        && (inputs.count < 3 || inputs[2].shape == [w.shape[0]]),
      "linear: shapes \(inputs.map(\.shape)) do not match")
    let y = MatrixProduct.run(
      .init(x.asRows), .init(w, transposed: true), bias: inputs.count > 2 ? inputs[2] : nil,
      activation: activation)
    return y.viewed(as: x.shape.dropLast() + [w.shape[0]])
  }

  /// y = a b;  da = dy bᵀ, db = aᵀ dy, summed over the batches that each was repeated along
  ///
  /// - Shapes: a `[…, m, k]`, b `[…, k, n]` → `[…, m, n]`
  public static let matrixProduct = Primitive<Void>(
    name: "matmul", keeping: KeptValues.factors,
    forward: { inputs, _ in .init(MatrixProduct.run(.init(inputs[0]), .init(inputs[1]))) },
    pullback: { application, _, dy in
      let (a, b) = (application.operands[0], application.operands[1])
      return [
        a.needsGradient
          ? Summation.sum(
            MatrixProduct.run(.init(dy), .init(application.input(1), transposed: true)),
            to: a.shape) : nil,
        b.needsGradient
          ? Summation.sum(
            MatrixProduct.run(.init(application.input(0), transposed: true), .init(dy)),
            to: b.shape) : nil,
      ]
    })
}

extension Tensor {
  /// The leading axes as one axis of rows.
  fileprivate var asRows: Tensor { viewed(as: [count / (shape.last ?? 1), shape.last ?? 1]) }

  /// `x Wᵀ + b` for every vector x along the last axis.
  ///
  /// - Parameters:
  ///   - weight: `[outputs, inputs]`
  ///   - bias: `[outputs]`
  /// - Returns: `[…, outputs]`
  public func linear(_ weight: Tensor, bias: Tensor? = nil) -> Tensor {
    Primitives.linear([self, weight] + (bias.map { [$0] } ?? []), ())
  }

  /// The Gaussian error linear unit of `x Wᵀ + b`: the same as the two operations, in one pass over
  /// memory where nothing is recorded.
  func linearGELU(_ weight: Tensor, bias: Tensor? = nil) -> Tensor {
    let inputs = [self, weight] + (bias.map { [$0] } ?? [])
    if Recording.isOn, inputs.contains(where: \.needsGradient) {
      return linear(weight, bias: bias).gelu()
    }
    return Primitives.linear(inputs, activation: .gelu)
  }

  /// The matrix product over the last two axes, batches repeated to each other's extents; a tensor
  /// with one axis is a column on the right and a row on the left.
  public func matrixProduct(_ other: Tensor) -> Tensor {
    precondition(rank > 0 && other.rank > 0, "matrixProduct: a scalar is not a matrix")
    let a = rank == 1 ? reshaped([1, count]) : self
    let b = other.rank == 1 ? other.reshaped([other.count, 1]) : other
    var product = Primitives.matrixProduct(a, b)
    if other.rank == 1 { product = product.reshaped(Array(product.shape.dropLast())) }
    if rank == 1 {
      var shape = product.shape
      shape.remove(at: shape.count - (other.rank == 1 ? 1 : 2))
      product = product.reshaped(shape)
    }
    return product
  }
}
