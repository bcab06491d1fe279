import Foundation

/// The barrier of the dual exponential cone.
///
/// ```
/// K* = {(u, v, w) : u < 0, w > 0, ψ ≥ 0},   ψ = v − u + u log(−u/w),   k = (1, 0, 1)
/// ∇ψ = (log(−u/w), 1, −u/w),   ∇²ψ = [1/u, ·, −1/w; ·; −1/w, ·, u/w²]
/// ```
///
/// s = −∇f*(z′) is solved by y = 1 + e with e + log(1 + e) = log(s₂/s₁) − s₀/s₁ (y is Wright's ω
/// of one more than the right side):
///
/// ```
/// u = −1/(s₁ e),   w = y/(e s₂),   v = 1/s₁ + u − u log(−u/w),   log(−u/w) = log(s₂/s₁) − log y
/// ```
struct ExponentialBarrier: DualBarrier {
  var weights: Triple { Triple(1, 0, 1) }

  /// s = −∇f*(s), by Newton's method to the last digit; a test checks it.
  var center: Triple {
    Triple(-1.051_383_943_750_228_9, 0.556_409_618_604_338_4, 1.258_967_886_464_460_3)
  }

  func contains(_ s: Triple) -> Bool {
    s[1] > 0 && s[2] > 0 && s[1] * log(s[2] / s[1]) - s[0] > 0
  }

  func contains(dual z: Triple) -> Bool {
    z[0] < 0 && z[2] > 0 && z[1] - z[0] + z[0] * log(-z[0] / z[2]) > 0
  }

  func value(_ z: Triple) -> Double {
    -log((z[1] - z[0] + z[0] * log(-z[0] / z[2])) * -z[0] * z[2])
  }

  func psi(_ z: Triple) -> PsiDerivatives {
    let (u, w) = (z[0], z[2])
    let ratio = log(-u / w)
    return PsiDerivatives(
      value: z[1] - u + u * ratio, gradient: Triple(ratio, 1, -u / w),
      hessian: Symmetric3(xx: 1 / u, xy: 0, yy: 0, xz: -1 / w, yz: 0, zz: u / (w * w)))
  }

  /// R = ρ ρᵀ/(−u ψ) + diag(1/u², 0, 1/w²) with ρ = (1, 0, −u/w).
  func curvature(_ z: Triple, _ psi: PsiDerivatives) -> BarrierCurvature {
    let (u, w) = (z[0], z[2])
    var rest = Symmetric3(outer: Triple(1, 0, -u / w), scale: -1 / (u * psi.value))
    rest.xx += 1 / (u * u)
    rest.zz += 1 / (w * w)
    return BarrierCurvature(
      ray: psi.gradient, weight: 1 / (psi.value * psi.value), rest: rest)
  }

  /// By elimination: the second row gives ∇ψᵀb = ψ² v₁, the others then b₀ and b₂ up to ρᵀb.
  func solveHessian(_ v: Triple, _ z: Triple, _ psi: PsiDerivatives) -> Triple {
    let (u, w) = (z[0], z[2])
    let (ratio, slope) = (psi.gradient[0], psi.gradient[2])
    let first = u * u * (v[0] - ratio * v[1])
    let last = w * w * (v[2] - slope * v[1])
    let bend = -1 / (u * psi.value)
    let along = (first + slope * last) / (1 + 2 * u * u * bend)
    let (b0, b2) = (first - u * u * bend * along, last - w * w * bend * slope * along)
    return Triple(b0, psi.value * psi.value * v[1] - ratio * b0 - slope * b2, b2)
  }

  func psiThird(_ z: Triple, _ psi: Double, _ a: Triple, _ b: Triple) -> Triple {
    let (u, w) = (z[0], z[2])
    let square = 1 / (w * w)
    return Triple(
      -a[0] * b[0] / (u * u) + a[2] * b[2] * square, 0,
      (a[0] * b[2] + a[2] * b[0]) * square - 2 * u * square / w * a[2] * b[2])
  }

  // Inlined, so that who needs no value does not pay for its logarithm.
  @inline(__always)
  func dualPoint(_ s: Triple) -> (point: Triple, value: Double)? {
    let ratio = log(s[2] / s[1])
    let excess = ratio - s[0] / s[1]
    guard excess > 0, excess.isFinite else { return nil }
    let (e, logarithm) = ExponentialBarrier.solve(excess)
    let u = -1 / (s[1] * e)
    let w = (1 + e) / (e * s[2])
    // ψ = 1/s₁ there.
    return (Triple(u, 1 / s[1] + u - u * (ratio - logarithm), w), -log(-u * w / s[1]))
  }

  /// The solution of e + log(1 + e) = b for b > 0, by the fourth-order iteration of Fritsch,
  /// Shafer and Crowley (CACM 16, 1973) in e, which keeps its digits near 0; and log(1 + e).
  static func solve(_ b: Double) -> (e: Double, logarithm: Double) {
    var e = b < 4 ? b / 2 + b * b / 16 : b - log1p(b)
    for _ in 0..<4 {
      let rest = b - e - log1p(e)
      let (y, t) = (1 + e, 2 + e)
      let q = 2 * t * (t + 2 * rest / 3)
      e += y * (rest / t) * (q - rest) / (q - 2 * rest)
      // What is left is of the order of the fourth power of this.
      if abs(rest) <= 1e-5 * b { break }
    }
    return (e, b - e)
  }
}
