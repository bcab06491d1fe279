extension Primitives {
  /// y = a + b;  da = Σ dy, db = Σ dy over the axes that each was repeated along
  public static let add = Primitive<Void>(
    name: "add", keeping: { _ in .none },
    forward: { inputs, _ in .init(Elementwise.add(inputs[0], inputs[1])) },
    pullback: { application, _, dy in
      application.operands.map { $0.needsGradient ? Summation.sum(dy, to: $0.shape) : nil }
    })

  /// y = a − b;  da = Σ dy, db = −Σ dy over the axes that each was repeated along
  public static let subtract = Primitive<Void>(
    name: "subtract", keeping: { _ in .none },
    forward: { inputs, _ in .init(Elementwise.subtract(inputs[0], inputs[1])) },
    pullback: { application, _, dy in
      let (a, b) = (application.operands[0], application.operands[1])
      return [
        a.needsGradient ? Summation.sum(dy, to: a.shape) : nil,
        b.needsGradient
          ? Elementwise.affine(Summation.sum(dy, to: b.shape), scale: -1) : nil,
      ]
    })

  /// y = a b;  da = Σ b dy, db = Σ a dy over the axes that each was repeated along
  public static let multiply = Primitive<Void>(
    name: "multiply", takingBFloat16: true, keeping: KeptValues.factors,
    forward: { inputs, _ in
      if let cells = CellVectors(inputs[0]), cells.areWeighed(by: inputs[1]) {
        return .init(cells.scaled(by: inputs[1]))
      }
      return .init(Elementwise.multiply(inputs[0], inputs[1]))
    },
    pullbackOfTerms: { application, _, cotangent in
      let dy = cotangent.sum
      let (a, b) = (application.operands[0], application.operands[1])
      if let layout = application.outputLayout, layout.numberType == .bfloat16,
        let cells = CellVectors(dy.inLayout(layout))
      {
        return [
          a.needsGradient ? cells.scaled(by: application.input(1)) : nil,
          b.needsGradient ? cells.products(with: application.input(0)) : nil,
        ]
      }
      return [
        a.needsGradient ? Summation.sum(dy, times: application.input(1), to: a.shape) : nil,
        b.needsGradient ? Summation.sum(dy, times: application.input(0), to: b.shape) : nil,
      ]
    })

  /// y = a / b;  da = Σ dy / b, db = −Σ y dy / b over the axes that each was repeated along
  public static let divide = Primitive<Void>(
    name: "divide",
    forward: { inputs, _ in .init(Elementwise.divide(inputs[0], inputs[1])) },
    pullback: { application, _, dy in
      let (a, b) = (application.inputs[0], application.inputs[1])
      let quotient = Elementwise.divide(dy, b)
      return [
        a.needsGradient ? Summation.sum(quotient, to: a.shape) : nil,
        b.needsGradient
          ? Elementwise.affine(
            Summation.sum(quotient, times: application.output, to: b.shape), scale: -1) : nil,
      ]
    })

  /// The constants of an affine map of single elements.
  public struct Affine: Hashable, Sendable {
    /// The factor.
    public var scale: Float
    /// The summand.
    public var shift: Float
  }

  /// y = s x + t;  dx = s dy
  public static let affine = Primitive<Affine>(
    name: "affine", keeping: { _ in .none },
    forward: { inputs, affine in
      .init(Elementwise.affine(inputs[0], scale: affine.scale, shift: affine.shift))
    },
    pullback: { _, affine, dy in [Elementwise.affine(dy, scale: affine.scale)] })
}

extension Tensor {
  /// The elementwise sum, with broadcasting.
  public static func + (a: Tensor, b: Tensor) -> Tensor { Primitives.add(a, b) }

  /// The elementwise difference, with broadcasting.
  public static func - (a: Tensor, b: Tensor) -> Tensor { Primitives.subtract(a, b) }

  /// The elementwise product, with broadcasting.
  public static func * (a: Tensor, b: Tensor) -> Tensor { Primitives.multiply(a, b) }

  /// The elementwise quotient, with broadcasting.
  public static func / (a: Tensor, b: Tensor) -> Tensor { Primitives.divide(a, b) }

  /// The negative of every element.
  public static prefix func - (a: Tensor) -> Tensor { a.affine(scale: -1) }

  /// A number times every element.
  public static func * (scale: Float, a: Tensor) -> Tensor { a.affine(scale: scale) }

  /// Every element divided by a number.
  public static func / (a: Tensor, divisor: Float) -> Tensor { a.affine(scale: 1 / divisor) }

  /// A number added to every element.
  public static func + (a: Tensor, shift: Float) -> Tensor { a.affine(shift: shift) }

  /// `scale · x + shift` for every element x.
  public func affine(scale: Float = 1, shift: Float = 0) -> Tensor {
    Primitives.affine([self], .init(scale: scale, shift: shift))
  }
}
