import Foundation

/// The smooth part of the boundary of a three-dimensional cone, as g(s) = 0 with g > 0 inside, and of
/// its dual, as g*(z) = 0.
///
/// Both are concave and homogeneous of degree 1, so that ∇²g s = 0: the boundary is straight along s.
protocol ConeSurface {
  /// g and its derivatives; nil where they do not exist.
  func local(_ s: Triple) -> LocalSurface?
  /// g* and its derivatives; nil where they do not exist.
  func dual(_ z: Triple) -> LocalSurface?
  /// Whether s is inside the flat face of the boundary, if there is one.
  func isOnFace(_ s: Triple, _ z: Triple) -> Bool
}

/// A boundary near a point.
struct LocalSurface {
  /// g.
  var value: Double
  /// ∇g.
  var gradient: Triple
  /// ∇²g.
  var hessian: Symmetric3<Double>

  /// ‖∇g‖.
  var slope: Double { gradient.dot(gradient).squareRoot() }
  /// g/‖∇g‖: about how far inside the point is.
  var depth: Double { value / slope }
  /// ∇g/‖∇g‖: the normal.
  var normal: Triple { (1 / slope) * gradient }

  /// The curvature along a tangent.
  func curvature(along tangent: Triple) -> Double { -hessian.quadratic(tangent) / slope }
}

/// g = y log(z/y) − x.
struct ExponentialSurface: ConeSurface {
  func local(_ s: Triple) -> LocalSurface? {
    let (x, y, z) = (s[0], s[1], s[2])
    guard y > 0, z > 0 else { return nil }
    let ratio = log(z / y)
    return LocalSurface(
      value: y * ratio - x, gradient: Triple(-1, ratio - 1, y / z),
      hessian: Symmetric3(xx: 0, xy: 0, yy: -1 / y, xz: 0, yz: 1 / z, zz: -y / (z * z)))
  }

  /// g* = v − u + u log(−u/w): ψ of the barrier.
  func dual(_ z: Triple) -> LocalSurface? {
    guard z[0] < 0, z[2] > 0 else { return nil }
    let psi = ExponentialBarrier().psi(LaneVector(repeating: z))
    return LocalSurface(
      value: psi.value[0], gradient: psi.gradient[lane: 0], hessian: psi.hessian[lane: 0])
  }

  /// The face x ≤ 0, y = 0, z ≥ 0, whose normal is (0, v, 0).
  func isOnFace(_ s: Triple, _ z: Triple) -> Bool {
    let clear = 0.01
    return z[1] > 0 && abs(s[1]) <= clear * z[1] && abs(z[0]) <= clear * z[1]
      && abs(z[2]) <= clear * z[1] && abs(z[0]) <= clear * -s[0] && abs(z[2]) <= clear * s[2]
      && abs(s[1]) <= clear * min(-s[0], s[2])
  }
}

/// g = xᵅ y^{1−α} − |z|.
struct PowerSurface: ConeSurface {
  let alpha: Double

  func local(_ s: Triple) -> LocalSurface? {
    let (x, y, z) = (s[0], s[1], s[2])
    guard x > 0, y > 0, z != 0 else { return nil }
    let (a, b) = (alpha, 1 - alpha)
    let f = exp(a * log(x) + b * log(y))
    let bend = a * b * f
    return LocalSurface(
      value: f - abs(z), gradient: Triple(a * f / x, b * f / y, z > 0 ? -1 : 1),
      hessian: Symmetric3(
        xx: -bend / (x * x), xy: bend / (x * y), yy: -bend / (y * y), xz: 0, yz: 0, zz: 0))
  }

  /// The dual cone is the cone in the coordinates (u/α, v/(1−α), w).
  func dual(_ z: Triple) -> LocalSurface? {
    let (a, b) = (1 / alpha, 1 / (1 - alpha))
    guard var surface = local(Triple(a * z[0], b * z[1], z[2])) else { return nil }
    surface.gradient = surface.gradient * Triple(a, b, 1)
    surface.hessian.xx *= a * a
    surface.hessian.xy *= a * b
    surface.hessian.yy *= b * b
    return surface
  }

  func isOnFace(_ s: Triple, _ z: Triple) -> Bool { false }
}
