import Foundation

// Bodies in space, by (approximate) signed distance d in mm, negative inside:
//
//   superellipsoid   s(p) = Σ_axes |p·e_n / a_n|^q,  ρ = s^(1/q),   d = |p| (1 − 1/ρ)             (1)
//   round cone       t = clamp(⟨p − a, b − a⟩ / |b − a|², 0, 1),   d = |p − a − t (b − a)| − r(t)    (2)
//   loft             (1) in two dimensions with half-axes and center interpolated along z         (3)
//
// with q = 2, or 2.5 for what is a little boxy. (1) is the distance along the ray from the center: exact
// for spheres, at most the aspect ratio too large elsewhere. (2) is exact for equal radii.
//
// A voxel of size h has the share clamp(½ − d/h, 0, 1) inside. Since |d| ≥ |ρ − 1| min a, only
// |ρ − 1| < h / (2 min a) needs the root in (1).                                                  (4)

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
    case superellipsoid(center: SIMD3<Double>, axes: SIMD3<Double>, tilt: SIMD2<Double>, Roundness)
    case cone(from: SIMD3<Double>, to: SIMD3<Double>, radii: SIMD2<Double>)
    case loft([Station])
  }

  private let kind: Kind
  /// The corners of a box around the shape.
  let low: SIMD3<Double>
  let high: SIMD3<Double>

  /// A superellipsoid, turned by `tilt` radians about the y axis (its x axis towards −z).
  static func superellipsoid(
    center: SIMD3<Double>, axes: SIMD3<Double>, tilt: Double = 0, _ roundness: Roundness = .ellipse
  ) -> BodyShape {
    let (c, s) = (cos(tilt), sin(tilt))
    let reach = SIMD3(
      abs(c) * axes.x + abs(s) * axes.z, axes.y, abs(s) * axes.x + abs(c) * axes.z)
    return BodyShape(
      kind: .superellipsoid(center: center, axes: axes, tilt: SIMD2(c, s), roundness),
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

  /// Slightly boxy cross-sections joined linearly, from the lowest to the highest.
  static func loft(_ stations: [Station]) -> BodyShape {
    var low = SIMD3(Double.infinity, .infinity, .infinity)
    var high = -low
    for s in stations {
      low = pointwiseMin(low, SIMD3(-s.halfWidth, s.centerY - s.halfDepth, s.z))
      high = pointwiseMax(high, SIMD3(s.halfWidth, s.centerY + s.halfDepth, s.z))
    }
    return BodyShape(kind: .loft(stations), low: low, high: high)
  }

  /// The share of voxels that is inside, for the places (x, y) of one height.
  ///
  /// - Parameters:
  ///   - z: The height.
  ///   - h: The size of a voxel.
  /// - Returns: The share at x and y, 0 to 1.
  func section(at z: Double, spacing h: Double) -> (Double, Double) -> Double {
    switch kind {
    case .superellipsoid(let center, let axes, let tilt, let roundness):
      let shell = Shell(roundness, smallest: axes.min(), spacing: h)
      return { x, y in
        let p = SIMD3(x, y, z) - center
        let turned = SIMD3(tilt.x * p.x - tilt.y * p.z, p.y, tilt.y * p.x + tilt.x * p.z)
        return shell.share(p, turned / axes)  // (1)
      }
    case .cone(let a, let b, let radii):
      let along = b - a
      let scale = 1 / max(dot(along, along), 1e-9)
      return { x, y in
        let p = SIMD3(x, y, z) - a
        let t = min(max(dot(p, along) * scale, 0), 1)
        let d = length(p - along * t) - (radii.x + t * (radii.y - radii.x))  // (2)
        return min(max(0.5 - d / h, 0), 1)
      }
    case .loft(let stations):
      guard let upper = stations.firstIndex(where: { $0.z >= z }), upper > 0 else {
        return { _, _ in 0 }
      }
      let (a, b) = (stations[upper - 1], stations[upper])
      let t = (z - a.z) / (b.z - a.z)
      func mix(_ x: Double, _ y: Double) -> Double { x + t * (y - x) }
      let center = mix(a.centerY, b.centerY)
      let axes = SIMD3(mix(a.halfWidth, b.halfWidth), mix(a.halfDepth, b.halfDepth), 1)
      let shell = Shell(.boxy, smallest: min(axes.x, axes.y), spacing: h)
      return { x, y in
        let p = SIMD3(x, y - center, 0)
        return shell.share(p, p / axes)  // (3)
      }
    }
  }
}

/// The exponent q of a superellipsoid.
enum Roundness: Sendable {
  /// 2
  case ellipse
  /// 2.5
  case boxy
}

/// The share of a voxel near the surface of a superellipsoid.
private struct Shell {
  let isBoxy: Bool
  let spacing: Double
  /// s of (1) below which a voxel is inside, above which it is outside, by (4).
  let inner: Double
  let outer: Double

  init(_ roundness: Roundness, smallest: Double, spacing: Double) {
    isBoxy = roundness == .boxy
    self.spacing = spacing
    let margin = spacing / (2 * smallest)
    let exponent = isBoxy ? 2.5 : 2
    inner = pow(max(0, 1 - margin), exponent)
    outer = pow(1 + margin, exponent)
  }

  /// - Parameters:
  ///   - p: The place relative to the center.
  ///   - q: p·e_n / a_n.
  /// - Returns: The share, 0 to 1.
  func share(_ p: SIMD3<Double>, _ q: SIMD3<Double>) -> Double {
    var s = dot(q, q)
    if isBoxy {
      let root = SIMD3(abs(q.x).squareRoot(), abs(q.y).squareRoot(), abs(q.z).squareRoot())
      s = dot(q * q, root)
    }
    if s <= inner { return 1 }
    if s >= outer { return 0 }
    let ρ = isBoxy ? pow(s, 0.4) : s.squareRoot()
    return min(max(0.5 - length(p) * (1 - 1 / ρ) / spacing, 0), 1)  // (1)
  }
}
