/// How far a point is from optimal, computed from a program's data and nothing else.
///
/// Each residual is absolute, divided by 1 + the largest magnitude of what it compares.
public struct LinearProgramResiduals: Sendable, Equatable {
  /// The largest violation of (2).
  public let primal: Double
  /// The largest violation of (3), and of a sign in (4) that no bound allows.
  public let dual: Double
  /// |cᵀx − (yᵀ(l or u) + zᵀ(b or d))|: zero at a feasible point exactly when (4) holds.
  public let gap: Double

  /// The largest of the three.
  public var largest: Double { max(primal, dual, gap) }

  /// The residuals of a point and its multipliers.
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - primal: x.
  ///   - rowDuals: y.
  ///   - reducedCosts: z.
  public init(
    _ program: LinearProgram, primal: Vector<Double>, rowDuals: Vector<Double>,
    reducedCosts: Vector<Double>
  ) {
    self.primal = program.violation(of: primal)  // (2)

    let left = program.rows.transposeTimes(rowDuals) + reducedCosts  // (3)
    let scale = 1 + max(program.objective.infinityNorm, reducedCosts.infinityNorm)
    let sign: Double = program.sense == .minimize ? 1 : -1
    let rowSide = LinearProgramResiduals.dualSide(program.rowBounds, rowDuals, sign)
    let variableSide = LinearProgramResiduals.dualSide(
      program.variableBounds, reducedCosts, sign)
    dual =
      max((left - program.objective).infinityNorm, rowSide.unbounded, variableSide.unbounded)
      / scale

    let objective = program.objective.dot(primal)  // (4)
    gap =
      abs(objective - rowSide.value - variableSide.value)
      / (1 + max(abs(objective), rowSide.size, variableSide.size))
  }

  /// Σ of multipliers times the bounds that their signs choose, the sum of magnitudes, and the
  /// largest multiplier whose bound is infinite.
  private static func dualSide(
    _ bounds: [Bounds], _ multipliers: Vector<Double>, _ sign: Double
  ) -> (value: Double, size: Double, unbounded: Double) {
    var (value, size, unbounded) = (0.0, 0.0, 0.0)
    for (bound, multiplier) in zip(bounds, multipliers) where multiplier != 0 {
      let active = sign * multiplier > 0 ? bound.lower : bound.upper
      if active.isFinite {
        value += multiplier * active
        size += abs(multiplier * active)
      } else {
        unbounded = max(unbounded, abs(multiplier))
      }
    }
    return (value, size, unbounded)
  }
}

extension LinearProgram {
  /// The largest violation of (2), relative to 1 + the largest value.
  func violation(of x: Vector<Double>) -> Double {
    let values = rows * x
    let outside =
      zip(rowBounds, values).map { $0.violation($1) }
      + zip(variableBounds, x).map { $0.violation($1) }
    return Vector(outside).infinityNorm / (1 + max(values.infinityNorm, x.infinityNorm))
  }
}
