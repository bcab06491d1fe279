extension Expression {
  /// Beyond this many terms a sum gets a node of its own, so that long sums are neither copied over
  /// and over nor nested deeply.
  private static let longestSum = 32

  private static func adding(_ a: Expression, _ b: Expression) -> Expression {
    if case .atom(let atom, let terms) = a.content, atom.name == Atom.addition.name,
      terms.count < longestSum
    {
      return Expression(.addition, terms + [b])
    }
    return Atom.addition(a, b)
  }

  private static func times(_ a: Expression, _ b: Expression) -> Expression {
    a.isScalar || b.isScalar ? Atom.scaling(a, b) : Atom.matrixProduct(a, b)
  }

  private static func divided(_ a: Expression, _ b: Expression) -> Expression {
    Expression("/", [a, b], as: Atom.multiply(a, Atom.reciprocal(b)))
  }

  /// a + b.
  public static func + (a: Expression, b: Expression) -> Expression { adding(a, b) }
  /// a + b.
  public static func + (a: Expression, b: some Constant) -> Expression { adding(a, b.expression) }
  /// a + b.
  public static func + (a: some Constant, b: Expression) -> Expression { adding(a.expression, b) }

  /// a − b.
  public static func - (a: Expression, b: Expression) -> Expression { adding(a, -b) }
  /// a − b.
  public static func - (a: Expression, b: some Constant) -> Expression { adding(a, -b.expression) }
  /// a − b.
  public static func - (a: some Constant, b: Expression) -> Expression { adding(a.expression, -b) }

  /// −a.
  public static prefix func - (a: Expression) -> Expression {
    if case .constant(.dense(let matrix)) = a.content {
      return Expression(constant: .dense(Matrix(a.shape, matrix.elements.map { 0 - $0 })))
    }
    return Atom.negation(a)
  }

  /// a b: by a number, or the product of matrices. One of the two has no variables.
  public static func * (a: Expression, b: Expression) -> Expression { times(a, b) }
  /// a b: by a number, or the product of matrices.
  public static func * (a: Expression, b: some Constant) -> Expression { times(a, b.expression) }
  /// a b: by a number, or the product of matrices.
  public static func * (a: some Constant, b: Expression) -> Expression { times(a.expression, b) }

  /// a / b, element by element or by a number; b has no variables.
  public static func / (a: Expression, b: Expression) -> Expression { divided(a, b) }
  /// a / b, element by element or by a number.
  public static func / (a: Expression, b: some Constant) -> Expression { divided(a, b.expression) }
  /// a / b, element by element or by a number; b has no variables (else see ``inversePositive(_:)``).
  public static func / (a: some Constant, b: Expression) -> Expression { divided(a.expression, b) }
}

/// c x element by element; one of the two has no variables.
public func multiply(_ c: Expression, _ x: Expression) -> Expression { Atom.multiply(c, x) }
/// c x element by element.
public func multiply(_ c: some Constant, _ x: Expression) -> Expression {
  Atom.multiply(c.expression, x)
}

/// Σ_i x_i over all elements.
public func sum(_ x: Expression) -> Expression { x.isScalar ? x : Atom.sum(x) }

/// x₁ + x₂ + … of expressions of one shape, or numbers; 0 for none.
public func sum(_ terms: [Expression]) -> Expression {
  guard let first = terms.first else { return 0.expression }
  return terms.count == 1 ? first : Expression(.addition, terms)
}

/// Σ_i c_i x_i over all elements; one of the two has no variables.
public func dot(_ c: Expression, _ x: Expression) -> Expression {
  precondition(c.shape == x.shape, "dot: shapes \(c.shape) and \(x.shape) differ")
  return Expression("dot", [c, x], as: sum(Atom.multiply(c, x)))
}
/// Σ_i c_i x_i over all elements.
public func dot(_ c: some Constant, _ x: Expression) -> Expression { dot(c.expression, x) }
/// Σ_i c_i x_i over all elements.
public func dot(_ x: Expression, _ c: some Constant) -> Expression { dot(x, c.expression) }
