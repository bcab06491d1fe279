extension Atom {
  /// xᵀQ x, Q without variables and semidefinite: P in a quadratic objective, else t ≥ ‖F x‖² with
  /// FᵀF = (Q + Qᵀ)/2.
  static let quadForm = Atom(
    name: "quadForm", kind: .nonlinear,
    shape: { shapes in
      let (x, q) = (shapes[0], shapes[1])
      precondition(
        x.columns == 1 && q.rows == x.rows && q.columns == x.rows,
        "quadForm: shapes \(x) and \(q) do not fit; a vector and a square matrix are needed")
      return .scalar
    },
    curvature: { Definiteness(of: $0[1]).curvature },
    sign: { arguments in
      switch Definiteness(of: arguments[1]) {
      case .positive: .nonnegative
      case .negative: .nonpositive
      case .unknown: .unknown
      }
    },
    monotonicity: { _, _ in .none },
    value: { x in
      let (q, x) = (x[1], x[0].elements)
      return [zip(x, (q * Vector(x)).elements).reduce(0) { $0 + $1.0 * $1.1 }]
    },
    pullBack: { x, _, dy in
      let (q, x) = (x[1], x[0].elements)
      let n = x.count
      let dx = (0..<n).map { i in
        (0..<n).reduce(0) { $0 + dy[0] * (q.elements[i + $1 * n] + q.elements[$1 + i * n]) * x[$1] }
      }
      return [dx, (0..<n * n).map { dy[0] * x[$0 % n] * x[$0 / n] }]
    },
    pushForward: { x, _, dx in
      let (q, x, dq) = (x[1], x[0].elements, dx[1])
      let n = x.count
      return [
        (0..<n * n).reduce(0) {
          let (i, j) = ($1 % n, $1 / n)
          return $0 + dq[$1] * x[i] * x[j] + q.elements[$1] * (dx[0][i] * x[j] + x[i] * dx[0][j])
        }
      ]
    },
    canonical: { forms, builder in
      guard let q = forms[1].constants else {
        builder.refuse(.parametricQuadraticForm)
        return AffineForm(count: 1)
      }
      let n = forms[0].count
      let (factor, sign) = Definiteness.factor(Matrix(rows: n, columns: n, elements: q))
      let rows = Coefficients(AffineForm(factor.elements), groups: n) {
        ($0 / factor.rows, $0 % factor.rows)
      }
      let x = rows.times(forms[0], count: factor.rows, builder) { ($0, 0) }
      return sign * Atom.sumSquares.canonical([x], builder)
    },
    quadratic: { forms, builder in
      let columns = builder.columns(of: forms[0])
      let n = columns.count
      var products: [QuadraticForm.Product] = []
      forms[1].forEachTerm { term in
        let (a, b) = (columns[term.row % n], columns[term.row / n])
        products.append(
          QuadraticForm.Product(
            row: 0, first: a.column, second: b.column, slot: term.slot,
            value: a.factor * b.factor * term.value))
      }
      return QuadraticForm(affine: AffineForm(count: 1), products: products)
    })
}

/// xᵀQ x. Convex if (Q + Qᵀ)/2 is positive semidefinite, concave if it is negative semidefinite.
///
/// Q is constant, or made of ``Parameter``s that are declared `.positiveSemidefinite` by sums and
/// products with numbers of one sign. Such a form can stand in an objective only, as a term with a
/// coefficient that may be a parameter itself.
///
/// - Parameters:
///   - x: A vector.
///   - q: Q, square. It may be unsymmetric; only its symmetric part counts.
/// - Returns: A number.
public func quadForm(_ x: Expression, _ q: some ExpressionConvertible) -> Expression {
  Atom.quadForm(x, q.expression)
}
