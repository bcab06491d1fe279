extension Atom {
  /// Σ x_i²:  t ≥ ‖x‖² as a rotated second-order cone; P in a quadratic objective.
  static let sumSquares = Atom.reduction(
    "sumSquares", .convex, sign: { _ in .nonnegative }, monotonicity: { Monotonicity(even: $0) },
    value: { $0.reduce(0) { $0 + $1 * $1 } }, gradient: { x, _ in x.map { 2 * $0 } },
    quadratic: { forms, builder in
      QuadraticForm(
        affine: AffineForm(count: 1),
        products: QuadraticForm.squares(builder.columns(of: forms[0])) { _ in 0 })
    }
  ) { x, builder in
    let t = builder.variables(1)
    builder.secondOrder(t + AffineForm([1]), .stacked([t - AffineForm([1]), 2 * x]))
    return t
  }

  /// Σ x_i² / y where y > 0:  t y ≥ ‖x‖².
  static let quadOverLin = Atom(
    name: "quadOverLin", kind: .nonlinear,
    shape: { shapes in
      precondition(shapes[1].isScalar, "quadOverLin: the divisor has shape \(shapes[1])")
      return .scalar
    },
    curvature: { _ in .convex }, sign: { _ in .nonnegative },
    monotonicity: { $0 == 0 ? Monotonicity(even: $1[0].sign) : .nonincreasing },
    value: { x in
      let y = x[1].elements[0]
      return [y > 0 ? x[0].elements.reduce(0) { $0 + $1 * $1 } / y : .infinity]
    },
    pullBack: { x, y, dy in
      let divisor = x[1].elements[0]
      return [x[0].elements.map { 2 * $0 * dy[0] / divisor }, [-y[0] * dy[0] / divisor]]
    },
    pushForward: { x, y, dx in
      let divisor = x[1].elements[0]
      let rise = zip(x[0].elements, dx[0]).reduce(0) { $0 + 2 * $1.0 * $1.1 }
      return [(rise - y[0] * dx[1][0]) / divisor]
    },
    canonical: { forms, builder in
      let (x, y, t) = (forms[0], forms[1], builder.variables(1))
      builder.secondOrder(t + y, .stacked([t - y, 2 * x]))
      return t
    })

  /// Huber's function:  |n|² + 2 M |x − n|, the least over n.
  static func huber(_ threshold: Double) -> Atom {
    Atom.elementwise(
      "huber", .convex, sign: .nonnegative, monotonicity: { Monotonicity(even: $0) },
      value: {
        let size = Swift.abs($0)
        return size <= threshold ? size * size : threshold * (2 * size - threshold)
      },
      derivative: { x, _ in 2 * Swift.min(Swift.max(x, -threshold), threshold) },
      quadratic: { forms, builder in
        let inner = builder.variables(forms[0].count)
        let outer = Atom.abs.canonical([forms[0] - inner], builder)
        return QuadraticForm(
          affine: 2 * threshold * outer,
          products: QuadraticForm.squares(builder.columns(of: inner)) { $0 })
      }
    ) { x, builder in
      let inner = builder.variables(x.count)
      let outer = Atom.abs.canonical([x - inner], builder)
      return Atom.square.canonical([inner], builder) + 2 * threshold * outer
    }
  }
}

/// Σ x_i² over all elements. Convex; rises where x ≥ 0, falls where x ≤ 0.
public func sumSquares(_ x: Expression) -> Expression { Atom.sumSquares(x) }

/// Σ x_i² / y where y > 0, over all elements of x. Convex; nonincreasing in y.
///
/// - Parameters:
///   - x: As many elements as there are.
///   - y: A number.
/// - Returns: The quotient.
public func quadOverLin(_ x: Expression, _ y: some ExpressionConvertible) -> Expression {
  let y = y.expression
  if y.isConstant, !x.isConstant, y.sign == .nonnegative {
    return Expression("quadOverLin", [x, y], as: sumSquares(x) / y)
  }
  return Atom.quadOverLin(x, y)
}

/// Huber's function, element by element. Convex; rises where x ≥ 0, falls where x ≤ 0.
///
/// ```
/// x² where |x| ≤ M,   2 M |x| − M² beyond
/// ```
///
/// - Parameters:
///   - x: The residual.
///   - threshold: M, positive and finite.
/// - Returns: The loss.
public func huber(_ x: Expression, _ threshold: Double = 1) -> Expression {
  precondition(threshold > 0 && threshold.isFinite, "huber: the threshold is \(threshold)")
  return Atom.huber(threshold)(x)
}
