/// Newton steps on the curved boundary of three-dimensional cones.
///
/// Where s and z are complementary there, g(z) = 0 and s = λ r with r = ∇g(z). A step towards the second that
/// keeps the first is (6) with the pieces R = −λ ∇²g = λ b bᵀ, c = 0 of H, the ray r and d = s − λ r, which
/// is 0 behind a retraction:
///
/// ```
/// Δs = Δλ r − λ b bᵀΔz − (s − λ r),   rᵀΔz = 0                                          (15)
/// ```
///
/// Cones of which sᵀz does not yet tell that this is where they end keep the scaling that they have inside,
/// and d = s.
extension BarrierBlock {
  /// sᵀz as a share of its terms, below which s and z are taken to be near complementary rays.
  private static var resolution: Double { 0.01 }

  private static func isResolved(
    _ barrier: Barrier, _ s: LaneVector, _ z: LaneVector
  ) -> LaneMask {
    let terms = s * z
    let size = terms.x.magnitude + terms.y.magnitude + terms.z.magnitude
    let isSmall: LaneMask = terms.x + terms.y + terms.z .< resolution * size
    return isSmall .| barrier.isBesideEnd(s, z)
  }

  /// λ of the multiple of r that is nearest to s.
  private static func multiplier(_ s: LaneVector, _ ray: LaneVector) -> Lanes {
    s.dot(ray) / ray.dot(ray)
  }

  func updateBoundary(
    _ s: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>, mu: Double,
    _ d: UnsafeMutablePointer<Double>
  ) -> Bool {
    var isFinite = true
    each { group, index, barrier in
      let (s, z) = (group.vectors(s), group.vectors(z))
      let isInside = .!Self.isResolved(barrier, s, z)
      let boundary = barrier.boundary(z)
      let multiplier = Self.multiplier(s, boundary.ray)
      var scaling = BarrierScaling(boundary, multiplier: multiplier)
      var offset = s - multiplier * boundary.ray
      if any(isInside) {
        scaling.replace(
          with: Self.primalDual(barrier, s, z, barrier.psi(z)), where: isInside)
        offset.replace(with: s, where: isInside)
      }
      state.scalings[index] = scaling
      group.store(offset, into: d)
      isFinite = isFinite && all(scaling.isFinite)
    }
    return isFinite
  }

  func retract(_ step: BoundaryStep) -> Bool {
    var isThere = true
    each { group, _, barrier in
      let (s, z) = (group.vectors(step.s), group.vectors(step.z))
      let (oldS, oldZ) = (group.vectors(step.oldS), group.vectors(step.oldZ))
      let isInside = .!Self.isResolved(barrier, oldS, oldZ)
      var (dual, isOnBoundary) = barrier.ontoBoundary(dual: z)
      let ray = barrier.boundary(dual).ray
      let multiplier = Self.multiplier(s, ray)
      var primal = multiplier * ray
      if any(isInside) {
        primal.replace(with: barrier.inside(s, from: oldS), where: isInside)
        dual.replace(with: barrier.inside(dual: z, from: oldZ), where: isInside)
      }
      group.store(primal, into: step.s)
      group.store(dual, into: step.z)
      isThere = isThere && all(isInside .| (isOnBoundary .& (multiplier .> 0)))
    }
    return isThere
  }
}
