import Foundation

/// The nonnegative orthant: H = diag(s/z).
final class NonnegativeBlock: ConeBlock {
  let rows: Range<Int>
  var degree: Int { rows.count }
  var isSymmetric: Bool { true }
  var pattern: HessianPattern { .diagonal }

  private let arena = Arena()
  private let h: UnsafeMutablePointer<Double>

  init(rows: Range<Int>) {
    self.rows = rows
    h = arena.numbers(rows.count)
  }

  func setToCenter(_ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>) {
    for i in rows {
      s[i] = 1
      z[i] = 1
    }
  }

  func margin(_ v: UnsafeMutablePointer<Double>) -> Double {
    var least = Double.infinity
    for i in rows { least = min(least, v[i]) }
    return least
  }

  func shift(_ v: UnsafeMutablePointer<Double>, by a: Double) {
    for i in rows { v[i] += a }
  }

  func updateScaling(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ strategy: ScalingStrategy
  ) -> Bool {
    let first = rows.lowerBound
    for k in 0..<rows.count { h[k] = s[first + k] / z[first + k] }
    return true
  }

  func writeHessian(into target: UnsafeMutablePointer<Double>) {
    target.update(from: h, count: rows.count)
  }

  func multiplyHessian(
    _ v: UnsafeMutablePointer<Double>, _ extra: UnsafeMutablePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    let first = rows.lowerBound
    for k in 0..<rows.count { y[first + k] = h[k] * v[first + k] }
  }

  func combine(_ d: UnsafeMutablePointer<Double>, _ at: CombinedStep) {
    let (ds, dz, z) = (at.step.ds, at.step.dz, at.step.z)
    for i in rows { d[i] += (ds[i] * dz[i] - at.target) / z[i] }
  }

  func stepLength(_ step: BlockStep, limit: Double) -> Double {
    // α = 1/max(1/limit, max −Δs/s, max −Δz/z), without a division that depends on a sign.
    var most = 0.0
    for i in rows { most = max(most, -step.ds[i] / step.s[i], -step.dz[i] / step.z[i]) }
    return most * limit > 1 ? 1 / most : limit
  }

  func proximity(_ step: BlockStep, _ length: Double) -> Double {
    // −Σ log(s z), by one logarithm per 8 products, whose exponents a Double has room for.
    var sum = 0.0
    var (product, count) = (1.0, 0)
    for i in rows {
      let s = step.s[i] + length * step.ds[i]
      let z = step.z[i] + length * step.dz[i]
      guard s > 0, z > 0 else { return .infinity }
      product *= s * z
      count += 1
      if count == 8 || product < 1e-100 || product > 1e100 {
        sum -= log(product)
        (product, count) = (1, 0)
      }
    }
    return sum - log(product)
  }

  func retract(_ step: BoundaryStep) -> Bool {
    for i in rows {
      step.s[i] = max(step.s[i], BoundaryStep.leastShare * step.oldS[i])
      step.z[i] = max(step.z[i], BoundaryStep.leastShare * step.oldZ[i])
    }
    return true
  }
}
