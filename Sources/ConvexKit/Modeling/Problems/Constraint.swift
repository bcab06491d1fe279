/// A relation between expressions that a solution satisfies, element by element.
///
/// ```
/// left == right    both affine
/// left <= right    left convex, right concave;   left >= right the other way round
/// ```
///
/// Two constraints are the same if they are the same object: keep it to ask for its multiplier.
public final class Constraint: Sendable, CustomStringConvertible {
  /// The relation.
  public enum Relation: String, Sendable {
    /// Equality.
    case equal = "=="
    /// At most.
    case atMost = "<="
    /// At least.
    case atLeast = ">="
  }

  /// The left side.
  public let left: Expression
  /// The relation.
  public let relation: Relation
  /// The right side.
  public let right: Expression
  let shape: Shape

  init(_ left: Expression, _ relation: Relation, _ right: Expression) {
    self.left = left
    self.relation = relation
    self.right = right
    shape = Shape.broadcast(relation.rawValue, [left.shape, right.shape])
  }

  /// The constraint as it was written.
  public var description: String { "\(left) \(relation.rawValue) \(right)" }

  /// The side that is at most the other; for equalities the left one.
  var lesser: Expression { relation == .atLeast ? right : left }
  var greater: Expression { relation == .atLeast ? left : right }
}

extension Expression {
  /// a = b.
  public static func == (a: Expression, b: Expression) -> Constraint { Constraint(a, .equal, b) }
  /// a = b.
  public static func == (a: Expression, b: some Constant) -> Constraint {
    Constraint(a, .equal, b.expression)
  }
  /// a = b.
  public static func == (a: some Constant, b: Expression) -> Constraint {
    Constraint(a.expression, .equal, b)
  }

  /// a ≤ b.
  public static func <= (a: Expression, b: Expression) -> Constraint { Constraint(a, .atMost, b) }
  /// a ≤ b.
  public static func <= (a: Expression, b: some Constant) -> Constraint {
    Constraint(a, .atMost, b.expression)
  }
  /// a ≤ b.
  public static func <= (a: some Constant, b: Expression) -> Constraint {
    Constraint(a.expression, .atMost, b)
  }

  /// a ≥ b.
  public static func >= (a: Expression, b: Expression) -> Constraint { Constraint(a, .atLeast, b) }
  /// a ≥ b.
  public static func >= (a: Expression, b: some Constant) -> Constraint {
    Constraint(a, .atLeast, b.expression)
  }
  /// a ≥ b.
  public static func >= (a: some Constant, b: Expression) -> Constraint {
    Constraint(a.expression, .atLeast, b)
  }
}
