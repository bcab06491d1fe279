import RealModule

extension Atom {
  /// x²:  t ≥ x² as a rotated second-order cone; P in a quadratic objective.
  static let square = Atom.elementwise(
    "square", .convex, sign: .nonnegative, monotonicity: { Monotonicity(even: $0) },
    value: { $0 * $0 }, derivative: { x, _ in 2 * x },
    quadratic: { forms, builder in
      let columns = builder.columns(of: forms[0])
      return QuadraticForm(
        affine: AffineForm(count: columns.count), products: QuadraticForm.squares(columns) { $0 })
    }
  ) { x, builder in
    let t = builder.variables(x.count)
    builder.rotated(t, AffineForm([1]), x, count: x.count)
    return t
  }

  /// √x:  t² ≤ x.
  static let sqrt = Atom.elementwise(
    "sqrt", .concave, sign: .nonnegative, monotonicity: { _ in .nondecreasing },
    value: { $0.squareRoot() }, derivative: { _, y in 0.5 / y }
  ) { x, builder in
    let t = builder.variables(x.count)
    builder.rotated(x, AffineForm([1]), t, count: x.count)
    return t
  }

  /// 1/x where x > 0:  t x ≥ 1.
  static let inversePositive = Atom.elementwise(
    "inversePositive", .convex, sign: .nonnegative, monotonicity: { _ in .nonincreasing },
    value: { $0 > 0 ? 1 / $0 : .infinity }, derivative: { _, y in -y * y }
  ) { x, builder in
    let t = builder.variables(x.count)
    builder.rotated(t, x, AffineForm([1]), count: x.count)
    return t
  }

  /// |x|ᵖ for even p, xᵖ where x ≥ 0 for other p > 1:  (t, 1, x) ∈ power cone of 1/p.
  static func convexPower(_ p: Double) -> Atom {
    let isEven = p.remainder(dividingBy: 2) == 0
    return Atom.elementwise(
      "power", .convex, sign: .nonnegative,
      monotonicity: { isEven ? Monotonicity(even: $0) : .nondecreasing },
      value: { $0 >= 0 || isEven ? .pow(Swift.abs($0), p) : .infinity },
      derivative: { x, _ in (x < 0 ? -p : p) * .pow(Swift.abs(x), p - 1) }
    ) { x, builder in
      let t = builder.variables(x.count)
      builder.power(1 / p, t, AffineForm([1]), x, count: x.count)
      if !isEven { builder.nonnegative(x) }
      return t
    }
  }

  /// xᵖ where x ≥ 0, 0 < p < 1:  (x, 1, t) ∈ power cone of p.
  static func concavePower(_ p: Double) -> Atom {
    Atom.elementwise(
      "power", .concave, sign: .nonnegative, monotonicity: { _ in .nondecreasing },
      value: { $0 >= 0 ? .pow($0, p) : -.infinity }, derivative: { x, _ in p * .pow(x, p - 1) }
    ) { x, builder in
      let t = builder.variables(x.count)
      builder.power(p, x, AffineForm([1]), t, count: x.count)
      return t
    }
  }

  /// xᵖ where x > 0, p < 0:  t x^{−p} ≥ 1, (t, x, 1) ∈ power cone of 1/(1 − p).
  static func negativePower(_ p: Double) -> Atom {
    Atom.elementwise(
      "power", .convex, sign: .nonnegative, monotonicity: { _ in .nonincreasing },
      value: { $0 > 0 ? .pow($0, p) : .infinity }, derivative: { x, _ in p * .pow(x, p - 1) }
    ) { x, builder in
      let t = builder.variables(x.count)
      builder.power(1 / (1 - p), t, x, AffineForm([1]), count: x.count)
      return t
    }
  }

  /// (Π x_i)^{1/n}, x ≥ 0:  u₁ = x₁, (u_{k−1}, x_k, u_k) ∈ power cone of (k − 1)/k, t = u_n.
  static let geometricMean = Atom.reduction(
    "geometricMean", .concave, sign: { _ in .nonnegative }, monotonicity: { _ in .nondecreasing },
    value: { x in
      if x.contains(where: { $0 <= 0 }) { return x.contains { $0 < 0 } ? -.infinity : 0 }
      return .exp(x.reduce(0) { $0 + .log($1) } / Double(x.count))
    },
    gradient: { x, y in x.map { y / (Double(x.count) * $0) } }
  ) { x, builder in
    var mean = x.selecting([0])
    if x.count == 1 { builder.nonnegative(x) }
    for k in stride(from: 2, through: x.count, by: 1) {
      let (next, factor) = (builder.variables(1), x.selecting([k - 1]))
      if k == 2 {
        builder.rotated(mean, factor, next, count: 1)
      } else {
        builder.power(Double(k - 1) / Double(k), mean, factor, next, count: 1)
      }
      mean = next
    }
    return mean
  }

  /// n / Σ 1/x_i, x > 0:  u_i x_i ≥ t², Σ u = n t.
  static let harmonicMean = Atom.reduction(
    "harmonicMean", .concave, sign: { _ in .nonnegative }, monotonicity: { _ in .nondecreasing },
    value: { x in
      if x.contains(where: { $0 <= 0 }) { return x.contains { $0 < 0 } ? -.infinity : 0 }
      return Double(x.count) / x.reduce(0) { $0 + 1 / $1 }
    },
    gradient: { x, y in x.map { y * y / (Double(x.count) * $0 * $0) } }
  ) { x, builder in
    let (t, u) = (builder.variables(1), builder.variables(x.count))
    builder.rotated(u, x, t.broadcast(to: x.count), count: x.count)
    builder.zero(Double(x.count) * t - u.sum)
    return t
  }
}

extension QuadraticForm {
  /// (factor · column)², each in a row of its own or all in one.
  static func squares(
    _ columns: [(column: Int32, factor: Double)], row: (Int) -> Int
  ) -> [Product] {
    columns.enumerated().map {
      Product(
        row: row($0), first: $1.column, second: $1.column, slot: -1,
        value: $1.factor * $1.factor)
    }
  }
}

/// x², element by element. Convex; rises where x ≥ 0, falls where x ≤ 0.
public func square(_ x: Expression) -> Expression { Atom.square(x) }

/// √x where x ≥ 0, element by element. Concave, nondecreasing.
public func sqrt(_ x: Expression) -> Expression { Atom.sqrt(x) }

/// 1/x where x > 0, element by element. Convex, nonincreasing.
public func inversePositive(_ x: Expression) -> Expression { Atom.inversePositive(x) }

/// xᵖ, element by element.
///
/// ```
/// p even, positive     all x      convex, rises where x ≥ 0, falls where x ≤ 0
/// other p > 1          x ≥ 0      convex, nondecreasing
/// 0 < p < 1            x ≥ 0      concave, nondecreasing
/// p < 0                x > 0      convex, nonincreasing
/// ```
///
/// - Parameters:
///   - x: The base.
///   - p: The exponent, finite.
/// - Returns: The power.
public func power(_ x: Expression, _ p: Double) -> Expression {
  precondition(p.isFinite, "power: the exponent is \(p)")
  let atom: Atom
  switch p {
  case 0: return Matrix(x.shape, Array(repeating: 1, count: x.count)).expression
  case 1: return x
  case 2: return square(x)
  case 0.5: return sqrt(x)
  case -1: return inversePositive(x)
  case ..<0: atom = .negativePower(p)
  case ..<1: atom = .concavePower(p)
  default: atom = .convexPower(p)
  }
  return atom(x)
}

/// (Π x_i)^{1/n} over all n elements, at least one, where x ≥ 0. Concave, nondecreasing.
public func geometricMean(_ x: Expression) -> Expression {
  precondition(x.count > 0, "geometricMean: no elements")
  return Atom.geometricMean(x)
}

/// n / Σ 1/x_i over all n elements, at least one, where x > 0. Concave, nondecreasing.
public func harmonicMean(_ x: Expression) -> Expression {
  precondition(x.count > 0, "harmonicMean: no elements")
  return Atom.harmonicMean(x)
}
