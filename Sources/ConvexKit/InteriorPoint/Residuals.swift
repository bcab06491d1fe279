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
    let (x, s, z, tau) = (point.x, point.s, point.z, point.tau)
    for j in 0..<n { rx[j] = px[j] + atz[j] + q[j] * tau }
    for i in 0..<m { rz[i] = ax[i] + s[i] - b[i] * tau }
    (qx, bz) = (q.dot(x, count: n), b.dot(z, count: m))
    xpx = program.p.count > 0 ? px.dot(x, count: n) : 0
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
    // Of the embedding's own numbers: x and z, P x and Aᵀz, A x + s.
    var (direction, multiplier, flatness, balance, feasibility) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for j in 0..<n {
      let unit = d[j] * cost
      direction = max(direction, abs(point.x[j]))
      flatness = max(flatness, abs(px[j]))
      balance = max(balance, abs(atz[j]))
      dual = max(dual, abs(rx[j]) * unit)
      largestP = max(largestP, abs(px[j]) * unit)
      largestAtz = max(largestAtz, abs(atz[j]) * unit)
    }
    var (primal, largestAx, largestS, ray) = (0.0, 0.0, 0.0, 0.0)
    for i in 0..<m {
      let unit = e[i]
      multiplier = max(multiplier, abs(point.z[i]))
      feasibility = max(feasibility, abs(ax[i] + point.s[i]))
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
    measures.farkas = CertificateMeasures(
      value: bz * cost, error: largestAtz, change: balance / multiplier)
    measures.ray = CertificateMeasures(
      value: qx * cost, error: max(ray, largestP), change: max(feasibility, flatness) / direction)
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
  /// Of the point as a certificate of primal infeasibility: bᵀz and ‖Aᵀz‖_∞.
  var farkas = CertificateMeasures()
  /// Of the point as one of dual infeasibility: qᵀx and the larger of ‖A x + s‖_∞, ‖P x‖_∞.
  var ray = CertificateMeasures()

  /// The largest of the residuals and the gap.
  var worst: Double { max(primal, dual, relativeGap) }
}

/// How far a point is from a certificate that there is no solution.
struct CertificateMeasures {
  /// bᵀz or qᵀx, which a certificate has below 0.
  var value = 0.0
  /// The largest error of the equations, in the program's units.
  var error = Double.infinity
  /// The same over the largest entry of z or x, in scaled units: by so much the scaled A and P would
  /// have to change for the equations to hold. Where b or q is large, any point has a small error
  /// for its value: x = 1e-8 is no ray because qᵀx = −1.
  var change = Double.infinity

  /// Whether the certificate holds to a tolerance.
  func holds(to tolerance: Double) -> Bool {
    value < 0 && error <= tolerance * -value && change <= tolerance
  }
}
