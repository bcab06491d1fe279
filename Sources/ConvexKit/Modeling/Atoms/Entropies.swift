import RealModule

extension Atom {
  /// −x log x:  (t, x, 1) ∈ exponential cone, x e^{t/x} ≤ 1.
  static let entropy = Atom.elementwise(
    "entropyTerms", .concave, monotonicity: { _ in .none },
    value: { $0 > 0 ? -$0 * .log($0) : $0 == 0 ? 0 : -.infinity },
    derivative: { x, _ in -.log(x) - 1 }
  ) { x, builder in
    let t = builder.variables(x.count)
    builder.exponential(t, x, AffineForm([1]), count: x.count)
    return t
  }

  /// x log(x/y):  (−t, x, y) ∈ exponential cone, x e^{−t/x} ≤ y.
  static let relativeEntropy = Atom.elementwise(
    "relativeEntropyTerms", .convex, sign: { _ in .unknown },
    monotonicity: { $0 == 0 ? .none : .nonincreasing },
    value: { x in
      x[0] == 0 && x[1] >= 0 ? 0 : x[0] > 0 && x[1] > 0 ? x[0] * .log(x[0] / x[1]) : .infinity
    },
    gradient: { [.log($0[0] / $0[1]) + 1, -$0[0] / $0[1]] },
    canonical: { forms, builder in
      let t = builder.variables(forms[0].count)
      builder.exponential(-t, forms[0], forms[1], count: t.count)
      return t
    })
}

/// Σ −x_i log x_i where x ≥ 0. Concave.
public func entropy(_ x: Expression) -> Expression {
  Expression("entropy", [x], as: sum(Atom.entropy(x)))
}

/// −x log x where x ≥ 0, element by element. Concave.
public func entropyTerms(_ x: Expression) -> Expression { Atom.entropy(x) }

/// Σ x_i log(x_i / y_i) where x, y ≥ 0. Convex in both; nonincreasing in y.
public func relativeEntropy(
  _ x: some ExpressionConvertible, _ y: some ExpressionConvertible
) -> Expression {
  let (x, y) = (x.expression, y.expression)
  return Expression("relativeEntropy", [x, y], as: sum(relativeEntropyTerms(x, y)))
}

/// x log(x / y) where x, y ≥ 0, element by element. Convex in both; nonincreasing in y.
public func relativeEntropyTerms(
  _ x: some ExpressionConvertible, _ y: some ExpressionConvertible
) -> Expression {
  let (x, y) = (x.expression, y.expression)
  if !x.isConstant, !y.isConstant { return Atom.relativeEntropy(x, y) }
  if x.isConstant, y.isConstant { return Atom.relativeEntropy(x, y) }
  // Against data the cone sees one argument only, so that a tiny one stays out of it.
  return Expression(
    "relativeEntropyTerms", [x, y], as: -Atom.entropy(x) - Atom.multiply(x, Atom.log(y)))
}

/// Σ x_i log(x_i / y_i) − x_i + y_i where x, y ≥ 0: at least 0, and 0 only where x = y. Convex.
///
/// For distributions, whose sums are equal, it is the relative entropy.
public func klDivergence(
  _ x: some ExpressionConvertible, _ y: some ExpressionConvertible
) -> Expression {
  let (x, y) = (x.expression, y.expression)
  return Expression("klDivergence", [x, y], as: sum(klDivergenceTerms(x, y)), sign: .nonnegative)
}

/// x log(x / y) − x + y where x, y ≥ 0, element by element. Convex.
public func klDivergenceTerms(
  _ x: some ExpressionConvertible, _ y: some ExpressionConvertible
) -> Expression {
  let (x, y) = (x.expression, y.expression)
  return Expression(
    "klDivergenceTerms", [x, y], as: relativeEntropyTerms(x, y) - x + y, sign: .nonnegative)
}
