/// What can be wrong with a problem or with the values of its parameters.
@nonexhaustive
public enum ModelingError: Error, Equatable, Sendable {
  /// The rules of disciplined convex programming do not accept this sub-expression or constraint.
  case brokenRule(expression: String, reason: String)
  /// The objective is not a single number.
  case objectiveNotScalar(expression: String, shape: [Int])
  /// There is nothing to solve for.
  case noVariables
  /// A parameter, or a variable where an expression is evaluated, has no value.
  case missingValue(name: String)
  /// A value is for a parameter that the problem does not have.
  case unknownParameter(name: String)
  /// A variable that is asked for is not one of the problem's.
  case unknownVariable(name: String)
  /// The problem has integer variables, so that its solution does not move with its parameters.
  case notDifferentiable
  /// A value has not the shape of its parameter.
  case shapeMismatch(operand: String, expected: [Int], actual: [Int])
  /// An element is NaN or infinite: of a constant, a parameter, or what is computed from one.
  case notFinite(operand: String, index: Int, value: Double)
  /// An element of a parameter's value is outside the domain that was declared.
  case outsideDomain(operand: String, index: Int, value: Double, domain: Parameter.Domain)
  /// The matrices of the quadratic forms in the objective add up to one that is not positive
  /// semidefinite, with these values of the parameters.
  case notSemidefinite
  /// A quadratic form whose matrix has parameters stands elsewhere than in the objective as a term.
  case parametricQuadraticForm
  /// The problem has integer variables, and this expression is not piecewise linear.
  case nonlinearInteger(expression: String)
  /// The program is more than the solver can take; these are its words.
  case refused(message: String)
}

extension ModelingError: CustomStringConvertible {
  /// One line: the operand, what is wrong with it, what to do.
  public var description: String {
    switch self {
    case .brokenRule(let expression, let reason): "\(expression): \(reason)"
    case .objectiveNotScalar(let expression, let shape):
      "the objective \(expression) has shape \(shape); it must be a number: take its sum"
    case .noVariables: "the problem has no variables; there is nothing to solve for"
    case .missingValue(let name): "\(name) has no value; give one in `parameters:`"
    case .unknownParameter(let name):
      "there is a value for \(name), which is no parameter of the problem"
    case .unknownVariable(let name): "\(name) is no variable of the problem"
    case .notDifferentiable:
      "a problem with integer variables has no derivative; relax them, or leave the layer out"
    case .shapeMismatch(let operand, let expected, let actual):
      "the value of \(operand) has shape \(actual), expected \(expected)"
    case .notFinite(let operand, let index, let value):
      "element \(index) of \(operand) is \(value); every element must be finite"
    case .outsideDomain(let operand, let index, let value, let domain):
      "element \(index) of \(operand) is \(value); the parameter was declared \(domain.rawValue)"
    case .notSemidefinite:
      "the objective's quadratic forms are not convex with these values of the parameters; check "
        + "that every matrix declared positiveSemidefinite is"
    case .parametricQuadraticForm:
      "a quadForm whose matrix has parameters can only be a term of the objective; "
        + "elsewhere give it a constant matrix, or write sumSquares(F * x)"
    case .nonlinearInteger(let expression):
      "a problem with integer variables must be linear or piecewise linear; \(expression) is not"
    case .refused(let message): "the solver refused the program: \(message)"
    }
  }
}
