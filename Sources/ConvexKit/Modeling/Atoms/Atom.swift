/// A function that expressions are made of: what the rules, the solver and the chain rule must know.
///
/// Declarations are in the other files of this folder, one per atom.
struct Atom: Sendable {
  /// How an expression without variables depends on parameters below this atom.
  enum Kind: Sendable {
    /// Linear in all arguments together.
    case linear
    /// Linear in each of two arguments.
    case product
    case nonlinear
  }

  typealias Values = [Matrix<Double>]

  /// What messages call it.
  let name: String
  let kind: Kind
  let shape: @Sendable ([Shape]) -> Shape
  let curvature: @Sendable ([Expression]) -> Curvature
  let sign: @Sendable ([Expression]) -> Sign
  /// In argument i.
  let monotonicity: @Sendable (Int, [Expression]) -> Monotonicity
  /// f(x).
  let value: @Sendable (Values) -> [Double]
  /// dx for each argument, from x, y = f(x) and the cotangent dy.
  let pullBack: @Sendable (Values, _ y: [Double], _ dy: [Double]) -> [[Double]]
  /// dy from x, y = f(x) and the tangents dx.
  let pushForward: @Sendable (Values, _ y: [Double], _ dx: [[Double]]) -> [Double]
  /// What stands for f(x) in a cone program: an affine form, with new variables and cone rows.
  let canonical: @Sendable ([AffineForm], CanonicalBuilder) -> AffineForm
  /// What stands for it in a quadratic objective, where that is simpler.
  var quadratic: (@Sendable ([AffineForm], CanonicalBuilder) -> QuadraticForm)?

  /// Of a selection: the elements that are selected.
  var places: [Int]?

  func callAsFunction(_ arguments: Expression...) -> Expression { Expression(self, arguments) }
}

extension Atom {
  /// f of a number, applied to every element.
  static func elementwise(
    _ name: String, _ curvature: Curvature, sign: Sign = .unknown,
    monotonicity: @escaping @Sendable (Sign) -> Monotonicity,
    value: @escaping @Sendable (Double) -> Double,
    derivative: @escaping @Sendable (_ x: Double, _ y: Double) -> Double,
    quadratic: (@Sendable ([AffineForm], CanonicalBuilder) -> QuadraticForm)? = nil,
    canonical: @escaping @Sendable (AffineForm, CanonicalBuilder) -> AffineForm
  ) -> Atom {
    Atom(
      name: name, kind: .nonlinear, shape: { $0[0] }, curvature: { _ in curvature },
      sign: { _ in sign }, monotonicity: { monotonicity($1[$0].sign) },
      value: { $0[0].elements.map(value) },
      pullBack: { x, y, dy in
        [dy.indices.map { dy[$0] * derivative(x[0].elements[$0], y[$0]) }]
      },
      pushForward: { x, y, dx in
        y.indices.map { dx[0][$0] * derivative(x[0].elements[$0], y[$0]) }
      },
      canonical: { canonical($0[0], $1) }, quadratic: quadratic)
  }

  /// f of several numbers, applied element by element; a single number stands for all elements.
  static func elementwise(
    _ name: String, _ curvature: Curvature,
    sign: @escaping @Sendable ([Sign]) -> Sign,
    monotonicity: @escaping @Sendable (Int) -> Monotonicity,
    value: @escaping @Sendable ([Double]) -> Double,
    gradient: @escaping @Sendable ([Double]) -> [Double],
    canonical: @escaping @Sendable ([AffineForm], CanonicalBuilder) -> AffineForm
  ) -> Atom {
    let rows = { @Sendable (x: Values, count: Int) in
      (0..<count).map { i in x.map { $0.elements[$0.elements.count == 1 ? 0 : i] } }
    }
    return Atom(
      name: name, kind: .nonlinear, shape: { Shape.broadcast(name, $0) },
      curvature: { _ in curvature }, sign: { sign($0.map(\.sign)) },
      monotonicity: { index, _ in monotonicity(index) },
      value: { x in rows(x, Shape.broadcast(name, x.map(\.shape)).count).map(value) },
      pullBack: { x, y, dy in
        var dx = x.map { [Double](repeating: 0, count: $0.elements.count) }
        for (i, row) in rows(x, y.count).enumerated() {
          for (k, slope) in gradient(row).enumerated() {
            dx[k][dx[k].count == 1 ? 0 : i] += dy[i] * slope
          }
        }
        return dx
      },
      pushForward: { x, y, dx in
        rows(x, y.count).enumerated().map { i, row in
          gradient(row).enumerated().reduce(0) {
            $0 + $1.element * dx[$1.offset][dx[$1.offset].count == 1 ? 0 : i]
          }
        }
      },
      canonical: { forms, builder in
        let count = forms.map(\.count).first { $0 != 1 } ?? 1
        return canonical(forms.map { $0.broadcast(to: count) }, builder)
      })
  }

  /// f of all elements of one argument, a number.
  static func reduction(
    _ name: String, _ curvature: Curvature, sign: @escaping @Sendable (Sign) -> Sign,
    monotonicity: @escaping @Sendable (Sign) -> Monotonicity,
    value: @escaping @Sendable ([Double]) -> Double,
    gradient: @escaping @Sendable (_ x: [Double], _ y: Double) -> [Double],
    quadratic: (@Sendable ([AffineForm], CanonicalBuilder) -> QuadraticForm)? = nil,
    canonical: @escaping @Sendable (AffineForm, CanonicalBuilder) -> AffineForm
  ) -> Atom {
    Atom(
      name: name, kind: .nonlinear, shape: { _ in .scalar }, curvature: { _ in curvature },
      sign: { sign($0[0].sign) }, monotonicity: { monotonicity($1[$0].sign) },
      value: { [value($0[0].elements)] },
      pullBack: { x, y, dy in [gradient(x[0].elements, y[0]).map { dy[0] * $0 }] },
      pushForward: { x, y, dx in
        [zip(gradient(x[0].elements, y[0]), dx[0]).reduce(0) { $0 + $1.0 * $1.1 }]
      },
      canonical: { canonical($0[0], $1) }, quadratic: quadratic)
  }

  /// Elements of the arguments in another order: element i is element `places[i]` of all the
  /// arguments' elements, one after the other.
  static func selection(_ name: String, _ shape: Shape, _ places: [Int]) -> Atom {
    Atom(
      name: name, kind: .linear, shape: { _ in shape }, curvature: { _ in .affine },
      sign: { arguments in
        Sign(
          nonnegative: arguments.allSatisfy(\.sign.isNonnegative),
          nonpositive: arguments.allSatisfy(\.sign.isNonpositive))
      },
      monotonicity: { _, _ in .nondecreasing },
      value: { x in
        let elements = x.count == 1 ? x[0].elements : x.flatMap(\.elements)
        return places.map { elements[$0] }
      },
      pullBack: { x, _, dy in
        var all = [Double](repeating: 0, count: x.reduce(0) { $0 + $1.elements.count })
        for (i, place) in places.enumerated() { all[place] += dy[i] }
        var next = 0
        return x.map { argument in
          defer { next += argument.elements.count }
          return Array(all[next..<next + argument.elements.count])
        }
      },
      pushForward: { _, _, dx in
        let elements = dx.flatMap(\.self)
        return places.map { elements[$0] }
      },
      canonical: { forms, _ in
        (forms.count == 1 ? forms[0] : .stacked(forms)).selecting(places)
      }, places: places)
  }
}
