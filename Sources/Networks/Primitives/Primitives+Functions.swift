extension Primitives {
  /// y = max(x, 0);  dx = dy · [y > 0]
  public static let relu = Primitive<Void>(
    name: "relu", takingBFloat16: true, keeping: { _ in .output },
    forward: { inputs, _ in .init(Elementwise.relu(inputs[0])) },
    pullbackOfTerms: { application, _, dy in
      // y > 0 where x > 0, and y is at hand where x need not be.
      [Elementwise.reluPullBack(application.output, dy.takeSum())]
    })

  /// y = x Φ(x), Φ the standard normal distribution;  dx = (Φ(x) + x φ(x)) dy
  ///
  /// - Source: Hendrycks & Gimpel, arXiv:1606.08415, without the tanh approximation.
  public static let gelu = Primitive<Void>(
    name: "gelu", keeping: { _ in .inputs([0]) },
    forward: { inputs, _ in .init(ElementwiseFunction.run(.gelu, inputs[0])) },
    pullback: { application, _, dy in
      [ElementwiseFunction.pullBack(.gelu, application.input(0), dy)]
    })

  /// y = eˣ;  dx = y dy
  public static let exp = Primitive<Void>(
    name: "exp", keeping: { _ in .output },
    forward: { inputs, _ in .init(Elementwise.exp(inputs[0])) },
    pullback: { application, _, dy in [Elementwise.multiply(application.output, dy)] })

  /// y = ln x;  dx = dy / x
  public static let log = Primitive<Void>(
    name: "log", keeping: { _ in .inputs([0]) },
    forward: { inputs, _ in .init(Elementwise.log(inputs[0])) },
    pullback: { application, _, dy in [Elementwise.divide(dy, application.input(0))] })
}

extension Tensor {
  /// The positive part of every element.
  public func relu() -> Tensor { Primitives.relu(self) }

  /// The Gaussian error linear unit of every element, in its exact form.
  public func gelu() -> Tensor { Primitives.gelu(self) }

  /// The exponential of every element.
  public func exp() -> Tensor { Primitives.exp(self) }

  /// The natural logarithm of every element.
  public func log() -> Tensor { Primitives.log(self) }
}
