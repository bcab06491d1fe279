/// A proof that a ``ConeProgram`` has no solution. It can be checked without the solver.
public enum ConeCertificate: Sendable, Equatable {
  /// Multipliers that separate b from every A x + s.
  ///
  /// ```
  /// Aᵀz = 0,   z ∈ K*,   bᵀz = −1
  /// ```
  case primalInfeasible(dual: Vector<Double>)
  /// A direction along which the objective falls forever and the constraints stay satisfied.
  ///
  /// ```
  /// P x = 0,   A x + s = 0,   s ∈ K,   qᵀx = −1
  /// ```
  case dualInfeasible(primal: Vector<Double>, slack: Vector<Double>)

  /// How far the certificate is from proving its claim: the largest violation of its equations,
  /// and of the cones, once scaled so that bᵀz = −1 or qᵀx = −1, each relative to the size of
  /// what it sums: ‖z‖ times the column's largest entry for Aᵀz, and so on.
  ///
  /// A valid certificate has a value near rounding; +∞ for one whose bᵀz or qᵀx is not negative.
  ///
  /// - Parameter program: The program without a solution.
  /// - Returns: The violation, 0 at best.
  public func violation(for program: ConeProgram) -> Double {
    switch self {
    case .primalInfeasible(let dual): program.violation(farkas: dual)
    case .dualInfeasible(let primal, let slack): program.violation(ray: primal, slack)
    }
  }
}

extension ConeProgram {
  fileprivate func violation(farkas dual: Vector<Double>) -> Double {
    guard dual.count == rowCount else { return .infinity }
    var bz = 0.0
    for row in 0..<rowCount {
      if rightHandSide[row].isFinite {
        bz += rightHandSide[row] * dual[row]
      } else if dual[row] != 0 {
        return .infinity
      }
    }
    guard bz < 0, bz.isFinite else { return .infinity }
    let z = (1 / -bz) * dual
    let scale = max(1, z.infinityNorm)
    return max(
      constraints.transposeTimes(z).infinityNorm / (scale * max(1, largestEntry)),
      violation(dual: z) / scale)
  }

  fileprivate func violation(ray: Vector<Double>, _ slack: Vector<Double>) -> Double {
    guard ray.count == variableCount, slack.count == rowCount else { return .infinity }
    let qx = linear.dot(ray)
    guard qx < 0, qx.isFinite else { return .infinity }
    let (x, s) = ((1 / -qx) * ray, (1 / -qx) * slack)
    let scale = max(1, x.infinityNorm, s.infinityNorm)
    let largestP = quadratic.values.reduce(1) { max($0, abs($1)) }
    let rows = constraints * x + s
    let outside = (0..<rowCount).reduce(0) {
      rightHandSide[$1].isFinite ? max($0, abs(rows[$1])) : $0
    }
    return max(
      (quadratic * x).infinityNorm / (scale * largestP), outside / (scale * max(1, largestEntry)),
      violation(slack: s) / scale)
  }

  private var largestEntry: Double { constraints.values.reduce(0) { max($0, abs($1)) } }
}
