import Foundation

/// Three-dimensional cones without a Nesterov-Todd scaling: the exponential and the power cone.
///
/// The scaling is the BFGS update of μ ∇²f*(z) that maps z to s and z′ = −∇f(s) to s′ = −∇f*(z):
///
/// ```
/// H = s sᵀ/(sᵀz) + δs δsᵀ/(δsᵀδz) + t a aᵀ,   δs = s − μ s′,   δz = z − μ z′                (8)
/// a ∝ z × z′,   t = μ ‖∇²f* − s′ s′ᵀ/3 − c cᵀ/(z′ᵀ∇²f* z′ − 3 μ′²)‖_F,   c = μ′ s′ − ∇²f* z′
/// ```
///
/// with μ = sᵀz/3, μ′ = s′ᵀz′/3. On the central path δs = δz = 0 and H = μ ∇²f*(z) is the limit.
///
/// - Source: Tunçel (2001); Dahl, Andersen, Math. Program. 194 (2022), for dimension 3.
final class BarrierBlock<Barrier: DualBarrier>: ConeBlock {
  let rows: Range<Int>
  private let barriers: [Barrier]
  var degree: Int { rows.count }
  var isSymmetric: Bool { false }
  var pattern: HessianPattern { .dense(3) }

  /// How much shorter the next step is that is tried.
  static var backtracking: Double { 0.9 }
  /// δsᵀδz is 3μ (μ μ′ − 1); where the two differ by more than this share, they are rounding.
  private static var tolerance: Double { 0.1 }
  /// H of every cone.
  private let scalings: UnsafeMutablePointer<Symmetric3>
  /// ∇²f*(z), and ψ, of every cone.
  private let hessians: UnsafeMutablePointer<Symmetric3>
  private let psi: UnsafeMutablePointer<PsiDerivatives>

  init(rows: Range<Int>, barriers: [Barrier]) {
    self.rows = rows
    self.barriers = barriers
    scalings = .allocate(capacity: barriers.count)
    scalings.initialize(repeating: Symmetric3(), count: barriers.count)
    hessians = .allocate(capacity: barriers.count)
    hessians.initialize(repeating: Symmetric3(), count: barriers.count)
    psi = .allocate(capacity: barriers.count)
    psi.initialize(repeating: PsiDerivatives(), count: barriers.count)
  }

  deinit {
    scalings.deallocate()
    hessians.deallocate()
    psi.deallocate()
  }

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
      let hessian = barrier.hessian(z, local)
      (psi[cone], hessians[cone]) = (local, hessian)
      let scaling =
        switch strategy {
        case .primalDual:
          BarrierBlock.primalDual(barrier, s, z, -barrier.gradient(z, local), hessian)
            ?? (s.dot(z) / 3) * hessian
        case .dual: mu * hessian
        }
      scalings[cone] = scaling
      isFinite = isFinite && scaling.isFinite
    }
    return isFinite
  }

  /// (8), or nil where s is so near the central path that it divides by nothing: there its limit
  /// takes its place, with the cone's own μ, so that H z = s still holds.
  private static func primalDual(
    _ barrier: Barrier, _ s: Triple, _ z: Triple, _ shadow: Triple, _ hessian: Symmetric3
  ) -> Symmetric3? {
    guard let shadowDual = barrier.dualPoint(s)?.point else { return nil }
    let product = s.dot(z)
    let (mu, shadowMu) = (product / 3, shadow.dot(shadowDual) / 3)
    var (ds, dz) = (s - mu * shadow, z - mu * shadowDual)
    // Orthogonal to z and s, which rounding spoils where they are small: H z = s depends on it.
    ds -= (ds.dot(z) / product) * s
    dz -= (dz.dot(s) / product) * z
    let expected = 3 * mu * (mu * shadowMu - 1)
    let curvature = hessian.quadratic(shadowDual) - 3 * shadowMu * shadowMu
    let ofDifferences = ds.dot(dz)
    guard
      abs(ofDifferences - expected) <= BarrierBlock.tolerance * expected, abs(curvature) > 2.2e-16,
      product > 0, ofDifferences > 0
    else { return nil }
    let c = shadowMu * shadow - hessian * shadowDual
    let rest =
      hessian - Symmetric3(outer: shadow, scale: 1 / 3) - Symmetric3(outer: c, scale: 1 / curvature)
    let axis = z.cross(shadowDual)
    let length = axis.dot(axis)
    guard length > 0 else { return nil }
    return Symmetric3(outer: s, scale: 1 / product)
      + Symmetric3(outer: ds, scale: 1 / ofDifferences)
      + Symmetric3(outer: axis, scale: mu * rest.frobeniusNorm / length)
  }

  func writeHessian(into h: UnsafeMutablePointer<Double>) {
    for cone in 0..<barriers.count { scalings[cone].writeUpper(into: h + 6 * cone) }
  }

  func multiplyHessian(_ v: UnsafeMutablePointer<Double>, into y: UnsafeMutablePointer<Double>) {
    each { row, cone, _ in y.store(scalings[cone] * v.triple(at: row), at: row) }
  }

  /// (7).
  func combine(_ d: UnsafeMutablePointer<Double>, _ at: CombinedStep) {
    let step = at.step
    each { row, cone, barrier in
      let z = step.z.triple(at: row)
      var sum = d.triple(at: row) + at.target * barrier.gradient(z, psi[cone])
      if let change = hessians[cone].solve(step.ds.triple(at: row)) {
        sum -= 0.5 * barrier.thirdDerivative(z, psi[cone], step.dz.triple(at: row), change)
      }
      d.store(sum, at: row)
    }
  }

  func stepLength(_ step: BlockStep, limit: Double) -> Double {
    var length = limit
    each { row, _, barrier in
      let (s, ds) = (step.s.triple(at: row), step.ds.triple(at: row))
      let (z, dz) = (step.z.triple(at: row), step.dz.triple(at: row))
      while length > 1e-10,
        !(barrier.contains(dual: z + length * dz) && barrier.contains(s + length * ds))
      {
        length *= BarrierBlock.backtracking
      }
    }
    return length
  }

  func proximity(_ step: BlockStep, _ length: Double) -> Double {
    var sum = 0.0
    each { row, _, barrier in
      let s = step.s.triple(at: row) + length * step.ds.triple(at: row)
      let z = step.z.triple(at: row) + length * step.dz.triple(at: row)
      guard barrier.contains(dual: z), barrier.contains(s), let dual = barrier.dualPoint(s) else {
        sum = .infinity
        return
      }
      // f(s) = −3 − f*(z′).
      sum += barrier.value(z) - dual.value
    }
    return sum
  }

  private func each(_ body: (_ row: Int, _ cone: Int, _ barrier: Barrier) -> Void) {
    for cone in 0..<barriers.count { body(rows.lowerBound + 3 * cone, cone, barriers[cone]) }
  }
}
