import Foundation

/// The barrier of the dual power cone.
///
/// ```
/// K* = {(u, v, w) : u, v ≥ 0, ψ ≥ 0},   ψ = φ − w²,   φ = (u/α)^{2α} (v/(1−α))^{2−2α}
/// k = (1 − α, α, 0)
/// ```
///
/// s = −∇f*(z′) is, with p = φ/ψ and q = p − 1,
///
/// ```
/// u = (2αp + 1 − α)/s₀,   v = (2(1−α)p + α)/s₁,   w = −2q/s₂,   φ = 4pq/s₂²
/// ```
///
/// so that q is the root of the logarithm of the last equation.
struct PowerBarrier: DualBarrier {
  /// α.
  let alpha: Double

  /// Both of the iterations below take 3 to 6 steps.
  private static let iterationLimit = 40

  var weights: Triple { Triple(1 - alpha, alpha, 0) }

  var center: Triple { Triple((1 + alpha).squareRoot(), (2 - alpha).squareRoot(), 0) }

  func contains(_ s: Triple) -> Bool {
    guard s[0] > 0, s[1] > 0 else { return false }
    return exp(2 * alpha * log(s[0]) + 2 * (1 - alpha) * log(s[1])) - s[2] * s[2] > 0
  }

  func contains(dual z: Triple) -> Bool { z[0] > 0 && z[1] > 0 && phi(z) - z[2] * z[2] > 0 }

  func value(_ z: Triple) -> Double {
    let (logU, logV) = (log(z[0]), log(z[1]))
    let phi = exp(2 * alpha * (logU - log(alpha)) + 2 * (1 - alpha) * (logV - log(1 - alpha)))
    return -log(phi - z[2] * z[2]) - (1 - alpha) * logU - alpha * logV
  }

  private func phi(_ z: Triple) -> Double {
    exp(2 * alpha * log(z[0] / alpha) + 2 * (1 - alpha) * log(z[1] / (1 - alpha)))
  }

  func psi(_ z: Triple) -> PsiDerivatives {
    let (phi, a, b) = (phi(z), 2 * alpha, 2 * (1 - alpha))
    return PsiDerivatives(
      value: phi - z[2] * z[2], gradient: Triple(a * phi / z[0], b * phi / z[1], -2 * z[2]),
      hessian: Symmetric3(
        xx: a * (a - 1) * phi / (z[0] * z[0]), xy: a * b * phi / (z[0] * z[1]),
        yy: b * (b - 1) * phi / (z[1] * z[1]), xz: 0, yz: 0, zz: -2))
  }

  /// With a = 2α, b = 2 − 2α and in the units of u and v
  ///
  /// ```
  /// r = (a, b, −4w/(φ + w²)),   λ = φ (φ + w²)/(2ψ²)
  /// R = φ/ψ (diag(a, b) − ½ (a, b)(a, b)ᵀ) + diag(k),   R_ww = 2/(φ + w²)
  /// ```
  func curvature(_ z: Triple, _ psi: PsiDerivatives) -> BarrierCurvature {
    let (a, b, square) = (2 * alpha, 2 * (1 - alpha), z[2] * z[2])
    let phi = psi.value + square
    let (p, sum) = (phi / psi.value, phi + square)
    return BarrierCurvature(
      ray: Triple(a / z[0], b / z[1], -4 * z[2] / sum),
      weight: p * sum / (2 * psi.value),
      rest: Symmetric3(
        xx: (p * a * (1 - a / 2) + 1 - alpha) / (z[0] * z[0]), xy: -p * a * b / (2 * z[0] * z[1]),
        yy: (p * b * (1 - b / 2) + alpha) / (z[1] * z[1]), xz: 0, yz: 0, zz: 2 / sum))
  }

  /// By elimination of y = λ rᵀb, whose factor r_w² + R_ww/λ is 4/φ since 4φw² + ψ² = (φ + w²)². With
  /// b in the units of u and v, S = φ + w² and p = φ/ψ
  ///
  /// ```
  /// (diag(pa + k_u, pb + k_v) − p w²/S (a, b)(a, b)ᵀ) (b_u, b_v) = (v_u, v_v) + φ w v_w/S (a, b)
  /// b_w = ψ² v_w/(2S) + φ w (a b_u + b b_v)/S
  /// ```
  func solveHessian(_ v: Triple, _ z: Triple, _ psi: PsiDerivatives) -> Triple {
    let (a, b, square) = (2 * alpha, 2 * (1 - alpha), z[2] * z[2])
    let phi = psi.value + square
    let (p, sum) = (phi / psi.value, phi + square)
    let (ofU, ofV) = (1 / (p * a + 1 - alpha), 1 / (p * b + alpha))
    let coupling = phi * z[2] / sum
    let x = v[0] * z[0] + a * coupling * v[2]
    let y = v[1] * z[1] + b * coupling * v[2]
    // The determinant (ψ + w² Σ ak/(pa + k))/S, without the cancellation.
    let rest = psi.value + square * (a * (1 - alpha) * ofU + b * alpha * ofV)
    let q = p * square * (a * x * ofU + b * y * ofV) / rest
    let (ofX, ofY) = (ofU * (x + a * q), ofV * (y + b * q))
    return Triple(
      z[0] * ofX, z[1] * ofY,
      psi.value * psi.value * v[2] / (2 * sum) + coupling * (a * ofX + b * ofY))
  }

  func psiThird(_ z: Triple, _ psi: Double, _ da: Triple, _ db: Triple) -> Triple {
    let (phi, a, b) = (psi + z[2] * z[2], 2 * alpha, 2 * (1 - alpha))
    let (ax, ay, bx, by) = (da[0] / z[0], da[1] / z[1], db[0] / z[0], db[1] / z[1])
    let mixed = ax * by + ay * bx
    let x = a * (a - 1) * ((a - 2) * ax * bx + b * mixed) + a * b * (b - 1) * ay * by
    let y = a * b * (a - 1) * ax * bx + b * (b - 1) * (a * mixed + (b - 2) * ay * by)
    return Triple(phi * x / z[0], phi * y / z[1], 0)
  }

  func dualPoint(_ s: Triple) -> (point: Triple, value: Double)? {
    let (a, b) = (2 * alpha, 2 * (1 - alpha))
    let (logX, logY) = (log(s[0]), log(s[1]))
    guard s[2] != 0 else {
      let (u, v) = (1 + alpha, 2 - alpha)
      let value = dualValue(log(u), log(v), logX, logY, 0)
      return value.isFinite ? (Triple(u / s[0], v / s[1], 0), value) : nil
    }
    // The depth of s: 0 on the boundary.
    let depth = a * logX + b * logY - 2 * log(abs(s[2]))
    guard depth > 0, depth.isFinite else { return nil }
    let q = depth < 1 ? 1 / nearBoundary(depth) : nearAxis(depth)
    guard q.isFinite else { return nil }
    let (u, v) = (1 + alpha + a * q, 2 - alpha + b * q)
    let value = dualValue(log(u), log(v), logX, logY, log1p(q))
    return (Triple(u / s[0], v / s[1], -2 * q / s[2]), value)
  }

  /// f* where u and v are numerators over s₀ and s₁, from ψ = φ/p.
  private func dualValue(
    _ logU: Double, _ logV: Double, _ logX: Double, _ logY: Double, _ logP: Double
  ) -> Double {
    let (u, v) = (logU - logX, logV - logY)
    let logPhi = 2 * alpha * (u - log(alpha)) + 2 * (1 - alpha) * (v - log(1 - alpha))
    return logP - logPhi - (1 - alpha) * u - alpha * v
  }

  /// 1/q for s near the boundary: the root r of
  ///
  /// ```
  /// a log(1 + (1+α) r/a) + b log(1 + (2−α) r/b) − log(1 + r) = depth
  /// ```
  ///
  /// whose left side is concave with slope 2 at 0: Newton's method from depth/2 stays on the left.
  private func nearBoundary(_ depth: Double) -> Double {
    let (a, b) = (2 * alpha, 2 * (1 - alpha))
    let (ofA, ofB) = ((1 + alpha) / a, (2 - alpha) / b)
    var r = depth / 2
    for _ in 0..<PowerBarrier.iterationLimit {
      let rest = depth - a * log1p(ofA * r) - b * log1p(ofB * r) + log1p(r)
      let slope = a * ofA / (1 + ofA * r) + b * ofB / (1 + ofB * r) - 1 / (1 + r)
      r += rest / slope
      // The next change would be of the order of this one squared.
      if abs(rest) <= 1e-8 * slope * r { break }
    }
    return r
  }

  /// q for s away from the boundary: the same equation in log q, which is convex and decreases, from
  /// the left, where 4pq is e^{−depth} times what it is for q = 0.
  private func nearAxis(_ depth: Double) -> Double {
    let (a, b) = (2 * alpha, 2 * (1 - alpha))
    let target = -a * log(a) - b * log(b) - depth
    let start = 4 * exp(a * log(1 + alpha) + b * log(2 - alpha) + target)
    var q = start / (2 * ((1 + start).squareRoot() + 1))
    for _ in 0..<PowerBarrier.iterationLimit where q > 0 {
      let (u, v) = (1 + alpha + a * q, 2 - alpha + b * q)
      let rest = a * log(u) + b * log(v) - log((1 + q) * q) + target
      let slope = q * (a * a / u + b * b / v - 1 / (1 + q)) - 1
      let change = -rest / slope
      q *= exp(change)
      if abs(change) <= 1e-8 { break }
    }
    return q
  }
}
