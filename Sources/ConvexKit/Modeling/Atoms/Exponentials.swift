import RealModule

extension Atom {
  /// eˣ:  (x, 1, t) ∈ exponential cone.
  static let exp = Atom.elementwise(
    "exp", .convex, sign: .nonnegative, monotonicity: { _ in .nondecreasing },
    value: { .exp($0) }, derivative: { _, y in y }
  ) { x, builder in
    let t = builder.variables(x.count)
    builder.exponential(x, AffineForm([1]), t, count: x.count)
    return t
  }

  /// log x:  (t, 1, x) ∈ exponential cone.
  static let log = Atom.elementwise(
    "log", .concave, monotonicity: { _ in .nondecreasing }, value: { .log($0) },
    derivative: { x, _ in 1 / x }
  ) { x, builder in
    let t = builder.variables(x.count)
    builder.exponential(t, AffineForm([1]), x, count: x.count)
    return t
  }

  /// log(1 + eˣ):  u ≥ e^{x − t}, v ≥ e^{−t}, u + v ≤ 1.
  static let logistic = Atom.elementwise(
    "logistic", .convex, sign: .nonnegative, monotonicity: { _ in .nondecreasing },
    value: { Swift.max($0, 0) + .log(onePlus: .exp(-Swift.abs($0))) },
    derivative: { x, _ in x > 0 ? 1 / (1 + .exp(-x)) : .exp(x) / (1 + .exp(x)) }
  ) { x, builder in
    let n = x.count
    let (t, u, v) = (builder.variables(n), builder.variables(n), builder.variables(n))
    builder.exponential(x - t, AffineForm([1]), u, count: n)
    builder.exponential(-t, AffineForm([1]), v, count: n)
    builder.nonnegative(AffineForm([1]) - u - v)
    return t
  }

  /// log Σ e^{x_i}:  u_i ≥ e^{x_i − t}, Σ u ≤ 1.
  static let logSumExp = Atom.reduction(
    "logSumExp", .convex, sign: { $0 == .zero ? .nonnegative : .unknown },
    monotonicity: { _ in .nondecreasing },
    value: { x in
      let largest = x.max() ?? -.infinity
      return largest.isFinite
        ? largest + .log(x.reduce(0) { $0 + .exp($1 - largest) }) : largest
    },
    gradient: { x, y in x.map { .exp($0 - y) } }
  ) { x, builder in
    let (t, u) = (builder.variables(1), builder.variables(x.count))
    builder.exponential(x - t, AffineForm([1]), u, count: x.count)
    builder.nonnegative(AffineForm([1]) - u.sum)
    return t
  }
}

/// eˣ, element by element. Convex, nondecreasing.
public func exp(_ x: Expression) -> Expression { Atom.exp(x) }

/// log x where x > 0, element by element. Concave, nondecreasing.
public func log(_ x: Expression) -> Expression { Atom.log(x) }

/// log(1 + eˣ), element by element. Convex, nondecreasing.
public func logistic(_ x: Expression) -> Expression { Atom.logistic(x) }

/// log Σ e^{x_i} over all elements. Convex, nondecreasing.
public func logSumExp(_ x: Expression) -> Expression { Atom.logSumExp(x) }
