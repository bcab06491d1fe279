import Foundation

/// Three-dimensional cones without a Nesterov-Todd scaling: the exponential and the power cone.
///
/// The scaling is the BFGS update of μ ∇²f*(z) that maps z to s and z′ = −∇f(s) to s′ = −∇f*(z):
///
/// ```
/// H = s sᵀ/(sᵀz) + δs δsᵀ/(δsᵀδz) + t a aᵀ,   δs = s − μ s′,   δz = z − μ z′                (8)
/// a = z × z′,   t = μ/(aᵀ∇²f*(z)⁻¹ a)
/// ```
///
/// with μ = sᵀz/3, μ′ = s′ᵀz′/3. The last term is what projecting μ ∇²f*(z) off z and z′ leaves: as a
/// difference of matrices its digits are gone where the eigenvalues of ∇²f* differ by 1e8. On the
/// central path δs = δz = 0 and H = μ ∇²f*(z) is the limit.
///
/// A protocol with one conforming class per kind of cone, so that the loops are compiled for each.
///
/// - Source: Tunçel (2001); Dahl, Andersen, Math. Program. 194 (2022), for dimension 3.
protocol BarrierBlock: ConeBlock {
  associatedtype Barrier: DualBarrier
  /// The barrier of every cone.
  var barriers: [Barrier] { get }
  /// What belongs to the present point.
  var state: BarrierState { get }
}

extension BarrierBlock {
  var degree: Int { rows.count }
  var isSymmetric: Bool { false }
  var pattern: HessianPattern { .densePlusRankOne }

  /// How much shorter the next step is that is tried.
  private static var backtracking: Double { 0.9 }
  /// How often the last gap is halved.
  private static var bisections: Int { 3 }
  /// δsᵀδz is 3μ (μ μ′ − 1); where the two differ by more than this share, they are rounding.
  private static var tolerance: Double { 0.1 }
  /// A unit in the last place, with a margin for the few operations in ψ.
  private static var rounding: Double { 8 * 2.2e-16 }

  func setToCenter(_ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>) {
    each { row, _, barrier in
      s.store(barrier.center, at: row)
      z.store(barrier.center, at: row)
    }
  }

  func margin(_ v: UnsafeMutablePointer<Double>) -> Double { .infinity }

  func shift(_ v: UnsafeMutablePointer<Double>, by a: Double) {}

  func updateScaling(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ strategy: ScalingStrategy
  ) -> Bool {
    var isFinite = true
    each { row, cone, barrier in
      let (s, z) = (s.triple(at: row), z.triple(at: row))
      let local = barrier.psi(z)
      state.psi[cone] = local
      let curvature = barrier.curvature(z, local)
      let scaling =
        switch strategy {
        case .primalDual:
          Self.primalDual(barrier, s, z, local) ?? BarrierScaling(curvature, s, z)
        case .dual: BarrierScaling(curvature, mu: mu)
        }
      state.scalings[cone] = scaling
      isFinite = isFinite && scaling.isFinite
    }
    return isFinite
  }

  /// (8), or nil where it divides rounding by rounding: so near the central path that δs and δz are
  /// nothing. μ μ′ − 1 is the square of the distance; ψ, a sum of terms that cancel beside the boundary,
  /// says how much of it is rounding. Where it is, (8) and the limit with H z = s differ by less than
  /// the square root of the rounding.
  private static func primalDual(
    _ barrier: Barrier, _ s: Triple, _ z: Triple, _ psi: PsiDerivatives
  ) -> BarrierScaling? {
    let product = s.dot(z)
    guard product > 0, let shadowDual = barrier.dualPoint(s)?.point else { return nil }
    let shadow = -barrier.gradient(z, psi)
    let (mu, shadowMu) = (product / 3, shadow.dot(shadowDual) / 3)
    var (ds, dz) = (s - mu * shadow, z - mu * shadowDual)
    // Orthogonal to z and s, which rounding spoils where they are small: H z = s depends on it.
    ds -= (ds.dot(z) / product) * s
    dz -= (dz.dot(s) / product) * z
    let distance = mu * shadowMu - 1
    let terms = psi.gradient * z
    let size = abs(terms[0]) + abs(terms[1]) + abs(terms[2])
    let (expected, ofDifferences) = (3 * mu * distance, ds.dot(dz))
    guard
      distance * psi.value > Self.rounding * size,
      abs(ofDifferences - expected) <= Self.tolerance * expected
    else { return nil }
    // z × z′ up to a factor, and again orthogonal to z.
    var axis = z.cross(dz)
    axis -= (axis.dot(z) / z.dot(z)) * z
    let square = axis.dot(barrier.solveHessian(axis, z, psi))
    guard square > 0 else { return nil }
    return BarrierScaling(
      (1 / product.squareRoot()) * s, (1 / ofDifferences.squareRoot()) * ds,
      (mu / square).squareRoot() * axis, along: s)
  }

  func writeHessian(into h: UnsafeMutablePointer<Double>) {
    let (count, scalings) = (barriers.count, state.scalings)
    for cone in 0..<count {
      scalings[cone].rest.writeUpper(into: h + 6 * cone)
      h.store(scalings[cone].ray, at: 6 * count + 4 * cone)
      h[6 * count + 4 * cone + 3] = -scalings[cone].pivot
    }
  }

  func multiplyHessian(
    _ v: UnsafeMutablePointer<Double>, _ extra: UnsafeMutablePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    each { row, cone, _ in
      let scaling = state.scalings[cone]
      y.store(extra[cone] * scaling.ray + scaling.rest * v.triple(at: row), at: row)
    }
  }

  /// (7).
  func combine(_ d: UnsafeMutablePointer<Double>, _ at: CombinedStep) {
    let step = at.step
    each { row, cone, barrier in
      let z = step.z.triple(at: row)
      let local = state.psi[cone]
      let change = barrier.solveHessian(step.ds.triple(at: row), z, local)
      let bend = barrier.thirdDerivative(z, local, step.dz.triple(at: row), change)
      d.store(d.triple(at: row) + at.target * barrier.gradient(z, local) - 0.5 * bend, at: row)
    }
  }

  func stepLength(_ step: BlockStep, limit: Double) -> Double {
    var length = limit
    each { row, _, barrier in
      let (s, ds) = (step.s.triple(at: row), step.ds.triple(at: row))
      let (z, dz) = (step.z.triple(at: row), step.dz.triple(at: row))
      func isInside(_ length: Double) -> Bool {
        barrier.contains(dual: z + length * dz) && barrier.contains(s + length * ds)
      }
      guard !isInside(length) else { return }
      var outside = length
      while length > 1e-10 {
        length *= Self.backtracking
        if isInside(length) { break }
        outside = length
      }
      for _ in 0..<Self.bisections {
        let middle = (length + outside) / 2
        if isInside(middle) { length = middle } else { outside = middle }
      }
    }
    return length
  }

  func proximity(_ step: BlockStep, _ length: Double) -> Double {
    var sum = 0.0
    each { row, _, barrier in
      let s = step.s.triple(at: row) + length * step.ds.triple(at: row)
      let z = step.z.triple(at: row) + length * step.dz.triple(at: row)
      guard barrier.contains(dual: z), let dual = barrier.dualPoint(s) else {
        sum = .infinity
        return
      }
      // f(s) = −3 − f*(z′).
      sum += barrier.value(z) - dual.value
    }
    return sum
  }

  @inline(__always)
  private func each(_ body: (_ row: Int, _ cone: Int, _ barrier: Barrier) -> Void) {
    for cone in 0..<barriers.count { body(rows.lowerBound + 3 * cone, cone, barriers[cone]) }
  }
}
