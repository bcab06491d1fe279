/// H of four three-dimensional cones without a Nesterov-Todd scaling, with its large part apart:
///
/// ```
/// H = r rᵀ/c + R,   R positive definite, without eigenvalues of the order of 1/c
/// ```
///
/// Near the boundary the eigenvalues of H are of the order 1/μ along the ray r of s, 1 along the
/// surface and μ along the normal. Added up, the first would round the last away from μ = 1e-8 on;
/// r, c and R have all of them to rounding.
struct BarrierScaling {
  /// r.
  var ray = LaneVector()
  /// c.
  var pivot = Lanes(repeating: 1)
  /// R.
  var rest = Symmetric3<Lanes>()

  /// Whether no number is NaN or infinite.
  var isFinite: LaneMask {
    let sum = rest.xx + rest.xy + rest.yy + rest.xz + rest.yz + rest.zz
    return (sum + (ray.x + ray.y + ray.z + pivot)).isFinite
  }

  /// Takes over another matrix for some cones.
  mutating func replace(with other: BarrierScaling, where mask: LaneMask) {
    ray.replace(with: other.ray, where: mask)
    pivot.replace(with: other.pivot, where: mask)
    rest.xx.replace(with: other.rest.xx, where: mask)
    rest.xy.replace(with: other.rest.xy, where: mask)
    rest.yy.replace(with: other.rest.yy, where: mask)
    rest.xz.replace(with: other.rest.xz, where: mask)
    rest.yz.replace(with: other.rest.yz, where: mask)
    rest.zz.replace(with: other.rest.zz, where: mask)
  }
}

extension BarrierScaling {
  /// R = λ b bᵀ and c = 0, of a Newton step on the boundary.
  init(_ boundary: BarrierBoundary, multiplier: Lanes) {
    self.init(
      ray: boundary.ray, pivot: Lanes.zero,
      rest: Symmetric3(outer: boundary.bend, scale: multiplier))
  }

  /// λ r rᵀ + R for any r. What R has along r goes to the ray: with ‖r‖ = 1, p = R r, a = rᵀp and
  /// γ = λ + a it is γ (r + p⊥/γ)(r + p⊥/γ)ᵀ, and R's rest is orthogonal to r. As much of
  /// γ as rounding may take from the rest stays there, which else would be indefinite by rounding.
  init(ray: LaneVector, weight: Lanes, rest: Symmetric3<Lanes>) {
    let square = ray.dot(ray)
    let r = (1 / square.squareRoot()) * ray
    let p = rest * r
    let a = r.dot(p)
    let gamma = weight * square + a
    let across = p - a * r
    let ofGamma = 1 / gamma
    let ray = r + ofGamma * across
    let along = Symmetric3(r, across + (0.5 * a) * r)
    let left = rest - along - Symmetric3(outer: across, scale: ofGamma)
    let trace = left.xx + left.yy + left.zz
    let rounding = (1e-14 * trace).replacing(with: 0, where: trace .< 0)
    let kept = rounding.replacing(with: 0.5 * gamma, where: rounding .> 0.5 * gamma)
    self.init(ray: ray, pivot: 1 / (gamma - kept), rest: left + Symmetric3(outer: ray, scale: kept))
  }

  /// μ ∇²f*(z).
  init(_ curvature: BarrierCurvature, mu: Lanes) {
    self.init(ray: curvature.ray, weight: mu * curvature.weight, rest: mu * curvature.rest)
  }

  /// v vᵀ + w wᵀ + R, v and w nearly along s: a rotation of the two leaves one of them orthogonal to
  /// s, which then is of the order of R.
  init(_ v: LaneVector, _ w: LaneVector, along s: LaneVector, rest: Symmetric3<Lanes>) {
    let (large, small) = BarrierScaling.rotate(v, w, s)
    self.init(
      ray: large, weight: Lanes(repeating: 1), rest: rest + Symmetric3(outer: small))
  }

  /// u uᵀ + v vᵀ + w wᵀ, likewise.
  init(_ u: LaneVector, _ v: LaneVector, _ w: LaneVector, along s: LaneVector) {
    let (large, small) = BarrierScaling.rotate(u, v, s)
    self.init(large, w, along: s, rest: Symmetric3(outer: small))
  }

  private static func rotate(_ v: LaneVector, _ w: LaneVector, _ s: LaneVector) -> (
    large: LaneVector, small: LaneVector
  ) {
    let (a, b) = (v.dot(s), w.dot(s))
    let length = 1 / (a * a + b * b).squareRoot()
    let (cosine, sine) = (a * length, b * length)
    return (cosine * v + sine * w, cosine * w - sine * v)
  }

  /// D − D z zᵀD/(zᵀD z) + s sᵀ/(sᵀz), D = μ ∇²f*(z), which maps z to s.
  init(_ d: BarrierCurvature, _ s: LaneVector, _ z: LaneVector) {
    let mu = s.dot(z) / 3
    let (beta, p) = (d.weight * d.ray.dot(z), d.rest * z)
    let left = d.weight - beta * beta / 3
    let gamma = beta / (3 * left)
    self.init(
      (1 / (3 * mu).squareRoot()) * s, (mu * left).squareRoot() * (d.ray - gamma * p), along: s,
      rest: mu * (d.rest - Symmetric3(outer: p, scale: 1.0 / 3 + left * gamma * gamma)))
  }
}
