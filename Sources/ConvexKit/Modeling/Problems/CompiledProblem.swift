/// A problem with a solver of its own, for solving it again and again.
///
/// The ordering and the symbolic factorization are made at the first solve; later ones only change
/// numbers. Every solve starts afresh, so results do not depend on what was solved before. An
/// instance may be used by one thread at a time.
public final class CompiledProblem {
  /// The problem.
  public let problem: Problem
  /// When to stop.
  public var settings: ConeSettings
  /// How far a problem with integer variables is searched; nil for the defaults, with the time limit
  /// and the cancellation of ``settings``.
  public var integerSettings: MixedIntegerSettings?
  private var solver: ConeSolver?
  /// The cone program of the last solve.
  var program: ConeProgram? { solver?.program }

  /// A solver for a problem.
  ///
  /// - Parameters:
  ///   - problem: The problem.
  ///   - settings: When to stop.
  public init(_ problem: Problem, settings: ConeSettings = ConeSettings()) {
    self.problem = problem
    self.settings = settings
  }

  /// Solves the problem.
  ///
  /// - Parameter parameters: A value for every parameter.
  /// - Returns: The solution, or the best point with the reason why it is none.
  /// - Throws: ``ModelingError`` naming the parameter at fault.
  public func solve(parameters: Assignment = [:]) throws(ModelingError) -> Solution {
    let form = problem.form
    let point = try form.point(parameters)
    let numbers = form.numbers(at: point.values)
    if problem.isInteger {
      return try integerSolution(form.program(numbers), numbers.constant, parameters)
    }
    let solver = try solver(numbers)
    solver.settings = settings
    return Solution(
      problem, solver.solve(), constant: numbers.constant, parameters: parameters)
  }

  /// The solver, with these numbers.
  private func solver(_ numbers: CanonicalForm.Numbers) throws(ModelingError) -> ConeSolver {
    guard let solver else {
      let solver = ConeSolver(try problem.form.program(numbers), settings: settings)
      self.solver = solver
      return solver
    }
    let form = problem.form
    do {
      try solver.update(
        quadratic: form.quadratic.isConstant ? nil : numbers.quadratic,
        linear: form.linear.isConstant ? nil : Vector(numbers.linear),
        constraints: form.constraints.isConstant ? nil : numbers.constraints,
        rightHandSide: form.rightHandSide.isConstant ? nil : Vector(numbers.rightHandSide))
    } catch {
      throw CanonicalForm.error(error)
    }
    return solver
  }
}
