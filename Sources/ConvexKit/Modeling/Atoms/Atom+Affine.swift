extension Atom {
  /// Σ_k x_k, element by element; a number stands for all elements.
  static let addition = Atom(
    name: "+", kind: .linear, shape: { Shape.broadcast("+", $0) }, curvature: { _ in .affine },
    sign: { $0.dropFirst().reduce($0[0].sign) { $0 + $1.sign } },
    monotonicity: { _, _ in .nondecreasing },
    value: { x in added(x.map(\.elements)) },
    pullBack: { x, _, dy in
      x.map { $0.elements.count == dy.count ? dy : [dy.reduce(0, +)] }
    },
    pushForward: { _, y, dx in added(dx) },
    canonical: { forms, _ in .sum(of: forms) })

  private static func added(_ x: [[Double]]) -> [Double] {
    var sum = [Double](repeating: 0, count: x.map(\.count).first { $0 != 1 } ?? 1)
    for x in x { for i in sum.indices { sum[i] += x[x.count == 1 ? 0 : i] } }
    return sum
  }

  /// −x.
  static let negation = Atom(
    name: "-", kind: .linear, shape: { $0[0] }, curvature: { _ in .affine }, sign: { -$0[0].sign },
    monotonicity: { _, _ in .nonincreasing }, value: { $0[0].elements.map { -$0 } },
    pullBack: { _, _, dy in [dy.map { -$0 }] }, pushForward: { _, _, dx in dx[0].map { -$0 } },
    canonical: { forms, _ in -forms[0] })

  /// Σ_i x_i over the elements.
  static let sum = Atom(
    name: "sum", kind: .linear, shape: { _ in .scalar }, curvature: { _ in .affine },
    sign: { $0[0].sign }, monotonicity: { _, _ in .nondecreasing },
    value: { [$0[0].elements.reduce(0, +)] },
    pullBack: { x, _, dy in [Array(repeating: dy[0], count: x[0].elements.count)] },
    pushForward: { _, _, dx in [dx[0].reduce(0, +)] }, canonical: { forms, _ in forms[0].sum })

  /// A X, one of the two without variables.
  static let matrixProduct = Atom.product(
    "*",
    shape: { a, x in
      precondition(
        a.columns == x.rows,
        "*: shapes \(a.rows)×\(a.columns) and \(x.rows)×\(x.columns) do not fit; for products "
          + "element by element write multiply, for inner products dot")
      return Shape(rows: a.rows, columns: x.columns)
    },
    value: { a, x in times(a, x) },
    transposes: { a, x, dy in
      let dy = Matrix(rows: a.rows, columns: x.columns, elements: dy)
      return [times(dy, transpose(x)), times(transpose(a), dy)]
    })

  /// c x, element by element or by a number, one of the two without variables.
  static let scaling = Atom.product("*·", value: scaled)
  /// The same, written as a function.
  static let multiply = Atom.product("multiply", value: scaled)

  private static func scaled(_ c: Matrix<Double>, _ x: Matrix<Double>) -> [Double] {
    let (c, x) = (c.elements, x.elements)
    return c.count == 1
      ? x.map { c[0] * $0 } : x.count == 1 ? c.map { x[0] * $0 } : zip(c, x).map { $0 * $1 }
  }

  private static func product(
    _ name: String, value: @escaping @Sendable (Matrix<Double>, Matrix<Double>) -> [Double]
  ) -> Atom {
    product(
      name, shape: { Shape.broadcast(name == "*·" ? "*" : name, [$0, $1]) }, value: value,
      transposes: { c, x, dy in
        let dy = Matrix(rows: dy.count, columns: 1, elements: dy)
        let (dc, dx) = (scaled(x, dy), scaled(c, dy))
        return [
          c.elements.count == dc.count ? dc : [dc.reduce(0, +)],
          x.elements.count == dx.count ? dx : [dx.reduce(0, +)],
        ]
      })
  }

  /// A function that is linear in each of two arguments: affine if one of them has no variables.
  ///
  /// The canonicalizer makes its form, since the factor without variables is not a form.
  private static func product(
    _ name: String, shape: @escaping @Sendable (Shape, Shape) -> Shape,
    value: @escaping @Sendable (Matrix<Double>, Matrix<Double>) -> [Double],
    transposes: @escaping @Sendable (Matrix<Double>, Matrix<Double>, [Double]) -> [[Double]]
  ) -> Atom {
    Atom(
      name: name, kind: .product, shape: { shape($0[0], $0[1]) },
      curvature: { $0.contains(where: \.isConstant) ? .affine : .unknown },
      sign: { $0[0].sign * $0[1].sign },
      monotonicity: { Monotonicity(factor: $1[1 - $0].sign) },
      value: { value($0[0], $0[1]) },
      pullBack: { x, _, dy in transposes(x[0], x[1], dy) },
      pushForward: { x, _, dx in
        zip(
          value(Matrix(x[0].shape, dx[0]), x[1]), value(x[0], Matrix(x[1].shape, dx[1]))
        ).map { $0 + $1 }
      },
      canonical: { forms, _ in forms[1] })
  }

  private static func times(_ a: Matrix<Double>, _ b: Matrix<Double>) -> [Double] {
    var c = [Double](repeating: 0, count: a.rows * b.columns)
    for j in 0..<b.columns {
      for k in 0..<a.columns {
        let factor = b.elements[k + j * b.rows]
        if factor == 0 { continue }
        for i in 0..<a.rows { c[i + j * a.rows] += a.elements[i + k * a.rows] * factor }
      }
    }
    return c
  }

  private static func transpose(_ a: Matrix<Double>) -> Matrix<Double> {
    Matrix(rows: a.columns, columns: a.rows) { a.elements[$1 + $0 * a.rows] }
  }

  /// 1/x: neither convex nor concave unless the sign of x is known, so for data only.
  static let reciprocal = Atom(
    name: "1 /", kind: .nonlinear, shape: { $0[0] }, curvature: { _ in .unknown },
    sign: { $0[0].sign }, monotonicity: { _, _ in .none }, value: { $0[0].elements.map { 1 / $0 } },
    pullBack: { _, y, dy in [zip(y, dy).map { -$0 * $0 * $1 }] },
    pushForward: { _, y, dx in zip(y, dx[0]).map { -$0 * $0 * $1 } },
    canonical: { forms, _ in forms[0] })
}
