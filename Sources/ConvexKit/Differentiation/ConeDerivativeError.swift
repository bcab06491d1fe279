/// Why a solution has no derivative.
@nonexhaustive
public enum ConeDerivativeError: Error, Equatable, Sendable {
  /// The point does not solve the program: its status, and its largest relative residual.
  case notSolved(status: SolveStatus, residual: Double)
  /// The solution is at a kink: a slack and its multiplier are both near zero, or s lies on an edge.
  case notDifferentiable(cone: Int)
  /// The linearized conditions have no solution for this direction: x or z is not unique, and what
  /// was asked for depends on which one is taken. The residual is relative.
  case singular(residual: Double)
  /// An operand has not the length that the program gives it.
  case shapeMismatch(operand: String, expected: Int, actual: Int)
}

extension ConeDerivativeError: CustomStringConvertible {
  /// One line: what is wrong, what to do.
  public var description: String {
    switch self {
    case .notSolved(let status, let residual):
      "the program is not solved (\(status.rawValue), residual \(residual)); only a solution has a "
        + "derivative"
    case .notDifferentiable(let cone):
      "the solution has a kink at cone \(cone): slack and multiplier vanish together, or the slack "
        + "is on an edge; perturb the data, or add a small quadratic term"
    case .singular(let residual):
      "the derivative's equations have no solution (relative residual \(residual)): the solution "
        + "is not unique in what was asked for; add a small quadratic term"
    case .shapeMismatch(let operand, let expected, let actual):
      "\(operand) has \(actual) elements, expected \(expected)"
    }
  }
}
