/// What can be wrong with the data of a cone program.
///
/// P, q, A, b are the operands of ``ConeProgram``.
@nonexhaustive
public enum ConeProgramError: Error, Equatable, Sendable {
  /// There are no variables.
  case noVariables
  /// An operand has not the shape that the others give it. For `cones`, the rows they take.
  case shapeMismatch(operand: String, expected: [Int], actual: [Int])
  /// An element is NaN, or infinite where it must not be. For P and A, the index of the entry.
  case notFinite(operand: String, index: Int, value: Double)
  /// A cone takes no rows.
  case emptyCone(index: Int)
  /// The exponent of a power cone is not between 0 and 1.
  case powerOutOfRange(cone: Int, alpha: Double)
  /// P is not positive semidefinite: elimination meets a negative pivot in this column.
  case notConvex(column: Int, pivot: Double)
  /// An operand of a data update has entries in other places than the program has.
  case structureChanged(operand: String)
}

extension ConeProgramError: CustomStringConvertible {
  /// One line: the operand, what is wrong with it, what to do.
  public var description: String {
    switch self {
    case .noVariables:
      "the program has no variables; there is nothing to minimize over"
    case .shapeMismatch("cones", let expected, let actual):
      "the cones take \(actual) rows, A has \(expected); every row needs exactly one cone"
    case .shapeMismatch(let operand, let expected, let actual):
      "\(operand) has shape \(actual), expected \(expected)"
    case .notFinite(let operand, let index, let value):
      "element \(index) of \(operand) is \(value); every element must be finite"
        + (operand == "b" ? ", but for +inf in a nonnegative cone, which is no constraint" : "")
    case .emptyCone(let index):
      "cone \(index) has no rows; leave it out"
    case .powerOutOfRange(let cone, let alpha):
      "cone \(cone) is a power cone of exponent \(alpha); it must be above 0 and below 1"
    case .notConvex(let column, let pivot):
      "P is not positive semidefinite: elimination of column \(column) meets \(pivot); "
        + "the program is not convex"
    case .structureChanged(let operand):
      "\(operand) has entries in other places than the program was made with; make a new solver"
    }
  }
}
