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
/// Four cones side by side are one step of every loop (``ConeGroup``). A protocol with one conforming
/// class per kind of cone, so that the loops are compiled for each.
///
/// - Source: Tunçel (2001); Dahl, Andersen, Math. Program. 194 (2022), for dimension 3.
protocol BarrierBlock: ConeBlock {
  associatedtype Barrier: DualBarrier
  /// The barriers of a group of cones.
  func barrier(_ group: Int) -> Barrier
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
    each { group, _, barrier in
      group.store(barrier.center, into: s)
      group.store(barrier.center, into: z)
    }
  }

  func margin(_ v: UnsafeMutablePointer<Double>) -> Double { .infinity }

  func shift(_ v: UnsafeMutablePointer<Double>, by a: Double) {}

  func updateScaling(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ strategy: ScalingStrategy
  ) -> Bool {
    var isFinite = true
    each { group, index, barrier in
      let (s, z) = (group.vectors(s), group.vectors(z))
      let local = barrier.psi(z)
      state.psi[index] = local
      let scaling =
        switch strategy {
        case .primalDual: Self.primalDual(barrier, s, z, local)
        case .dual: BarrierScaling(barrier.curvature(z, local), mu: Lanes(repeating: mu))
        }
      state.scalings[index] = scaling
      isFinite = isFinite && all(scaling.isFinite .& (scaling.pivot .> 0))
    }
    return isFinite
  }

  /// (8), or the limit with H z = s where (8) divides rounding by rounding: so near the central path that
  /// δs and δz are nothing. μ μ′ − 1 is the square of the distance; ψ, a sum of terms that cancel beside
  /// the boundary, says how much of it is rounding. Where it is, (8) and the limit differ by less than
  /// the square root of the rounding.
  static func primalDual(
    _ barrier: Barrier, _ s: LaneVector, _ z: LaneVector, _ psi: PsiDerivatives
  ) -> BarrierScaling {
    let product = s.dot(z)
    let (shadowDual, isThere) = barrier.dualPoint(s)
    let shadow = -barrier.gradient(z, psi)
    let (mu, shadowMu) = (product / 3, shadow.dot(shadowDual) / 3)
    var (ds, dz) = (s - mu * shadow, z - mu * shadowDual)
    // Orthogonal to z and s, which rounding spoils where they are small: H z = s depends on it.
    ds -= (ds.dot(z) / product) * s
    dz -= (dz.dot(s) / product) * z
    let distance = mu * shadowMu - 1
    let terms = psi.gradient * z
    let size = terms.x.magnitude + terms.y.magnitude + terms.z.magnitude
    let (expected, ofDifferences) = (3 * mu * distance, ds.dot(dz))
    // z × z′ up to a factor, and again orthogonal to z.
    var axis = z.cross(dz)
    axis -= (axis.dot(z) / z.dot(z)) * z
    let square = axis.dot(barrier.solveHessian(axis, z, psi))
    let isMeasured: LaneMask = distance * psi.value .> rounding * size
    let isConsistent: LaneMask = (ofDifferences - expected).magnitude .<= tolerance * expected
    let isAway = isThere .& (product .> 0) .& (square .> 0) .& isMeasured .& isConsistent
    var scaling = BarrierScaling(
      (1 / product.squareRoot()) * s, (1 / ofDifferences.squareRoot()) * ds,
      (mu / square).squareRoot() * axis, along: s)
    if !all(isAway) {
      scaling.replace(
        with: BarrierScaling(barrier.curvature(z, psi), s, z), where: .!isAway)
    }
    return scaling
  }

  func writeHessian(into h: UnsafeMutablePointer<Double>) {
    let rays = h + 2 * rows.count
    each { group, index, _ in
      let scaling = state.scalings[index]
      let (upper, ray) = (h + 6 * group.first, rays + 4 * group.first)
      group.store(scaling.rest.xx, into: upper, 6)
      group.store(scaling.rest.xy, into: upper + 1, 6)
      group.store(scaling.rest.yy, into: upper + 2, 6)
      group.store(scaling.rest.xz, into: upper + 3, 6)
      group.store(scaling.rest.yz, into: upper + 4, 6)
      group.store(scaling.rest.zz, into: upper + 5, 6)
      group.store(scaling.ray.x, into: ray, 4)
      group.store(scaling.ray.y, into: ray + 1, 4)
      group.store(scaling.ray.z, into: ray + 2, 4)
      group.store(-scaling.pivot, into: ray + 3, 4)
    }
  }

  func multiplyHessian(
    _ v: UnsafeMutablePointer<Double>, _ extra: UnsafeMutablePointer<Double>,
    into y: UnsafeMutablePointer<Double>
  ) {
    each { group, index, _ in
      let scaling = state.scalings[index]
      let along = group.numbers(extra + group.first, 1)
      group.store(along * scaling.ray + scaling.rest * group.vectors(v), into: y)
    }
  }

  /// (7).
  func combine(_ d: UnsafeMutablePointer<Double>, _ at: CombinedStep) {
    let (step, target) = (at.step, Lanes(repeating: at.target))
    each { group, index, barrier in
      let z = group.vectors(step.z)
      let local = state.psi[index]
      let change = barrier.solveHessian(group.vectors(step.ds), z, local)
      let bend = barrier.thirdDerivative(z, local, group.vectors(step.dz), change)
      let aim = target * barrier.gradient(z, local) - Lanes(repeating: 0.5) * bend
      group.store(group.vectors(d) + aim, into: d)
    }
  }

  func stepLength(_ step: BlockStep, limit: Double) -> Double {
    var length = limit
    each { group, _, barrier in
      let (s, ds) = (group.vectors(step.s), group.vectors(step.ds))
      let (z, dz) = (group.vectors(step.z), group.vectors(step.dz))
      func isInside(_ length: Double) -> Bool {
        let length = Lanes(repeating: length)
        return all(barrier.contains(dual: z + length * dz) .& barrier.contains(s + length * ds))
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
    let length = Lanes(repeating: length)
    var sum = Lanes.zero
    each { group, _, barrier in
      let s = group.vectors(step.s) + length * group.vectors(step.ds)
      let z = group.vectors(step.z) + length * group.vectors(step.dz)
      sum += barrier.proximity(s, z).replacing(with: 0, where: .!group.isThere)
    }
    return sum.sum()
  }

  @inline(__always)
  func each(_ body: (_ group: ConeGroup, _ index: Int, _ barrier: Barrier) -> Void) {
    for index in 0..<ConeGroup.count(rows) {
      let group = ConeGroup(index, of: rows)
      body(group, index, barrier(index))
    }
  }
}
