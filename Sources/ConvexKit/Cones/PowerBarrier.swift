import Foundation

/// The barrier of the dual power cone.
///
/// ```
/// K* = {(u, v, w) : u, v ≥ 0, ψ ≥ 0},   ψ = φ − w²,   φ = (u/α)^{2α} (v/(1−α))^{2−2α}
/// k = (1 − α, α, 0)
/// ```
///
/// s = −∇f*(z̃) is, with p = φ/ψ and q = p − 1,
///
/// ```
/// u = (2αp + 1 − α)/s₀,   v = (2(1−α)p + α)/s₁,   w = −2q/s₂,   φ = 4pq/s₂²
/// ```
///
/// so that q is the root of the logarithm of the last equation, which decreases and is convex in
/// log q: Newton's method from the left converges monotonically.
struct PowerBarrier: DualBarrier {
  /// α.
  let alpha: Double

  /// Near the boundary log q grows by about 1 in each iteration.
  private static let iterationLimit = 100

  var weights: Triple { Triple(1 - alpha, alpha, 0) }

  var center: Triple { Triple((1 + alpha).squareRoot(), (2 - alpha).squareRoot(), 0) }

  func contains(_ s: Triple) -> Bool {
    guard s[0] > 0, s[1] > 0 else { return false }
    return exp(2 * alpha * log(s[0]) + 2 * (1 - alpha) * log(s[1])) - s[2] * s[2] > 0
  }

  func contains(dual z: Triple) -> Bool { z[0] > 0 && z[1] > 0 && psi(z) > 0 }

  func psi(_ z: Triple) -> Double { phi(z) - z[2] * z[2] }

  private func phi(_ z: Triple) -> Double {
    exp(2 * alpha * log(z[0] / alpha) + 2 * (1 - alpha) * log(z[1] / (1 - alpha)))
  }

  func psiGradient(_ z: Triple) -> Triple {
    let phi = phi(z)
    return Triple(2 * alpha * phi / z[0], 2 * (1 - alpha) * phi / z[1], -2 * z[2])
  }

  func psiHessian(_ z: Triple) -> Symmetric3 {
    let (phi, a, b) = (phi(z), 2 * alpha, 2 * (1 - alpha))
    return Symmetric3(
      xx: a * (a - 1) * phi / (z[0] * z[0]), xy: a * b * phi / (z[0] * z[1]),
      yy: b * (b - 1) * phi / (z[1] * z[1]), xz: 0, yz: 0, zz: -2)
  }

  func psiThird(_ z: Triple, _ da: Triple, _ db: Triple) -> Triple {
    let (phi, a, b) = (phi(z), 2 * alpha, 2 * (1 - alpha))
    let (ax, ay, bx, by) = (da[0] / z[0], da[1] / z[1], db[0] / z[0], db[1] / z[1])
    let mixed = ax * by + ay * bx
    let x = a * (a - 1) * ((a - 2) * ax * bx + b * mixed) + a * b * (b - 1) * ay * by
    let y = a * b * (a - 1) * ax * bx + b * (b - 1) * (a * mixed + (b - 2) * ay * by)
    return Triple(phi * x / z[0], phi * y / z[1], 0)
  }

  func dualPoint(_ s: Triple) -> Triple? {
    let square = s[2] * s[2]
    let (a, b) = (2 * alpha, 2 * (1 - alpha))
    // log φ = a log u + b log v + shift, with u and v the numerators above.
    let shift = -a * log(alpha * s[0]) - b * log((1 - alpha) * s[1])
    let start = exp(a * log(1 + alpha) + b * log(2 - alpha) + shift) * square
    guard start.isFinite else { return nil }
    var q = start / (2 * ((1 + start).squareRoot() + 1))
    if q > 0 {
      let target = shift + log(square / 4)
      for _ in 0..<PowerBarrier.iterationLimit {
        let (u, v) = (1 + alpha + a * q, 2 - alpha + b * q)
        let rest = a * log(u) + b * log(v) - log((1 + q) * q) + target
        let slope = q * (a * a / u + b * b / v - 1 / (1 + q)) - 1
        guard slope < 0 else { return nil }
        let change = -rest / slope
        q *= exp(change)
        // The next change would be of the order of this one squared.
        if abs(change) <= 1e-8 { break }
      }
    }
    guard q.isFinite else { return nil }
    return Triple(
      (1 + alpha + a * q) / s[0], (2 - alpha + b * q) / s[1], q > 0 ? -2 * q / s[2] : 0)
  }
}
