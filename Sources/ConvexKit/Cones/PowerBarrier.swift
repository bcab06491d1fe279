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
  let alpha: Lanes
  /// 1 − α.
  private let beta: Lanes
  /// 2 (α log α + (1 − α) log(1 − α)).
  private let constant: Lanes
  /// How many of the cones there are: the last one stands for the others.
  private let count: Int

  init(alpha: Lanes, count: Int) {
    (self.alpha, beta, self.count) = (alpha, 1 - alpha, count)
    constant = 2 * (alpha * alpha.logarithm + beta * beta.logarithm)
  }

  var weights: LaneVector { LaneVector(beta, alpha, Lanes.zero) }

  var center: LaneVector {
    LaneVector((1 + alpha).squareRoot(), (2 - alpha).squareRoot(), Lanes.zero)
  }

  func poles(_ z: LaneVector) -> LaneVector { LaneVector(1 / z.x, 1 / z.y, Lanes.zero) }

  func contains(_ s: LaneVector) -> LaneMask {
    let ofX: Lanes = 2 * alpha * s.x.logarithm
    let ofY: Lanes = 2 * beta * s.y.logarithm
    let rest = (ofX + ofY).map(count, exp) - s.z * s.z
    return (s.x .> 0) .& (s.y .> 0) .& (rest .> 0)
  }

  func contains(dual z: LaneVector) -> LaneMask {
    let rest = phi(z) - z.z * z.z
    return (z.x .> 0) .& (z.y .> 0) .& (rest .> 0)
  }

  private func phi(_ z: LaneVector) -> Lanes {
    logPhi(z.x.logarithm, z.y.logarithm).map(count, exp)
  }

  /// log φ from log u and log v.
  private func logPhi(_ u: Lanes, _ v: Lanes) -> Lanes {
    let ofU: Lanes = 2 * alpha * u
    let ofV: Lanes = 2 * beta * v
    return ofU + ofV - constant
  }

  func psi(_ z: LaneVector) -> PsiDerivatives {
    let (phi, a, b) = (phi(z), 2 * alpha, 2 * beta)
    let (ofU, ofV) = (a / z.x, b / z.y)
    let (slopeU, slopeV) = (ofU * phi, ofV * phi)
    let xx: Lanes = (a - 1) * slopeU / z.x
    let yy: Lanes = (b - 1) * slopeV / z.y
    return PsiDerivatives(
      value: phi - z.z * z.z, gradient: LaneVector(slopeU, slopeV, -2 * z.z),
      hessian: Symmetric3(
        xx: xx, xy: ofU * slopeV, yy: yy, xz: Lanes.zero, yz: Lanes.zero,
        zz: Lanes(repeating: -2)))
  }

  /// With a = 2α, b = 2 − 2α and in the units of u and v
  ///
  /// ```
  /// r = (a, b, −4w/(φ + w²)),   λ = φ (φ + w²)/(2ψ²)
  /// R = φ/ψ (diag(a, b) − ½ (a, b)(a, b)ᵀ) + diag(k),   R_ww = 2/(φ + w²)
  /// ```
  func curvature(_ z: LaneVector, _ psi: PsiDerivatives) -> BarrierCurvature {
    let (a, b, square) = (2 * alpha, 2 * beta, z.z * z.z)
    let phi = psi.value + square
    let (p, sum) = (phi / psi.value, phi + square)
    let (ofU, ofV) = (1 / z.x, 1 / z.y)
    let xx: Lanes = beta * (p * a + 1) * ofU * ofU
    let xy: Lanes = -p * a * beta * ofU * ofV
    let yy: Lanes = alpha * (p * b + 1) * ofV * ofV
    return BarrierCurvature(
      ray: LaneVector(a * ofU, b * ofV, -4 * z.z / sum), weight: p * sum / (2 * psi.value),
      rest: Symmetric3(xx: xx, xy: xy, yy: yy, xz: Lanes.zero, yz: Lanes.zero, zz: 2 / sum))
  }

  /// By elimination of y = λ rᵀb, whose factor r_w² + R_ww/λ is 4/φ since 4φw² + ψ² = (φ + w²)². With
  /// b in the units of u and v, S = φ + w² and p = φ/ψ
  ///
  /// ```
  /// (diag(pa + k_u, pb + k_v) − p w²/S (a, b)(a, b)ᵀ) (b_u, b_v) = (v_u, v_v) + φ w v_w/S (a, b)
  /// b_w = ψ² v_w/(2S) + φ w (a b_u + b b_v)/S
  /// ```
  func solveHessian(_ v: LaneVector, _ z: LaneVector, _ psi: PsiDerivatives) -> LaneVector {
    let (a, b, square) = (2 * alpha, 2 * beta, z.z * z.z)
    let phi = psi.value + square
    let (p, sum) = (phi / psi.value, phi + square)
    let (ofU, ofV) = (1 / (p * a + beta), 1 / (p * b + alpha))
    let coupling = phi * z.z / sum
    let across = coupling * v.z
    let (x, y) = (v.x * z.x + a * across, v.y * z.y + b * across)
    // The determinant (ψ + w² Σ ak/(pa + k))/S, without the cancellation.
    let (shareU, shareV) = (a * ofU, b * ofV)
    let rest = psi.value + square * (beta * shareU + alpha * shareV)
    let q = p * square * (x * shareU + y * shareV) / rest
    let (ofX, ofY) = (ofU * (x + a * q), ofV * (y + b * q))
    let own: Lanes = psi.value * psi.value * v.z / (2 * sum)
    return LaneVector(z.x * ofX, z.y * ofY, own + coupling * (a * ofX + b * ofY))
  }

  func psiThird(
    _ z: LaneVector, _ psi: PsiDerivatives, _ da: LaneVector, _ db: LaneVector
  ) -> LaneVector {
    let (phi, a, b) = (psi.value + z.z * z.z, 2 * alpha, 2 * beta)
    let (ofU, ofV) = (1 / z.x, 1 / z.y)
    let (ax, ay) = (da.x * ofU, da.y * ofV)
    let (bx, by) = (db.x * ofU, db.y * ofV)
    let mixed = ax * by + ay * bx
    let (bendU, bendV): (Lanes, Lanes) = (a * (a - 1), b * (b - 1))
    let (xx, yy) = (bendU * ax * bx, bendV * ay * by)
    let x: Lanes = (a - 2) * xx + b * bendU * mixed + a * yy
    let y: Lanes = b * xx + a * bendV * mixed + (b - 2) * yy
    return LaneVector(phi * x * ofU, phi * y * ofV, Lanes.zero)
  }

  func dualPoint(_ s: LaneVector) -> (point: LaneVector, isThere: LaneMask) {
    let q = root(s)
    let (u, v) = numerators(q)
    let w = (-2 * q / s.z).replacing(with: 0, where: s.z .== 0)
    let point = LaneVector(u / s.x, v / s.y, w)
    return (point, q.isFinite .& point.x.isFinite .& point.y.isFinite)
  }

  /// u s₀ and v s₁.
  private func numerators(_ q: Lanes) -> (Lanes, Lanes) {
    (1 + alpha * (1 + 2 * q), 1 + beta * (1 + 2 * q))
  }

  func proximity(_ s: LaneVector, _ z: LaneVector) -> Lanes {
    let q = root(s)
    let (u, v) = numerators(q)
    let (logU, logV) = ((u / s.x).logarithm, (v / s.y).logarithm)
    // ψ = φ/p at z′.
    let dual: Lanes = (1 + q).logarithm - logPhi(logU, logV) - beta * logU - alpha * logV
    let (ownU, ownV) = (z.x.logarithm, z.y.logarithm)
    let psi = logPhi(ownU, ownV).map(count, exp) - z.z * z.z
    let own: Lanes = -psi.logarithm - beta * ownU - alpha * ownV
    let isInside: LaneMask =
      (z.x .> 0) .& (z.y .> 0) .& (psi .> 0) .& q.isFinite .& dual.isFinite
    return (own - dual).replacing(with: .infinity, where: .!isInside)
  }

  /// g = √φ − |w|: b = √(α (1−α) √φ) (1/u, −1/v, 0).
  func boundary(_ z: LaneVector) -> BarrierBoundary {
    let (root, ofU, ofV) = (phi(z).squareRoot(), 1 / z.x, 1 / z.y)
    let scale = (alpha * beta * root).squareRoot()
    return BarrierBoundary(
      ray: LaneVector(
        alpha * root * ofU, beta * root * ofV,
        Lanes(repeating: -1).replacing(with: 1, where: z.z .< 0)),
      bend: LaneVector(scale * ofU, -scale * ofV, Lanes.zero))
  }

  /// Along w.
  func ontoBoundary(dual z: LaneVector) -> (point: LaneVector, isThere: LaneMask) {
    let root = phi(z).squareRoot()
    return (
      LaneVector(z.x, z.y, root.replacing(with: -root, where: z.z .< 0)),
      (z.x .> 0) .& (z.y .> 0)
    )
  }

  func isBesideEnd(_ s: LaneVector, _ z: LaneVector) -> LaneMask {
    LaneMask(repeating: false)
  }

  /// Along s₂.
  func inside(_ s: LaneVector, from old: LaneVector) -> LaneVector {
    inside(s, from: old, (Lanes.one, Lanes.one))
  }

  /// Along w.
  func inside(dual z: LaneVector, from old: LaneVector) -> LaneVector {
    inside(z, from: old, (1 / alpha, 1 / beta))
  }

  /// Of (x c₀)^α (y c₁)^{1−α} − |z|.
  private func inside(
    _ v: LaneVector, from old: LaneVector, _ c: (Lanes, Lanes)
  ) -> LaneVector {
    func mean(_ x: Lanes, _ y: Lanes) -> Lanes {
      let sum: Lanes = alpha * (c.0 * x).logarithm + beta * (c.1 * y).logarithm
      return sum.map(count, exp)
    }
    let share = Lanes(repeating: BoundaryStep.leastShare)
    let (x, y) = (v.x.raised(to: share * old.x), v.y.raised(to: share * old.y))
    let depth = mean(old.x, old.y) - old.z.magnitude
    let largest = mean(x, y) - share * depth
    let above = v.z.replacing(with: largest, where: v.z .> largest)
    return LaneVector(x, y, above.raised(to: -largest))
  }

  /// q; NaN where s is outside.
  private func root(_ s: LaneVector) -> Lanes {
    var roots = Lanes(repeating: PowerRoot(alpha: alpha[count - 1]).root(s[lane: count - 1]))
    for lane in 0..<count - 1 { roots[lane] = PowerRoot(alpha: alpha[lane]).root(s[lane: lane]) }
    return roots
  }
}

/// q of ``PowerBarrier``, for one cone.
private struct PowerRoot {
  let alpha: Double

  /// Both of the iterations below take 3 to 6 steps.
  private static let iterationLimit = 40

  func root(_ s: Triple) -> Double {
    guard s.x > 0, s.y > 0 else { return .nan }
    guard s.z != 0 else { return 0 }
    // The depth of s: 0 on the boundary.
    let depth = 2 * (alpha * log(s.x) + (1 - alpha) * log(s.y) - log(abs(s.z)))
    guard depth > 0, depth.isFinite else { return .nan }
    return depth < 1 ? 1 / nearBoundary(depth) : nearAxis(depth)
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
    for _ in 0..<PowerRoot.iterationLimit {
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
    for _ in 0..<PowerRoot.iterationLimit where q > 0 {
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
