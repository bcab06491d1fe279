import Foundation

/// Second-order cones of one dimension d.
///
/// With J = diag(1, −I), det v = vᵀJ v, the Nesterov-Todd point of s and z is
///
/// ```
/// w = (s° + J z°)/(2γ),   s° = s/√det s,   z° = z/√det z,   γ² = (1 + s°ᵀz°)/2
/// W = η [w₀, w₁ᵀ; w₁, I + w₁w₁ᵀ/(1 + w₀)],   H = W² = η² (2 w wᵀ − J),   η⁴ = det s/det z
/// ```
///
/// and W z = W⁻¹ s = λ. With a = w₁/‖w₁‖ and e = w₀ + ‖w₁‖ the eigenvalues of H are η² e² along
/// (1, a), η² e⁻² along (1, −a), and η². Beside the boundary e² is of the order 1/μ, so that the large
/// one stays apart (0010, "The ray"):
///
/// ```
/// H = R + r rᵀ,   r = η √((e² − ½)/2) (1, a)
/// R = η² [¼ + e⁻²/2, β aᵀ; β a, I − α a aᵀ],   α = ¾ − e⁻²/2,   β = ¼ − e⁻²/2
/// ```
///
/// R has the eigenvalues η²/2, η² e⁻² and η², and R = D − v vᵀ keeps the factorization sparse:
/// v = η (−β/√α, √α a), D = η² diag(¼ + e⁻²/2 + β²/α, 1, …).
///
/// - Source: Nesterov, Todd (1998); Domahidi, Chu, Boyd, ECOS (2013), for a sparse form.
final class SecondOrderBlock: ConeBlock {
  let rows: Range<Int>
  /// d.
  let dimension: Int
  /// How many cones there are.
  let count: Int
  var degree: Int { count }
  var isSymmetric: Bool { true }
  var pattern: HessianPattern { .diagonalPlusRankTwo(dimension) }

  private let arena = Arena()
  /// w of every cone, one after the other; and (e⁻², a).
  private let w, axis: UnsafeMutablePointer<Double>
  /// η of every cone.
  private let eta: UnsafeMutablePointer<Double>
  private let first, second, third: UnsafeMutablePointer<Double>

  init(rows: Range<Int>, dimension: Int) {
    self.rows = rows
    self.dimension = dimension
    count = rows.count / dimension
    w = arena.numbers(rows.count)
    axis = arena.numbers(rows.count)
    eta = arena.numbers(count)
    first = arena.numbers(dimension)
    second = arena.numbers(dimension)
    third = arena.numbers(dimension)
  }

  func setToCenter(_ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>) {
    for i in rows {
      s[i] = (i - rows.lowerBound) % dimension == 0 ? 1 : 0
      z[i] = s[i]
    }
  }

  func margin(_ v: UnsafeMutablePointer<Double>) -> Double {
    var least = Double.infinity
    for start in starts { least = min(least, v[start] - norm(v + start)) }
    return least
  }

  func shift(_ v: UnsafeMutablePointer<Double>, by a: Double) {
    for start in starts { v[start] += a }
  }

  func updateScaling(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ strategy: ScalingStrategy
  ) -> Bool {
    for (cone, start) in zip(0..., starts) {
      let (s, z, w) = (s + start, z + start, w + cone * dimension)
      let (detS, detZ) = (determinant(s), determinant(z))
      guard detS > 0, detZ > 0 else { return false }
      let (rootS, rootZ) = (detS.squareRoot(), detZ.squareRoot())
      var product = 0.0
      for k in 0..<dimension { product += s[k] * z[k] }
      let gamma = ((1 + product / (rootS * rootZ)) / 2).squareRoot()
      let (a, b) = (1 / (2 * gamma * rootS), 1 / (2 * gamma * rootZ))
      var norm = 0.0
      for k in 1..<dimension {
        w[k] = a * s[k] - b * z[k]
        norm += w[k] * w[k]
      }
      // det w = 1 to rounding only; made exact, since everything below relies on it.
      w[0] = (1 + norm).squareRoot()
      let (axis, length) = (axis + cone * dimension, norm.squareRoot())
      let e = w[0] + length
      axis[0] = 1 / (e * e)
      // Without a direction e is 1, and H = η² I whatever a is.
      for k in 1..<dimension { axis[k] = length > 0 ? w[k] / length : 0 }
      eta[cone] = (rootS / rootZ).squareRoot()
      guard eta[cone].isFinite, w[0].isFinite else { return false }
    }
    return true
  }

  /// The numbers of R and r.
  private struct Split {
    /// ¼ + e⁻²/2, α, β.
    let head, alpha, beta: Double
    /// The factor of r.
    let ray: Double

    init(eta: Double, inverseSquare: Double) {
      head = 0.25 + inverseSquare / 2
      alpha = 0.75 - inverseSquare / 2
      beta = 0.25 - inverseSquare / 2
      ray = eta * ((1 / inverseSquare - 0.5) / 2).squareRoot()
    }
  }

  private func split(_ cone: Int) -> Split {
    Split(eta: eta[cone], inverseSquare: axis[cone * dimension])
  }

  func writeHessian(into h: UnsafeMutablePointer<Double>) {
    for cone in 0..<count {
      let (a, eta, split) = (axis + cone * dimension, eta[cone], split(cone))
      let target = h + 3 * cone * dimension
      let (diagonal, v, r) = (target, target + dimension, target + 2 * dimension)
      let root = split.alpha.squareRoot()
      diagonal[0] = eta * eta * (split.head + split.beta * split.beta / split.alpha)
      v[0] = -eta * split.beta / root
      r[0] = split.ray
      for k in 1..<dimension {
        diagonal[k] = eta * eta
        v[k] = eta * root * a[k]
        r[k] = split.ray * a[k]
      }
    }
  }

  func multiplyHessian(
    _ v: UnsafeMutablePointer<Double>, _ extra: UnsafeMutablePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    for (cone, start) in zip(0..., starts) {
      let (a, v, y) = (axis + cone * dimension, v + start, y + start)
      let (square, ray) = (eta[cone] * eta[cone], split(cone).ray * extra[2 * cone + 1])
      var tail = 0.0
      for k in 1..<dimension { tail += a[k] * v[k] }
      // Along (1, a), where R has ½, and along (1, −a), where it has e⁻².
      let (up, down) = (0.25 * (v[0] + tail), 0.5 * a[0] * (v[0] - tail))
      y[0] = square * (up + down) + ray
      for k in 1..<dimension {
        y[k] = square * (v[k] + (up - down - tail) * a[k]) + ray * a[k]
      }
    }
  }

  /// d = s + W (λ ∖ ((W⁻¹ Δs) ∘ (W Δz) − σμ e)).
  func combine(_ d: UnsafeMutablePointer<Double>, _ at: CombinedStep) {
    let (lambda, a, b) = (first, second, third)
    for (cone, start) in zip(0..., starts) {
      scale(cone, at.step.z + start, into: lambda)
      unscale(cone, at.step.ds + start, into: a)
      scale(cone, at.step.dz + start, into: b)
      var head = -at.target
      for k in 0..<dimension { head += a[k] * b[k] }
      for k in 1..<dimension { b[k] = a[0] * b[k] + b[0] * a[k] }
      b[0] = head
      divide(b, by: lambda)
      scale(cone, b, into: a)
      for k in 0..<dimension { d[start + k] += a[k] }
    }
  }

  func stepLength(_ step: BlockStep, limit: Double) -> Double {
    var length = limit
    for start in starts {
      length = crossing(step.s + start, step.ds + start, limit: length)
      length = crossing(step.z + start, step.dz + start, limit: length)
    }
    return length
  }

  func isInside(_ step: BlockStep, _ length: Double) -> Bool {
    starts.allSatisfy {
      depth(step.s + $0, step.ds + $0, length) != nil
        && depth(step.z + $0, step.dz + $0, length) != nil
    }
  }

  func retract(_ step: BoundaryStep) -> Bool {
    for start in starts {
      retract(step.s + start, from: step.oldS + start)
      retract(step.z + start, from: step.oldZ + start)
    }
    return true
  }

  private func retract(
    _ v: UnsafeMutablePointer<Double>, from old: UnsafeMutablePointer<Double>
  ) {
    v[0] = max(v[0], norm(v) + BoundaryStep.leastShare * (old[0] - norm(old)))
  }

  func proximity(_ step: BlockStep, _ length: Double) -> Double {
    var sum = 0.0
    for start in starts {
      guard let s = depth(step.s + start, step.ds + start, length),
        let z = depth(step.z + start, step.dz + start, length)
      else { return .infinity }
      sum -= 0.5 * log(s * z)
    }
    return sum
  }

  /// det(v + α Δ), or nil outside or so near to the boundary that rounding may pass it.
  private func depth(
    _ v: UnsafeMutablePointer<Double>, _ dv: UnsafeMutablePointer<Double>, _ length: Double
  ) -> Double? {
    let head = v[0] + length * dv[0]
    var tail = 0.0
    for k in 1..<dimension {
      let x = v[k] + length * dv[k]
      tail += x * x
    }
    let root = tail.squareRoot()
    return head - root > .ulpOfOne * head ? (head - root) * (head + root) : nil
  }

  // MARK: One cone

  private var starts: StrideTo<Int> {
    stride(from: rows.lowerBound, to: rows.upperBound, by: dimension)
  }

  /// ‖v₁‖.
  private func norm(_ v: UnsafeMutablePointer<Double>) -> Double {
    var sum = 0.0
    for k in 1..<dimension { sum += v[k] * v[k] }
    return sum.squareRoot()
  }

  /// v₀² − ‖v₁‖², as a product that keeps digits near the boundary.
  private func determinant(_ v: UnsafeMutablePointer<Double>) -> Double {
    let tail = norm(v)
    return v[0] > tail ? (v[0] - tail) * (v[0] + tail) : -1
  }

  /// y = W v.
  private func scale(
    _ cone: Int, _ v: UnsafeMutablePointer<Double>, into y: UnsafeMutablePointer<Double>
  ) {
    let (w, eta) = (w + cone * dimension, eta[cone])
    var product = 0.0
    for k in 1..<dimension { product += w[k] * v[k] }
    let factor = v[0] + product / (1 + w[0])
    y[0] = eta * (w[0] * v[0] + product)
    for k in 1..<dimension { y[k] = eta * (v[k] + factor * w[k]) }
  }

  /// y = W⁻¹ v.
  private func unscale(
    _ cone: Int, _ v: UnsafeMutablePointer<Double>, into y: UnsafeMutablePointer<Double>
  ) {
    let (w, eta) = (w + cone * dimension, eta[cone])
    var product = 0.0
    for k in 1..<dimension { product += w[k] * v[k] }
    let factor = product / (1 + w[0]) - v[0]
    y[0] = (w[0] * v[0] - product) / eta
    for k in 1..<dimension { y[k] = (v[k] + factor * w[k]) / eta }
  }

  /// r ← λ ∖ r: the solution y of λ ∘ y = r.
  private func divide(_ r: UnsafeMutablePointer<Double>, by lambda: UnsafeMutablePointer<Double>) {
    var product = 0.0
    for k in 1..<dimension { product += lambda[k] * r[k] }
    let head = (lambda[0] * r[0] - product) / determinant(lambda)
    for k in 1..<dimension { r[k] = (r[k] - head * lambda[k]) / lambda[0] }
    r[0] = head
  }

  /// The first α ≤ `limit` with det(v + α Δ) = 0, from a α² + 2 b α + c = 0.
  private func crossing(
    _ v: UnsafeMutablePointer<Double>, _ dv: UnsafeMutablePointer<Double>, limit: Double
  ) -> Double {
    var (a, b) = (dv[0] * dv[0], v[0] * dv[0])
    for k in 1..<dimension {
      a -= dv[k] * dv[k]
      b -= v[k] * dv[k]
    }
    let c = determinant(v)
    if c <= 0 { return 0 }
    let discriminant = b * b - a * c
    if (a >= 0 && b >= 0) || discriminant < 0 { return limit }
    // The root that does not subtract; the other one follows from the product c/a.
    let root = discriminant.squareRoot()
    let length = b < 0 ? c / (root - b) : -(b + root) / a
    return length >= 0 ? min(limit, length) : limit
  }
}
