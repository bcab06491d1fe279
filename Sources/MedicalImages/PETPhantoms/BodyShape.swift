import Foundation

// Bodies in space, by (approximate) signed distance d in mm, negative inside:
//
//   superellipsoid   ρ(p) = (Σ_axes |p·e_n / a_n|^q)^(1/q),   d = |p| (1 − 1/ρ)                  (1)
//   round cone       t = clamp(⟨p − a, b − a⟩ / |b − a|², 0, 1),   d = |p − a − t (b − a)| − r(t)    (2)
//   loft             (1) in two dimensions with half-axes and center interpolated along z         (3)
//
// (1) is the distance along the ray from the center: exact for spheres, at most the aspect ratio
// too large elsewhere. (2) is exact for equal radii.

/// A simple shape in the frame of the patient, in mm.
struct BodyShape: Sendable {
  /// A cross-section of a loft at height z.
  struct Station: Sendable {
    let z: Double
    let centerY: Double
    let halfWidth: Double
    let halfDepth: Double
  }

  private enum Kind: Sendable {
    case superellipsoid(
      center: SIMD3<Double>, axes: SIMD3<Double>, frame: [SIMD3<Double>], exponent: Double)
    case cone(from: SIMD3<Double>, to: SIMD3<Double>, radii: SIMD2<Double>)
    case loft(stations: [Station], exponent: Double)
  }

  private let kind: Kind
  /// The corners of a box around the shape.
  let low: SIMD3<Double>
  let high: SIMD3<Double>

  /// A superellipsoid, turned by `tilt` radians about the y axis (its x axis towards −z).
  static func superellipsoid(
    center: SIMD3<Double>, axes: SIMD3<Double>, tilt: Double = 0, exponent: Double = 2
  ) -> BodyShape {
    let (c, s) = (cos(tilt), sin(tilt))
    let frame = [SIMD3(c, 0, -s), SIMD3(0, 1, 0), SIMD3(s, 0, c)]
    // For exponents above 2 the box of the corner is safe.
    let reach = (0..<3).reduce(SIMD3<Double>.zero) { sum, n in
      sum + SIMD3(abs(frame[n].x), abs(frame[n].y), abs(frame[n].z)) * axes[n]
    }
    return BodyShape(
      kind: .superellipsoid(center: center, axes: axes, frame: frame, exponent: exponent),
      low: center - reach, high: center + reach)
  }

  /// A segment with a sphere at each end.
  static func cone(
    from a: SIMD3<Double>, _ radiusA: Double, to b: SIMD3<Double>, _ radiusB: Double
  ) -> BodyShape {
    BodyShape(
      kind: .cone(from: a, to: b, radii: SIMD2(radiusA, radiusB)),
      low: pointwiseMin(a - radiusA, b - radiusB), high: pointwiseMax(a + radiusA, b + radiusB))
  }

  /// Cross-sections joined linearly, from the lowest to the highest.
  static func loft(_ stations: [Station], exponent: Double = 2.5) -> BodyShape {
    var low = SIMD3(Double.infinity, .infinity, .infinity)
    var high = -low
    for s in stations {
      low = pointwiseMin(low, SIMD3(-s.halfWidth, s.centerY - s.halfDepth, s.z))
      high = pointwiseMax(high, SIMD3(s.halfWidth, s.centerY + s.halfDepth, s.z))
    }
    return BodyShape(kind: .loft(stations: stations, exponent: exponent), low: low, high: high)
  }

  /// The signed distance of a place, negative inside.
  func distance(_ place: SIMD3<Double>) -> Double {
    switch kind {
    case .superellipsoid(let center, let axes, let frame, let exponent):
      let p = place - center
      let q = SIMD3(dot(p, frame[0]), dot(p, frame[1]), dot(p, frame[2])) / axes
      return Self.radial(length(p), q, exponent, axes.min())  // (1)
    case .cone(let a, let b, let radii):
      let (along, p) = (b - a, place - a)
      let t = min(max(dot(p, along) / max(dot(along, along), 1e-9), 0), 1)
      return length(p - along * t) - (radii.x + t * (radii.y - radii.x))  // (2)
    case .loft(let stations, let exponent):
      guard let upper = stations.firstIndex(where: { $0.z >= place.z }), upper > 0 else {
        return .infinity
      }
      let (a, b) = (stations[upper - 1], stations[upper])
      let t = (place.z - a.z) / (b.z - a.z)
      func mix(_ x: Double, _ y: Double) -> Double { x + t * (y - x) }
      let p = SIMD3(place.x, place.y - mix(a.centerY, b.centerY), 0)
      let axes = SIMD2(mix(a.halfWidth, b.halfWidth), mix(a.halfDepth, b.halfDepth))
      return Self.radial(
        length(p), SIMD3(p.x / axes.x, p.y / axes.y, 0), exponent, axes.min())  // (3)
    }
  }

  private static func radial(
    _ radius: Double, _ q: SIMD3<Double>, _ exponent: Double, _ smallest: Double
  ) -> Double {
    let ρ =
      exponent == 2
      ? length(q)
      : pow(
        pow(abs(q.x), exponent) + pow(abs(q.y), exponent) + pow(abs(q.z), exponent), 1 / exponent)
    return ρ > 1e-6 ? radius * (1 - 1 / ρ) : -smallest
  }
}
