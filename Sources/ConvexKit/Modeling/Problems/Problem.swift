/// A convex problem: an objective and constraints, checked and brought into canonical form.
///
/// ```
/// minimize  convex,  or  maximize  concave,    subject to   affine == affine,  convex <= concave
/// ```
///
/// ```swift
/// let x = Variable(3, .nonnegative, name: "x")
/// let problem = try Problem(maximize: dot(returns, x) - quadForm(x, risk), subjectTo: [sum(x) == 1])
/// let solution = try problem.solve()
/// solution.value(of: x).vector
/// ```
///
/// A problem does not change. Its canonical form is made once, here; a solve with other values of
/// the parameters only refills numbers.
public struct Problem: Sendable {
  /// The objective, as it was written.
  public let objective: Expression
  /// Whether the greatest value is wanted.
  public let isMaximized: Bool
  /// The constraints, in order.
  public let constraints: [Constraint]
  /// The cone program with its dependence on the parameters.
  let form: CanonicalForm

  /// Minimizes a convex objective.
  ///
  /// - Parameters:
  ///   - objective: A number, convex.
  ///   - constraints: What the solution satisfies.
  /// - Throws: ``ModelingError`` naming the sub-expression that breaks the rules and why.
  public init(
    minimize objective: some ExpressionConvertible, subjectTo constraints: [Constraint] = []
  ) throws(ModelingError) {
    try self.init(objective.expression, maximize: false, constraints)
  }

  /// Maximizes a concave objective.
  ///
  /// - Parameters:
  ///   - objective: A number, concave.
  ///   - constraints: What the solution satisfies.
  /// - Throws: ``ModelingError`` naming the sub-expression that breaks the rules and why.
  public init(
    maximize objective: some ExpressionConvertible, subjectTo constraints: [Constraint] = []
  ) throws(ModelingError) {
    try self.init(objective.expression, maximize: true, constraints)
  }

  private init(
    _ objective: Expression, maximize: Bool, _ constraints: [Constraint]
  ) throws(ModelingError) {
    let nodes = Expression.descendants(
      of: [objective] + constraints.flatMap { [$0.left, $0.right] })
    for node in nodes {
      guard case .constant(let data) = node.content else { continue }
      let numbers = data.stored
      for index in numbers.indices where !numbers[index].isFinite {
        throw .notFinite(operand: node.description, index: index, value: numbers[index])
      }
    }
    try Rules.check(objective: objective, maximize: maximize)
    for constraint in constraints { try Rules.check(constraint) }
    self.objective = objective
    isMaximized = maximize
    self.constraints = constraints
    form = try Canonicalizer(nodes).canonicalForm(
      objective, factor: maximize ? -1 : 1, constraints)
  }

  /// The variables, in the order in which they occur.
  public var variables: [Expression] { form.variables.map(\.leaf) }
  /// The parameters, in the order in which they occur.
  public var parameters: [Expression] { form.parameters.map(\.leaf) }

  /// Whether some variables are integers. Such a problem is solved by branch and cut; its solution
  /// has no multipliers.
  public var isInteger: Bool { !form.integers.isEmpty }

  /// The cone program that is solved, with these values of the parameters.
  ///
  /// Its objective lacks the constant, and is that of a minimum; integer variables may be any number.
  ///
  /// - Parameter parameters: A value for every parameter.
  /// - Returns: The program.
  /// - Throws: ``ModelingError`` naming the parameter at fault.
  public func coneProgram(parameters: Assignment = [:]) throws(ModelingError) -> ConeProgram {
    try form.program(form.numbers(at: form.point(parameters).values))
  }

  /// Solves the problem.
  ///
  /// - Parameters:
  ///   - settings: When to stop.
  ///   - parameters: A value for every parameter.
  /// - Returns: The solution, or the best point with the reason why it is none.
  /// - Throws: ``ModelingError`` naming the parameter at fault.
  public func solve(
    _ settings: ConeSettings = ConeSettings(), parameters: Assignment = [:]
  ) throws(ModelingError) -> Solution {
    try CompiledProblem(self, settings: settings).solve(parameters: parameters)
  }

  /// Solves the problem for many values of the parameters, several at a time.
  ///
  /// The results do not depend on the number of threads, and one that fails does not touch the
  /// others.
  ///
  /// - Parameters:
  ///   - batch: The values of the parameters, one assignment per instance.
  ///   - settings: When to stop. The observer is called from several threads.
  ///   - threads: The number of threads; nil means ``Parallel/defaultThreadCount``.
  /// - Returns: A solution or an error per instance, in order.
  public func solve(
    batch: [Assignment], _ settings: ConeSettings = ConeSettings(), threads: Int? = nil
  ) -> [Result<Solution, ModelingError>] {
    [Result<Solution, ModelingError>](unsafeUninitializedCapacity: batch.count) { buffer, count in
      nonisolated(unsafe) let results = buffer
      Parallel.forEachRange(count: batch.count, threads: threads) { range in
        // One solver per thread: what depends on the structure alone is computed once.
        let compiled = CompiledProblem(self, settings: settings)
        for index in range {
          let result = Result { () throws(ModelingError) in
            try compiled.solve(parameters: batch[index])
          }
          results.initializeElement(at: index, to: result)
        }
      }
      count = batch.count
    }
  }
}
