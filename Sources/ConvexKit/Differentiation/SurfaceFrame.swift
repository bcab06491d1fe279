/// Normal, ray and tangent where s and z are on the smooth boundaries of their cones, and how s moves
/// with z along the tangent.
///
/// ```
/// tᵀds + h tᵀdz = 0,   h = 1/(‖z‖κ(s)) = ‖s‖κ*(z)
/// ```
///
/// s gives z up to a factor, as the normal, and z gives s. The one of the two that the other is not
/// sensitive to is believed: z where h < 1, s otherwise. A mass of 1e-12 beside masses of 1 has no
/// digits after an interior point, but its multiplier has, and says what the mass is.
struct SurfaceFrame {
  let normal: Triple
  let tangent: Triple
  let h: Double
  /// How far inside s is.
  let depth: Double
  /// s and z, consistent.
  let slack: Triple
  let dual: Triple

  /// How far, relative, s and z may be from each other's normal and ray.
  private static let aside = 0.01

  /// The frame at s and z; nil where they are not on smooth parts, or do not belong together.
  static func make(
    _ s: Triple, _ z: Triple, _ primal: LocalSurface, _ dual: LocalSurface?
  ) -> SurfaceFrame? {
    let ray = unit(s, orthogonalTo: primal.normal)
    let tangent = primal.normal.cross(ray)
    let multiplier = z.dot(primal.normal)
    let h = 1 / (multiplier * primal.curvature(along: tangent))
    if let dual, !(h >= 1) { return fromDual(s, z, dual) }
    let snapped = multiplier * primal.normal
    guard h > 0, h.isFinite, areNear(z, snapped) else { return nil }
    return SurfaceFrame(
      normal: primal.normal, tangent: tangent, h: h, depth: primal.depth, slack: s, dual: snapped)
  }

  /// s from z, which is moved onto the boundary.
  private static func fromDual(_ s: Triple, _ z: Triple, _ dual: LocalSurface) -> SurfaceFrame? {
    let ray = dual.normal
    let size = s.dot(ray)
    let onBoundary = z - dual.depth * ray
    let normal = unit(onBoundary, orthogonalTo: ray)
    let tangent = normal.cross(ray)
    let h = size * dual.curvature(along: tangent)
    guard h > 0, h.isFinite else { return nil }
    return SurfaceFrame(
      normal: normal, tangent: tangent, h: h, depth: 0, slack: size * ray, dual: onBoundary)
  }

  private static func unit(_ v: Triple, orthogonalTo n: Triple) -> Triple {
    let rest = v - v.dot(n) * n
    return (1 / rest.dot(rest).squareRoot()) * rest
  }

  private static func areNear(_ a: Triple, _ b: Triple) -> Bool {
    let difference = a - b
    return difference.dot(difference) <= aside * aside * b.dot(b)
  }
}
