/// The optimality conditions of a program, linearized at a solution and factored.
///
/// ```
/// P dx + Σ_k Aᵀq_k ζ_k = f
/// q_kᵀA dx − h_k ζ_k = q_kᵀg − c_k                                                       (16)
/// dz = Σ_k ζ_k q_k,   ds = g − A dx
/// ```
///
/// with the directions of ``ActiveRows``. The matrix is symmetric, so the same factorization serves
/// the derivative and its adjoint. It is scaled by a diagonal on both sides until the largest entry of
/// every row is near 1.
final class LinearizedProgram {
  private(set) var linearization: ConeLinearization
  /// The matrix, and where the next one of its pattern can be factored.
  private(set) var matrix: LinearizedSystem
  private let program: ConeProgram

  /// Factors (16).
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - linearization: Its complementarity.
  ///   - other: A system that nobody needs any more, for its analysis where the pattern is the same.
  /// - Throws: ``ConeDerivativeError/singular(residual:)``.
  init(
    _ program: ConeProgram, _ linearization: ConeLinearization, reusing other: LinearizedSystem?
  ) throws(ConeDerivativeError) {
    self.program = program
    self.linearization = linearization
    matrix = LinearizedProgram.system(program, linearization.active, other)
    guard matrix.factor(program, linearization.active) else { throw .singular(residual: .infinity) }
  }

  private static func system(
    _ program: ConeProgram, _ active: ActiveRows, _ other: LinearizedSystem?
  ) -> LinearizedSystem {
    if let other, other.fits(program, active) { return other }
    return LinearizedSystem(program, active)
  }

  /// Takes another linearization, whose matrix is factored if it is another one.
  ///
  /// - Returns: Whether there is a factorization; if not, the old linearization stays.
  func move(to next: ConeLinearization) -> Bool {
    let (old, active) = (linearization, next.active)
    linearization = next
    if active.hasMatrix(of: old.active) { return true }
    matrix = LinearizedProgram.system(program, active, matrix)
    if matrix.factor(program, active) { return true }
    linearization = old
    matrix = LinearizedProgram.system(program, old.active, matrix)
    _ = matrix.factor(program, old.active)
    return false
  }

  /// A solution of (16), and the residual relative to the right side.
  struct Direction {
    var primal: Vector<Double>
    var slack: Vector<Double>
    var dual: Vector<Double>
    var residual: Double
  }

  /// Solves (16).
  ///
  /// - Parameters:
  ///   - f: `[n]`.
  ///   - g: `[m]`.
  ///   - withOffsets: Whether c counts: for a Newton step, not for a derivative.
  /// - Returns: dx, ds, dz and the residual.
  func solve(_ f: Vector<Double>, _ g: Vector<Double>, withOffsets: Bool = false) -> Direction {
    let (n, active, system, scale) = (
      matrix.n, linearization.active, matrix.system, matrix.scale
    )
    let position = system.ldl.position
    var size = 0.0
    for row in 0..<n + active.count {
      let value =
        row < n
        ? f[row]
        : active.component(row - n, of: g) - (withOffsets ? active.offset[row - n] : 0)
      system.right[Int(position[row])] = value * scale[row]
      size = max(size, abs(value * scale[row]))
    }
    let residual = system.solve()[0]
    func solution(_ row: Int) -> Double { system.solution[Int(position[row])] * scale[row] }
    let dx = Vector((0..<n).map(solution))
    let components = (0..<active.count).map { solution(n + $0) }
    return Direction(
      primal: dx, slack: g - program.constraints * dx,
      dual: active.combination(components, count: program.rowCount),
      residual: size > 0 ? residual / size : 0)
  }
}
