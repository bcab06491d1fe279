/// H of a three-dimensional cone without a Nesterov-Todd scaling, with its large part apart:
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
  var ray = Triple()
  /// c.
  var pivot = 1.0
  /// R.
  var rest = Symmetric3()

  /// Whether no number is NaN or infinite.
  var isFinite: Bool { rest.isFinite && (ray.sum() + pivot).isFinite && pivot > 0 }
}

extension BarrierScaling {
  /// λ r rᵀ + R for any r. What R has along r goes to the ray: with ‖r‖ = 1, p = R r, a = rᵀp and
  /// γ = λ + a it is γ (r + p⊥/γ)(r + p⊥/γ)ᵀ, and R's rest is orthogonal to r. As much of
  /// γ as rounding may take from the rest stays there, which else would be indefinite by rounding.
  init(ray: Triple, weight: Double, rest: Symmetric3) {
    let square = ray.dot(ray)
    let r = (1 / square.squareRoot()) * ray
    let p = rest * r
    let a = r.dot(p)
    let gamma = weight * square + a
    let across = p - a * r
    let ray = r + (1 / gamma) * across
    let rest =
      rest - Symmetric3(r, across) - Symmetric3(outer: r, scale: a)
      - Symmetric3(outer: across, scale: 1 / gamma)
    let kept = min(0.5 * gamma, 1e-14 * max(0, rest.xx + rest.yy + rest.zz))
    self.init(ray: ray, pivot: 1 / (gamma - kept), rest: rest + Symmetric3(outer: ray, scale: kept))
  }

  /// μ ∇²f*(z).
  init(_ curvature: BarrierCurvature, mu: Double) {
    self.init(ray: curvature.ray, weight: mu * curvature.weight, rest: mu * curvature.rest)
  }

  /// v vᵀ + w wᵀ + R, v and w nearly along s: a rotation of the two leaves one of them orthogonal to
  /// s, which then is of the order of R.
  init(_ v: Triple, _ w: Triple, along s: Triple, rest: Symmetric3) {
    let (large, small) = BarrierScaling.rotate(v, w, s)
    self.init(ray: large, weight: 1, rest: rest + Symmetric3(outer: small, scale: 1))
  }

  /// u uᵀ + v vᵀ + w wᵀ, likewise.
  init(_ u: Triple, _ v: Triple, _ w: Triple, along s: Triple) {
    let (large, small) = BarrierScaling.rotate(u, v, s)
    self.init(large, w, along: s, rest: Symmetric3(outer: small, scale: 1))
  }

  private static func rotate(_ v: Triple, _ w: Triple, _ s: Triple) -> (
    large: Triple, small: Triple
  ) {
    let (a, b) = (v.dot(s), w.dot(s))
    let length = 1 / (a * a + b * b).squareRoot()
    let (cosine, sine) = (a * length, b * length)
    return (cosine * v + sine * w, cosine * w - sine * v)
  }

  /// D − D z zᵀD/(zᵀD z) + s sᵀ/(sᵀz), D = μ ∇²f*(z), which maps z to s.
  init(_ d: BarrierCurvature, _ s: Triple, _ z: Triple) {
    let mu = s.dot(z) / 3
    let (beta, p) = (d.weight * d.ray.dot(z), d.rest * z)
    let left = d.weight - beta * beta / 3
    let gamma = beta / (3 * left)
    self.init(
      (1 / (3 * mu).squareRoot()) * s, (mu * left).squareRoot() * (d.ray - gamma * p), along: s,
      rest: mu * (d.rest - Symmetric3(outer: p, scale: 1 / 3 + left * gamma * gamma)))
  }
}
