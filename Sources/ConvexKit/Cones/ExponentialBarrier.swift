import CKernels
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
/// ψ = 1/s₁
/// ```
struct ExponentialBarrier: DualBarrier {
  var weights: LaneVector { LaneVector(repeating: Triple(1, 0, 1)) }

  /// s = −∇f*(s), by Newton's method to the last digit; a test checks it.
  var center: LaneVector {
    LaneVector(
      repeating: Triple(
        -1.051_383_943_750_228_9, 0.556_409_618_604_338_4, 1.258_967_886_464_460_3))
  }

  func poles(_ z: LaneVector) -> LaneVector { LaneVector(1 / z.x, Lanes.zero, 1 / z.z) }

  func contains(_ s: LaneVector) -> LaneMask {
    let depth = s.y * (s.z / s.y).logarithm - s.x
    return (s.y .> 0) .& (s.z .> 0) .& (depth .> 0)
  }

  func contains(dual z: LaneVector) -> LaneMask {
    (z.x .< 0) .& (z.z .> 0) .& (psiValue(z, (-z.x / z.z).logarithm) .> 0)
  }

  private func psiValue(_ z: LaneVector, _ ratio: Lanes) -> Lanes { z.y - z.x + z.x * ratio }

  /// v where ψ = 0.
  private func leastV(_ u: Lanes, _ w: Lanes) -> Lanes { u - u * (-u / w).logarithm }

  func psi(_ z: LaneVector) -> PsiDerivatives {
    let slope = -z.x / z.z
    let (ratio, inverse) = (slope.logarithm, 1 / z.z)
    return PsiDerivatives(
      value: psiValue(z, ratio), gradient: LaneVector(ratio, Lanes.one, slope),
      hessian: Symmetric3(
        xx: 1 / z.x, xy: Lanes.zero, yy: Lanes.zero, xz: -inverse, yz: Lanes.zero,
        zz: -slope * inverse))
  }

  /// R = ρ ρᵀ/(−u ψ) + diag(1/u², 0, 1/w²) with ρ = (1, 0, −u/w).
  func curvature(_ z: LaneVector, _ psi: PsiDerivatives) -> BarrierCurvature {
    let (slope, inverse) = (psi.gradient.z, 1 / psi.value)
    let bend = -psi.hessian.xx * inverse
    let along = bend * slope
    return BarrierCurvature(
      ray: psi.gradient, weight: inverse * inverse,
      rest: Symmetric3(
        xx: bend + psi.hessian.xx * psi.hessian.xx, xy: Lanes.zero, yy: Lanes.zero, xz: along,
        yz: Lanes.zero, zz: along * slope + psi.hessian.xz * psi.hessian.xz))
  }

  /// By elimination: the second row gives ∇ψᵀb = ψ² v₁, the others then b₀ and b₂ up to ρᵀb.
  func solveHessian(_ v: LaneVector, _ z: LaneVector, _ psi: PsiDerivatives) -> LaneVector {
    let (ratio, slope) = (psi.gradient.x, psi.gradient.z)
    let first = z.x * z.x * (v.x - ratio * v.y)
    let last = z.z * z.z * (v.z - slope * v.y)
    let along = (first + slope * last) / (psi.value - 2 * z.x)
    let (b0, b2) = (first + z.x * along, last - z.z * along)
    return LaneVector(b0, psi.value * psi.value * v.y - ratio * b0 - slope * b2, b2)
  }

  func psiThird(
    _ z: LaneVector, _ psi: PsiDerivatives, _ a: LaneVector, _ b: LaneVector
  ) -> LaneVector {
    // 1/u and 1/w.
    let (ofU, ofW) = (psi.hessian.xx, -psi.hessian.xz)
    let square = ofW * ofW
    let last = a.z * b.z * square
    return LaneVector(
      last - a.x * b.x * ofU * ofU, Lanes.zero,
      (a.x * b.z + a.z * b.x) * square + 2 * psi.gradient.z * last)
  }

  /// e, and what else is asked of it.
  private struct Shadow {
    let ratio, e, logarithm: Lanes
    let isThere: LaneMask

    init(_ s: LaneVector) {
      ratio = (s.z / s.y).logarithm
      let excess = ratio - s.x / s.y
      isThere =
        (s.y .> 0) .& (s.z .> 0) .& (excess .> 0) .& excess.isFinite
      (e, logarithm) = ExponentialBarrier.solve(excess.replacing(with: 1, where: .!isThere))
    }
  }

  func dualPoint(_ s: LaneVector) -> (point: LaneVector, isThere: LaneMask) {
    let shadow = Shadow(s)
    let (inverse, ofE) = (1 / s.y, 1 / shadow.e)
    let u = -inverse * ofE
    let w = (1 + shadow.e) * ofE / s.z
    let v = inverse + u - u * (shadow.ratio - shadow.logarithm)
    return (LaneVector(u, v, w), shadow.isThere)
  }

  /// g = ψ: b = (1, 0, −u/w)/√−u.
  func boundary(_ z: LaneVector) -> BarrierBoundary {
    let slope = -z.x / z.z
    let scale = 1 / (-z.x).squareRoot()
    return BarrierBoundary(
      ray: LaneVector(slope.logarithm, Lanes.one, slope),
      bend: LaneVector(scale, Lanes.zero, scale * slope))
  }

  /// Along the smaller of v's and w's changes: w = −u e^{v/u − 1} where that is less than −u, so that tiny
  /// masses w follow from v, else v.
  func ontoBoundary(dual z: LaneVector) -> (point: LaneVector, isThere: LaneMask) {
    let (u, v) = (z.x, z.y)
    let w: Lanes = -u * (v / u - 1).map(Lanes.scalarCount, exp)
    let isSteep: LaneMask = w .< -u
    let point = LaneVector(
      u, leastV(u, z.z).replacing(with: v, where: isSteep), z.z.replacing(with: w, where: isSteep))
    return (point, (u .< 0) .& (point.z .> 0))
  }

  /// Beside s = (0, 0, 1), z = (−1, v, 0), where masses vanish: sᵀz is a small share of ‖s‖‖z‖, and −u s₂ is
  /// not.
  func isBesideEnd(_ s: LaneVector, _ z: LaneVector) -> LaneMask {
    let size = 0.01 * (s.dot(s) * z.dot(z)).squareRoot()
    let isSmall: LaneMask = s.dot(z) .< size
    return isSmall .& (-z.x * s.z .> size)
  }

  /// Along s₀.
  func inside(_ s: LaneVector, from old: LaneVector) -> LaneVector {
    let share = Lanes(repeating: BoundaryStep.leastShare)
    let (y, z) = (s.y.raised(to: share * old.y), s.z.raised(to: share * old.z))
    let depth = old.y * (old.z / old.y).logarithm - old.x
    let largest = y * (z / y).logarithm - share * depth
    return LaneVector(-(-s.x).raised(to: -largest), y, z)
  }

  /// Along v.
  func inside(dual z: LaneVector, from old: LaneVector) -> LaneVector {
    let share = Lanes(repeating: BoundaryStep.leastShare)
    let (u, w) = (-(-z.x).raised(to: -share * old.x), z.z.raised(to: share * old.z))
    let depth = psiValue(old, (-old.x / old.z).logarithm)
    let least: Lanes = leastV(u, w) + share * depth
    return LaneVector(u, z.y.raised(to: least), w)
  }

  /// By one logarithm of both densities e^{−f*}: ψ(−u)w at z, (1 + e)/(s₁² s₂ e²) at z′.
  func proximity(_ s: LaneVector, _ z: LaneVector) -> Lanes {
    let shadow = Shadow(s)
    let psi = psiValue(z, (-z.x / z.z).logarithm)
    let isInside: LaneMask =
      shadow.isThere .& (z.x .< 0) .& (z.z .> 0) .& (psi .> 0)
    let product = s.y * shadow.e
    let density: Lanes = product * product * s.z * (psi * z.z * -z.x)
    let quotient = (1 + shadow.e) / density
    return quotient.logarithm.replacing(with: .infinity, where: .!isInside)
  }

  /// The solution of e + log(1 + e) = b for b > 0, and log(1 + e).
  static func solve(_ b: Lanes) -> (e: Lanes, logarithm: Lanes) {
    var logarithm = Lanes.zero
    let e = Lanes.fromKernel { e in
      logarithm = Lanes.fromKernel {
        ckernels_solve_logarithmic(b[0], b[1], b[2], b[3], e, $0)
      }
    }
    return (e, logarithm)
  }
}
