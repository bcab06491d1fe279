/// What can be wrong with the data of a linear program.
@nonexhaustive
public enum LinearProgramError: Error, Equatable, Sendable {
  /// An operand has not the length that the rows or columns of the matrix give it.
  case shapeMismatch(operand: String, expected: Int, actual: Int)
  /// An element is NaN, or infinite where it must not be.
  case notFinite(operand: String, index: Int)
  /// A lower bound lies above its upper bound, so that no value is within.
  case emptyBounds(operand: String, index: Int, lower: Double, upper: Double)
  /// There is no such variable.
  case variableOutOfRange(operand: String, variable: Int, count: Int)
  /// The program has more rows, columns or entries than the solver can count.
  case tooLarge(operand: String, count: Int, limit: Int)
  /// The solver refused the program; these are its words.
  case refused(message: String)
  /// There is no optimal basis to analyze.
  case notSolved(status: SolveStatus)
  /// A file cannot be read, or is not a program; the solver's words, with the line.
  case unreadable(path: String, reason: String)
  /// A file cannot be written.
  case unwritable(path: String, reason: String)
  /// A file format has no place for this name.
  case unwritableName(operand: String, index: Int, name: String, format: ProgramFormat)
}

extension LinearProgramError: CustomStringConvertible {
  /// One line: the operand, what is wrong with it, what to do.
  public var description: String {
    switch self {
    case .shapeMismatch(let operand, let expected, let actual):
      "\(operand) has \(actual) elements, expected \(expected)"
    case .notFinite(let operand, let index):
      "element \(index) of \(operand) is NaN or infinite; leave a bound out by an infinity of its "
        + "own sign"
    case .emptyBounds(let operand, let index, let lower, let upper):
      "element \(index) of \(operand) has bounds \(lower) above \(upper); swap or widen them"
    case .variableOutOfRange(let operand, let variable, let count):
      "\(operand) name variable \(variable); there are \(count), counted from 0"
    case .tooLarge(let operand, let count, let limit):
      "\(operand) are \(count), at most \(limit) can be solved; split the program"
    case .notSolved(let status):
      "the program ended with \(status), not with an optimal basis; solve it first"
    case .unreadable(let path, let reason):
      "cannot read \(path): \(reason)"
    case .unwritable(let path, let reason):
      "cannot write \(path): \(reason)"
    case .unwritableName(let operand, let index, let name, let format):
      "element \(index) of \(operand), \(name.debugDescription), is no name in \(format.name) "
        + "files, or not the only one; rename it"
    case .refused(let message):
      "GLPK refused the program: \(message)"
    }
  }
}
