/// What was found for a ``Problem``: in its own terms, measured against its own data.
public struct Solution: Sendable {
  /// Why the solver stopped.
  public let status: SolveStatus
  /// The objective's value; infinite for a problem without a solution: +∞ where a minimum is
  /// infeasible or a maximum unbounded, −∞ for the other two.
  public let objective: Double
  /// What the cone solver found. Its rows and columns are those of ``Problem/coneProgram(parameters:)``.
  public let cone: ConeSolution

  private let problem: Problem
  private let parameters: Assignment

  init(
    _ problem: Problem, _ cone: ConeSolution, constant: Double, parameters: Assignment
  ) {
    self.problem = problem
    self.parameters = parameters
    self.cone = cone
    status = cone.status
    let sign: Double = problem.isMaximized ? -1 : 1
    objective =
      switch cone.status {
      case .primalInfeasible: sign * .infinity
      case .dualInfeasible: -sign * .infinity
      default: sign * (cone.objective + constant)
      }
  }

  /// How far the optimality conditions are from holding.
  public var residuals: ConeResiduals { cone.residuals }
  /// The proof that there is no solution, where the status says so.
  public var certificate: ConeCertificate? { cone.certificate }
  /// Iterations of the solver.
  public var iterations: Int { cone.iterations }
  /// Seconds the solver took.
  public var seconds: Double { cone.seconds }

  /// The value of a variable, or of any expression of the problem's variables and parameters.
  ///
  /// It is the value at the point that was found, whatever the status.
  ///
  /// - Parameter expression: The expression.
  /// - Returns: Its value; see ``Matrix/scalar`` and ``Matrix/vector``.
  public func value(of expression: Expression) -> Matrix<Double> {
    var leaves = parameters.values.mapValues(\.value)
    for (leaf, offset) in problem.form.variables {
      leaves[leaf.id] = Matrix(
        leaf.shape, Array(cone.primal[offset..<offset + leaf.count]))
    }
    var evaluation = Evaluation(leaves)
    return evaluation.value(of: expression)
  }

  /// The multipliers of a constraint, in its shape.
  ///
  /// ```
  /// <=, >=   y ≥ 0;   y > 0 only where it holds with equality
  /// ==       ∂ optimum / ∂ right = −y for a minimum, +y for a maximum
  /// ```
  ///
  /// For an inequality, y is the rate at which the optimum gets better as the greater side grows.
  ///
  /// - Parameter constraint: A constraint of the problem.
  /// - Returns: Its multipliers; see ``Matrix/scalar`` and ``Matrix/vector``.
  public func dual(of constraint: Constraint) -> Matrix<Double> {
    guard let rows = problem.form.constraintRows[ObjectIdentifier(constraint)] else {
      preconditionFailure("dual(of:): \(constraint) is not a constraint of the problem")
    }
    return Matrix(constraint.shape, Array(cone.dual[rows]))
  }
}
