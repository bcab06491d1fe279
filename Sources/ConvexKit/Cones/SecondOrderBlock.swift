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
/// and W z = W⁻¹ s = λ. In large cones H is written η² (D + u uᵀ − v vᵀ), D diagonal, which keeps
/// the factorization sparse:
///
/// ```
/// D = diag(δ, 1, …),  u = (u₀, u₁ w₁),  v = (0, v₁ w₁),  ω = w₀² + ‖w₁‖²,  δ = 1/(2ω)
/// u₀² = ω − δ,   u₁ = 2 w₀/u₀,   v₁² = u₁² − 2
/// ```
///
/// - Source: Nesterov, Todd (1998); Domahidi, Chu, Boyd, ECOS (2013), for the sparse form.
final class SecondOrderBlock: ConeBlock {
  let rows: Range<Int>
  /// d.
  let dimension: Int
  /// How many cones there are.
  let count: Int
  var degree: Int { count }
  var isSymmetric: Bool { true }
  var pattern: HessianPattern {
    dimension > SecondOrderBlock.largestDense ? .diagonalPlusRankTwo : .dense(dimension)
  }

  /// Up to this dimension a dense block has no more entries than the sparse form makes fill.
  static let largestDense = 5

  private let arena = Arena()
  /// w of every cone, one after the other.
  private let w: UnsafeMutablePointer<Double>
  /// η of every cone.
  private let eta: UnsafeMutablePointer<Double>
  private let first, second, third: UnsafeMutablePointer<Double>

  init(rows: Range<Int>, dimension: Int) {
    self.rows = rows
    self.dimension = dimension
    count = rows.count / dimension
    w = arena.numbers(rows.count)
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
      eta[cone] = (rootS / rootZ).squareRoot()
      guard eta[cone].isFinite, w[0].isFinite else { return false }
    }
    return true
  }

  func writeHessian(into h: UnsafeMutablePointer<Double>) {
    switch pattern {
    case .dense: writeDense(into: h)
    default: writeSparse(into: h)
    }
  }

  /// η² (2 w wᵀ − J), its upper triangle column after column.
  private func writeDense(into h: UnsafeMutablePointer<Double>) {
    var next = 0
    for cone in 0..<count {
      let (w, square) = (w + cone * dimension, eta[cone] * eta[cone])
      for column in 0..<dimension {
        for row in 0...column {
          h[next] = 2 * square * w[row] * w[column]
          if row == column { h[next] += row == 0 ? -square : square }
          next += 1
        }
      }
    }
  }

  /// η² D, η² v, η² u, η² of every cone.
  private func writeSparse(into h: UnsafeMutablePointer<Double>) {
    for cone in 0..<count {
      let (w, square) = (w + cone * dimension, eta[cone] * eta[cone])
      let target = h + cone * (3 * dimension + 1)
      let (diagonal, v, u) = (target, target + dimension, target + 2 * dimension)
      let omega = 2 * w[0] * w[0] - 1
      let delta = 1 / (2 * omega)
      let u0 = (omega - delta).squareRoot()
      let u1 = 2 * w[0] / u0
      let v1 = (2 * (1 + delta) / (omega - delta)).squareRoot()
      diagonal[0] = square * delta
      v[0] = 0
      u[0] = square * u0
      for k in 1..<dimension {
        diagonal[k] = square
        v[k] = square * v1 * w[k]
        u[k] = square * u1 * w[k]
      }
      target[3 * dimension] = square
    }
  }

  func multiplyHessian(
    _ v: UnsafeMutablePointer<Double>, _ extra: UnsafeMutablePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    for (cone, start) in zip(0..., starts) {
      let (w, v, y) = (w + cone * dimension, v + start, y + start)
      let square = eta[cone] * eta[cone]
      var product = 0.0
      for k in 0..<dimension { product += w[k] * v[k] }
      y[0] = square * (2 * product * w[0] - v[0])
      for k in 1..<dimension { y[k] = square * (2 * product * w[k] + v[k]) }
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

  func proximity(_ step: BlockStep, _ length: Double) -> Double {
    var sum = 0.0
    for start in starts {
      for (v, dv) in [(step.s, step.ds), (step.z, step.dz)] {
        let head = v[start] + length * dv[start]
        var tail = 0.0
        for k in 1..<dimension {
          let x = v[start + k] + length * dv[start + k]
          tail += x * x
        }
        let root = tail.squareRoot()
        guard head > root else { return .infinity }
        sum -= 0.5 * log((head - root) * (head + root))
      }
    }
    return sum
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
