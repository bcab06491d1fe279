import Foundation

/// The smooth part of the boundary of a three-dimensional cone, as g(s) = 0 with g > 0 inside.
///
/// g is concave and homogeneous of degree 1, so that ∇²g s = 0: the boundary is straight along s.
protocol ConeSurface {
  /// g and its derivatives; nil where they do not exist.
  func local(_ s: Triple) -> (value: Double, gradient: Triple, hessian: Symmetric3)?
  /// About how deep z is in the dual cone; 0 or less outside.
  func dualDepth(_ z: Triple) -> Double
  /// Whether s is inside the flat face of the boundary, if there is one.
  func isOnFace(_ s: Triple, _ z: Triple) -> Bool
}

/// g = y log(z/y) − x.
struct ExponentialSurface: ConeSurface {
  func local(_ s: Triple) -> (value: Double, gradient: Triple, hessian: Symmetric3)? {
    let (x, y, z) = (s[0], s[1], s[2])
    guard y > 0, z > 0 else { return nil }
    let ratio = log(z / y)
    return (
      y * ratio - x, Triple(-1, ratio - 1, y / z),
      Symmetric3(xx: 0, xy: 0, yy: -1 / y, xz: 0, yz: 1 / z, zz: -y / (z * z))
    )
  }

  /// The dual cone is the cone in the coordinates (u − v, −u, w).
  func dualDepth(_ z: Triple) -> Double {
    guard let local = local(Triple(z[0] - z[1], -z[0], z[2])) else { return 0 }
    return local.value / local.gradient.dot(local.gradient).squareRoot()
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

  func local(_ s: Triple) -> (value: Double, gradient: Triple, hessian: Symmetric3)? {
    let (x, y, z) = (s[0], s[1], s[2])
    guard x > 0, y > 0, z != 0 else { return nil }
    let (a, b) = (alpha, 1 - alpha)
    let f = exp(a * log(x) + b * log(y))
    let bend = a * b * f
    return (
      f - abs(z), Triple(a * f / x, b * f / y, z > 0 ? -1 : 1),
      Symmetric3(
        xx: -bend / (x * x), xy: bend / (x * y), yy: -bend / (y * y), xz: 0, yz: 0, zz: 0)
    )
  }

  /// The dual cone is the cone in the coordinates (u/α, v/(1−α), w).
  func dualDepth(_ z: Triple) -> Double {
    let scaled = Triple(z[0] / alpha, z[1] / (1 - alpha), z[2])
    guard scaled[0] > 0, scaled[1] > 0 else { return 0 }
    let f = exp(alpha * log(scaled[0]) + (1 - alpha) * log(scaled[1]))
    return min(f - abs(z[2]), scaled[0], scaled[1])
  }

  func isOnFace(_ s: Triple, _ z: Triple) -> Bool { false }
}
