import RealModule

extension ConeProgram {
  /// How far s is outside K: the largest violation of an inequality that defines a cone.
  ///
  /// - Parameter s: Slacks, `[m]`. Rows whose b is infinite are not looked at.
  /// - Returns: 0 inside.
  public func violation(slack s: Vector<Double>) -> Double {
    blocks.reduce(0) { worst, block in
      let rows = block.rows
      guard rows.allSatisfy({ rightHandSide[$0].isFinite }) else {
        return rows.reduce(worst) { rightHandSide[$1].isFinite ? max($0, -s[$1]) : $0 }
      }
      return max(worst, block.cone.violation(Array(s[rows])))
    }
  }

  /// How far z is outside K*: the largest violation of an inequality that defines a dual cone.
  ///
  /// - Parameter z: Multipliers, `[m]`.
  /// - Returns: 0 inside.
  public func violation(dual z: Vector<Double>) -> Double {
    blocks.reduce(0) { max($0, $1.cone.violation(dual: Array(z[$1.rows]))) }
  }
}

extension Cone {
  /// How far a point is outside the cone.
  func violation(_ s: [Double]) -> Double {
    if s.contains(where: \.isNaN) { return .infinity }
    switch self {
    case .zero: return s.reduce(0) { max($0, abs($1)) }
    case .nonnegative: return s.reduce(0) { max($0, -$1) }
    case .secondOrder: return max(0, Vector(s[1...]).euclideanNorm - s[0])
    case .exponential: return exponentialViolation(s[0], s[1], s[2])
    case .power(let alpha):
      let (x, y) = (max(s[0], 0), max(s[1], 0))
      return max(-s[0], -s[1], abs(s[2]) - .pow(x, alpha) * .pow(y, 1 - alpha), 0)
    }
  }

  /// How far a point is outside the dual cone.
  func violation(dual z: [Double]) -> Double {
    if z.contains(where: \.isNaN) { return .infinity }
    switch self {
    case .zero: return 0
    case .nonnegative, .secondOrder: return violation(z)
    case .exponential:
      // −u e^{v/u} ≤ e w is y e^{x/y} ≤ z with (x, y, z) = (u − v, −u, w): the exponent is v/u − 1.
      return exponentialViolation(z[0] - z[1], -z[0], z[2])
    case .power(let alpha):
      let (u, v) = (max(z[0], 0), max(z[1], 0))
      return max(
        -z[0], -z[1], abs(z[2]) - .pow(u / alpha, alpha) * .pow(v / (1 - alpha), 1 - alpha), 0)
    }
  }

  /// How far (x, y, z) is outside y e^{x/y} ≤ z; the face y = 0 is x ≤ 0, z ≥ 0.
  ///
  /// Where y e^{x/y} is too steep to measure by, x ≤ y log(z/y) is measured instead.
  private func exponentialViolation(_ x: Double, _ y: Double, _ z: Double) -> Double {
    let face = max(x, -z, abs(y))
    guard y > 0 else { return max(face, 0) }
    let height = y * .exp(x / y) - z
    let width = z > 0 ? x - y * .log(z / y) : .infinity
    return max(min(height, width, face), 0)
  }
}
