/// A proof that a linear program has no solution. It can be checked without the solver.
public enum LinearProgramCertificate: Sendable, Equatable {
  /// Multipliers that no feasible point can meet.
  ///
  /// With z = −Aᵀy, every x gives yᵀ(A x) + zᵀx = 0, but within the bounds the left side is at
  /// least
  ///
  /// ```
  /// Σ_{y_i > 0} y_i l_i + Σ_{y_i < 0} y_i u_i + Σ_{z_j > 0} z_j b_j + Σ_{z_j < 0} z_j d_j > 0
  /// ```
  case infeasible(rowMultipliers: Vector<Double>)

  /// A direction that improves the objective forever.
  ///
  /// ```
  /// cᵀr < 0 (> 0 for a maximum),   (A r)_i ≥ 0 where l_i is finite,  ≤ 0 where u_i is;  r alike
  /// ```
  case unbounded(ray: Vector<Double>)

  /// By how much the certificate proves its claim: the strict inequality's left side for
  /// multipliers or a ray of largest element 1, less what rounding leaves of the conditions.
  /// Positive for a valid certificate.
  ///
  /// - Parameter program: The program without a solution.
  /// - Returns: The margin.
  public func margin(for program: LinearProgram) -> Double {
    switch self {
    case .infeasible(let y):
      let z = -1 * program.rows.transposeTimes(y)
      let norm = max(y.infinityNorm, z.infinityNorm)
      guard norm > 0 else { return 0 }
      return (leastSum(program.rowBounds, y, norm) + leastSum(program.variableBounds, z, norm))
        / norm
    case .unbounded(let r):
      guard r.infinityNorm > 0 else { return 0 }
      let improvement = (program.sense == .minimize ? -1 : 1) * program.objective.dot(r)
      let outside =
        zip(program.rowBounds, program.rows * r).map { $0.recession.violation($1) }
        + zip(program.variableBounds, r).map { $0.recession.violation($1) }
      return (improvement - Vector(outside).infinityNorm) / r.infinityNorm
    }
  }

  /// The least Σ w_i t_i over t within the bounds; −∞ where a weight that is not rounding has an
  /// infinite bound.
  private func leastSum(_ bounds: [Bounds], _ weights: Vector<Double>, _ norm: Double) -> Double {
    zip(bounds, weights).reduce(0) { sum, pair in
      let (bound, weight) = pair
      let active = weight > 0 ? bound.lower : bound.upper
      if weight == 0 || (!active.isFinite && abs(weight) <= 1e-9 * norm) { return sum }
      return sum + weight * active
    }
  }
}

extension Bounds {
  /// The directions along which one can go forever.
  var recession: Bounds {
    Bounds(lower: lower.isFinite ? 0 : -.infinity, upper: upper.isFinite ? 0 : .infinity)
  }
}
