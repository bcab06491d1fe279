/// How far a point is from solving a ``ConeProgram``.
///
/// ```
/// primal   ‖A x + s − b‖_∞                    relative to max(1, ‖b‖_∞, ‖A x‖_∞, ‖s‖_∞)
/// dual     ‖P x + q + Aᵀz‖_∞                  relative to max(1, ‖q‖_∞, ‖P x‖_∞, ‖Aᵀz‖_∞)
/// gap      |xᵀP x + qᵀx + bᵀz|                relative to max(1, min(|objective|, |dual objective|))
/// ```
///
/// A small gap bounds the error of the optimum; how accurate x is depends on the curvature of the
/// problem besides. Membership of s and z in the cones is by construction, and
/// ``ConeProgram/violation(slack:)`` checks it.
public struct ConeResiduals: Sendable, Equatable {
  /// ‖A x + s − b‖_∞ over the rows with a finite b.
  public internal(set) var primal: Double
  /// ‖P x + q + Aᵀz‖_∞.
  public internal(set) var dual: Double
  /// |xᵀP x + qᵀx + bᵀz|.
  public internal(set) var gap: Double
  /// The primal residual over its scale.
  public internal(set) var relativePrimal: Double
  /// The dual residual over its scale.
  public internal(set) var relativeDual: Double
  /// The gap over its scale.
  public internal(set) var relativeGap: Double

  /// The largest of the relative three.
  public var largest: Double { max(relativePrimal, relativeDual, relativeGap) }

  /// The residuals of a point.
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - x: Its variables, `[n]`.
  ///   - s: The slacks, `[m]`.
  ///   - z: The multipliers, `[m]`.
  public init(
    _ program: ConeProgram, primal x: Vector<Double>, slack s: Vector<Double>,
    dual z: Vector<Double>
  ) {
    let (b, q) = (program.rightHandSide, program.linear)
    let ax = program.constraints * x
    let px = program.quadratic * x
    let atz = program.constraints.transposeTimes(z)
    var (largestB, largestS, largestAX, bz) = (0.0, 0.0, 0.0, 0.0)
    primal = 0
    for row in 0..<b.count where b[row].isFinite {
      primal = max(primal, abs(ax[row] + s[row] - b[row]))
      largestB = max(largestB, abs(b[row]))
      largestS = max(largestS, abs(s[row]))
      largestAX = max(largestAX, abs(ax[row]))
      bz += b[row] * z[row]
    }
    dual = (px + q + atz).infinityNorm
    let (xPx, qx) = (x.dot(px), q.dot(x))
    gap = abs(xPx + qx + bz)
    relativePrimal = primal / max(1, largestB, largestS, largestAX)
    relativeDual = dual / max(1, q.infinityNorm, px.infinityNorm, atz.infinityNorm)
    relativeGap = gap / max(1, min(abs(0.5 * xPx + qx), abs(0.5 * xPx + bz)))
  }
}
