import Foundation

/// The residuals of the embedding at a point, and their sizes in the program's own units.
///
/// ```
/// r_x = P x + Aᵀz + q τ
/// r_z = A x + s − b τ                                                                    (12)
/// r_τ = qᵀx + bᵀz + κ + xᵀP x/τ
/// ```
final class Residuals {
  let rx, rz: UnsafeMutablePointer<Double>
  private(set) var rtau = 0.0
  /// P x, A x, Aᵀz.
  let px, ax, atz: UnsafeMutablePointer<Double>
  /// qᵀx, bᵀz, xᵀP x.
  private(set) var qx = 0.0
  private(set) var bz = 0.0
  private(set) var xpx = 0.0
  private let program: EquilibratedProgram
  private let arena = Arena()

  init(_ program: EquilibratedProgram) {
    self.program = program
    let (n, m) = (program.n, program.m)
    (rx, rz) = (arena.numbers(n), arena.numbers(m))
    (px, ax, atz) = (arena.numbers(n), arena.numbers(m), arena.numbers(n))
  }

  /// Computes (12).
  func update(_ point: Iterate) {
    let (n, m, q, b) = (program.n, program.m, program.q, program.b)
    program.p.multiplySymmetric(point.x, into: px)
    program.a.multiply(point.x, into: ax, transposed: point.z, into: atz)
    (qx, bz, xpx) = (0, 0, 0)
    for j in 0..<n {
      rx[j] = px[j] + atz[j] + q[j] * point.tau
      qx += q[j] * point.x[j]
      xpx += px[j] * point.x[j]
    }
    for i in 0..<m {
      rz[i] = ax[i] + point.s[i] - b[i] * point.tau
      bz += b[i] * point.z[i]
    }
    rtau = qx + bz + point.kappa + xpx / point.tau
  }

  /// What an observer and the decision to stop need.
  func measure(_ point: Iterate) -> Measures {
    let (n, m, d, e) = (program.n, program.m, program.dInverse, program.eInverse)
    let (tau, cost) = (point.tau, 1 / program.costScale)
    var measures = Measures()
    var largestP = 0.0
    var largestAtz = 0.0
    var dual = 0.0
    for j in 0..<n {
      let unit = d[j] * cost
      dual = max(dual, abs(rx[j]) * unit)
      largestP = max(largestP, abs(px[j]) * unit)
      largestAtz = max(largestAtz, abs(atz[j]) * unit)
    }
    var (primal, largestAx, largestS, ray) = (0.0, 0.0, 0.0, 0.0)
    for i in 0..<m {
      let unit = e[i]
      primal = max(primal, abs(rz[i]) * unit)
      largestAx = max(largestAx, abs(ax[i]) * unit)
      largestS = max(largestS, point.s[i].magnitude * unit)
      ray = max(ray, abs(ax[i] + point.s[i]) * unit)
    }
    let quadratic = xpx / tau
    measures.objective = (0.5 * quadratic + qx) * cost / tau
    measures.dualObjective = -(0.5 * quadratic + bz) * cost / tau
    measures.gap = abs(quadratic + qx + bz) * cost / tau
    measures.relativeGap =
      measures.gap / max(1, min(abs(measures.objective), abs(measures.dualObjective)))
    measures.primal = primal / tau / max(1, program.largestB, largestAx / tau, largestS / tau)
    measures.dual = dual / tau / max(1, program.largestQ, largestP / tau, largestAtz / tau)
    measures.farkas = (value: bz * cost, error: largestAtz)
    measures.ray = (value: qx * cost, error: max(ray, largestP))
    return measures
  }
}

/// How far a point is from a solution, and from a certificate that there is none.
struct Measures {
  /// ½ xᵀP x + qᵀx and −½ xᵀP x − bᵀz.
  var objective = Double.nan
  var dualObjective = Double.nan
  /// The gap, absolute and relative.
  var gap = Double.infinity
  var relativeGap = Double.infinity
  /// The relative residuals.
  var primal = Double.infinity
  var dual = Double.infinity
  /// bᵀz and ‖Aᵀz‖_∞ of the point as a certificate of primal infeasibility.
  var farkas = (value: 0.0, error: Double.infinity)
  /// qᵀx and the larger of ‖A x + s‖_∞, ‖P x‖_∞ of the point as one of dual infeasibility.
  var ray = (value: 0.0, error: Double.infinity)

  /// The largest of the residuals and the gap.
  var worst: Double { max(primal, dual, relativeGap) }
}
