/// What was found for a ``Problem``: in its own terms, measured against its own data.
public struct Solution: Sendable {
  /// Why the solver stopped.
  public let status: SolveStatus
  /// The objective's value; infinite for a problem without a solution: +∞ where a minimum is
  /// infeasible or a maximum unbounded, −∞ for the other two.
  public let objective: Double
  /// How far the optimality conditions are from holding. Of a problem with integer variables, the
  /// gap is that to the bound of the search, and there is no dual residual.
  public let residuals: ConeResiduals
  /// The proof that there is no solution, where the status says so and there is one. Its rows and
  /// columns are those of ``Problem/coneProgram(parameters:)``.
  public let certificate: ConeCertificate?
  /// Iterations of the solver.
  public let iterations: Int
  /// What the cone solver found; nil for a problem with integer variables.
  public let cone: ConeSolution?
  /// What branch and cut found, of a minimum without the objective's constant; nil for a problem
  /// without integer variables.
  public let mixedInteger: MixedIntegerSolution?

  private let primal: Vector<Double>
  private let problem: Problem
  private let parameters: Assignment

  init(
    _ problem: Problem, _ cone: ConeSolution, constant: Double, parameters: Assignment
  ) {
    self.problem = problem
    self.parameters = parameters
    self.cone = cone
    mixedInteger = nil
    primal = cone.primal
    status = cone.status
    residuals = cone.residuals
    certificate = cone.certificate
    iterations = cone.iterations
    objective = problem.objective(cone.status, cone.objective + constant)
  }

  init(
    _ problem: Problem, _ program: ConeProgram, _ found: MixedIntegerSolution, constant: Double,
    parameters: Assignment
  ) {
    self.problem = problem
    self.parameters = parameters
    cone = nil
    mixedInteger = found
    status = found.status
    certificate = nil
    iterations = found.iterations
    // Without an incumbent there is no point.
    let x = found.incumbent ?? Vector(repeating: .nan, count: program.variableCount)
    primal = x
    let s = program.rightHandSide - program.constraints * x
    var residuals = ConeResiduals(
      program, primal: x, slack: program.projected(s),
      dual: Vector(repeating: 0, count: program.rowCount))
    (residuals.dual, residuals.relativeDual) = (0, 0)
    (residuals.gap, residuals.relativeGap) = (found.absoluteGap, found.relativeGap)
    self.residuals = residuals
    objective = problem.objective(found.status, (found.objective ?? .nan) + constant)
  }

  /// The value of a variable, or of any expression of the problem's variables and parameters.
  ///
  /// It is the value at the point that was found, whatever the status; NaN where branch and cut
  /// found none.
  ///
  /// - Parameter expression: The expression.
  /// - Returns: Its value; see ``Matrix/scalar`` and ``Matrix/vector``.
  public func value(of expression: Expression) -> Matrix<Double> {
    var leaves = parameters.values.mapValues(\.value)
    for (leaf, offset) in problem.form.variables {
      leaves[leaf.id] = Matrix(
        leaf.shape, Array(primal[offset..<offset + leaf.count]))
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
  /// - Parameter constraint: A constraint of the problem, which has no integer variables.
  /// - Returns: Its multipliers; see ``Matrix/scalar`` and ``Matrix/vector``.
  public func dual(of constraint: Constraint) -> Matrix<Double> {
    guard let rows = problem.form.constraintRows[ObjectIdentifier(constraint)] else {
      preconditionFailure("dual(of:): \(constraint) is not a constraint of the problem")
    }
    guard let cone else {
      preconditionFailure("dual(of:): a problem with integer variables has no multipliers")
    }
    return Matrix(constraint.shape, Array(cone.dual[rows]))
  }
}

extension Problem {
  /// The objective's value, from that of the minimum that stands for it.
  fileprivate func objective(_ status: SolveStatus, _ minimum: Double) -> Double {
    let sign: Double = isMaximized ? -1 : 1
    switch status {
    case .primalInfeasible: return sign * .infinity
    case .dualInfeasible: return -sign * .infinity
    default: return sign * minimum
    }
  }
}

extension ConeProgram {
  /// Slacks moved into the cones of a linear program.
  fileprivate func projected(_ s: Vector<Double>) -> Vector<Double> {
    var s = s
    for (cone, rows) in blocks {
      for row in rows { s[row] = if case .zero = cone { 0 } else { max(0, s[row]) } }
    }
    return s
  }
}
