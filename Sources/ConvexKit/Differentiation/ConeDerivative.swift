/// The derivative of a cone program's solution with respect to its data.
///
/// Differentiating the optimality conditions gives, with the linearized complementarity (15),
///
/// ```
/// P dx + Aᵀdz = −(dq + dP x + dAᵀz),   A dx + ds = db − dA x                             (17)
/// ```
///
/// and for cotangents x°, s°, z° the adjoint is the same system:
///
/// ```
/// P a + Aᵀv = x° − Aᵀs°,   A a + w = z°,   (w, v) coupled as (ds, dz)                      (18)
/// q° = −a,   b° = s° + v,   P° = −(a xᵀ + x aᵀ)/2,   Ā = −(z aᵀ + (s° + v) xᵀ)
/// ```
///
/// The matrix is factored once, for any number of directions and cotangents. Before that the solution
/// is polished by Newton's method on the conditions themselves, with the same matrix, which brings an
/// accuracy of 1e-8 to that of rounding.
///
/// - Source: Amos, Kolter (ICML 2017), for quadratic programs; Agrawal et al., "Differentiating
///   through a cone program" (2019). (15) is derived in `ActiveRows`.
public final class ConeDerivative {
  /// The program.
  public let program: ConeProgram
  /// Its solution, polished.
  public let solution: ConeSolution
  private let linearized: LinearizedProgram

  /// A direction is refused if its equations have a larger relative residual than this.
  private static let largestResidual = 1e-6

  /// Linearizes a program at its solution.
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - solution: Its solution.
  /// - Throws: ``ConeDerivativeError/notSolved(status:residual:)`` for anything that is not a
  ///   solution, ``ConeDerivativeError/notDifferentiable(cone:)`` at a kink.
  public convenience init(
    _ program: ConeProgram, at solution: ConeSolution
  ) throws(ConeDerivativeError) {
    try self.init(program, at: solution, reusing: nil)
  }

  /// Linearizes a program at its solution, with the analysis of a system that nobody needs any more.
  init(
    _ program: ConeProgram, at solution: ConeSolution, reusing system: LinearizedSystem?
  ) throws(ConeDerivativeError) {
    guard solution.status == .solved else {
      throw .notSolved(status: solution.status, residual: solution.residuals.largest)
    }
    self.program = program
    (linearized, self.solution) = try ConeDerivative.polish(program, solution, reusing: system)
    // At the polished point one of two complementary numbers is zero, unless there is a kink.
    _ = try ConeLinearization(
      program, slack: self.solution.slack, dual: self.solution.dual, clear: ConeDerivative.clear)
  }

  /// The linear system, for the analysis of another program's once this derivative is done with.
  var system: LinearizedSystem { linearized.matrix }

  /// Newton's method on the optimality conditions, while it halves what is missing.
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - solution: A point near its solution.
  ///   - system: A linear system that nobody needs any more.
  /// - Returns: The conditions linearized at the best point, and that point.
  /// - Throws: ``ConeDerivativeError`` where the first linearization fails.
  static func polish(
    _ program: ConeProgram, _ solution: ConeSolution, reusing system: LinearizedSystem?
  ) throws(ConeDerivativeError) -> (LinearizedProgram, ConeSolution) {
    var x = solution.primal
    let linearized = try LinearizedProgram(
      program, ConeLinearization(program, slack: solution.slack, dual: solution.dual, clear: 1),
      reusing: system)
    var left = Missing(program, x, linearized.linearization)
    for _ in 0..<polishingSteps {
      let (point, step) = (
        linearized.linearization, linearized.solve(left.dual, left.primal, withOffsets: true)
      )
      guard step.residual <= largestResidual,
        let next = try? ConeLinearization(
          program, slack: point.slack + step.slack, dual: point.dual + step.dual, clear: 1)
      else { break }
      let missing = Missing(program, x + step.primal, next)
      guard missing.largest < 0.5 * left.largest, linearized.move(to: next) else { break }
      (x, left) = (x + step.primal, missing)
    }
    let point = linearized.linearization
    return (linearized, solution.moved(to: program, x, point.slack, point.dual))
  }

  /// What a point lacks of the optimality conditions.
  private struct Missing {
    /// −(P x + q + Aᵀz).
    let dual: Vector<Double>
    /// b − A x − s.
    let primal: Vector<Double>
    /// The largest element of both, and of the distances to the boundary.
    let largest: Double

    init(_ program: ConeProgram, _ x: Vector<Double>, _ at: ConeLinearization) {
      dual =
        -1 * (program.linear + program.quadratic * x + program.constraints.transposeTimes(at.dual))
      primal = program.gap(x, at.slack)
      largest = max(dual.infinityNorm, primal.infinityNorm, at.active.largestOffset)
    }
  }

  private static let polishingSteps = 8
  /// Of a pair of complementary numbers, the smaller may be this share of the larger.
  private static let clear = 0.01

  /// The directions in which the solution moves with the data.
  ///
  /// - Parameter data: The direction of the data.
  /// - Returns: dx, ds, dz of (17).
  /// - Throws: ``ConeDerivativeError``.
  public func pushForward(_ data: ConeProgramTangent) throws(ConeDerivativeError) -> ConeTangent {
    try data.check(program)
    let (dP, dA) = (
      program.quadratic.replacing(data.quadratic), program.constraints.replacing(data.constraints)
    )
    let f = -1 * (data.linear + dP * solution.primal + dA.transposeTimes(solution.dual))
    let g = program.finiteRows(data.rightHandSide - dA * solution.primal)
    let step = linearized.solve(f, g)
    guard step.residual <= ConeDerivative.largestResidual else {
      throw .singular(residual: step.residual)
    }
    return ConeTangent(
      primal: step.primal, slack: step.slack, dual: step.dual, residual: step.residual)
  }

  /// The gradient of ⟨x°, x⟩ + ⟨s°, s⟩ + ⟨z°, z⟩ with respect to the data.
  ///
  /// - Parameter cotangent: x°, s°, z°; its residual is not looked at.
  /// - Returns: (18), and the relative residual of its equations.
  /// - Throws: ``ConeDerivativeError``.
  public func pullBack(_ cotangent: ConeTangent) throws(ConeDerivativeError) -> ConeProgramTangent {
    try cotangent.check(program)
    let ds = program.finiteRows(cotangent.slack)
    let f = cotangent.primal - program.constraints.transposeTimes(ds)
    let adjoint = linearized.solve(f, cotangent.dual)
    guard adjoint.residual <= ConeDerivative.largestResidual else {
      throw .singular(residual: adjoint.residual)
    }
    let (a, b) = (adjoint.primal, ds + adjoint.dual)
    let (x, z) = (solution.primal, solution.dual)
    var ofP = [Double](repeating: 0, count: program.quadratic.values.count)
    let p = program.quadratic
    for column in 0..<p.order {
      for entry in p.columnStarts[column]..<p.columnStarts[column + 1] {
        let row = p.rowIndices[entry]
        let sum = a[row] * x[column] + a[column] * x[row]
        ofP[entry] = row == column ? -0.5 * sum : -sum
      }
    }
    var ofA = [Double](repeating: 0, count: program.constraints.values.count)
    let matrix = program.constraints
    for row in 0..<matrix.rows {
      for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
        let column = matrix.columnIndices[entry]
        ofA[entry] = -(z[row] * a[column] + b[row] * x[column])
      }
    }
    return ConeProgramTangent(
      quadratic: ofP, linear: -1 * a, constraints: ofA, rightHandSide: b,
      residual: adjoint.residual)
  }
}
