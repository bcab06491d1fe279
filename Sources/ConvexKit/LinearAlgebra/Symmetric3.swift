/// A symmetric 3 × 3 matrix.
struct Symmetric3 {
  var xx = 0.0
  var xy = 0.0
  var yy = 0.0
  var xz = 0.0
  var yz = 0.0
  var zz = 0.0

  init() {}

  init(xx: Double, xy: Double, yy: Double, xz: Double, yz: Double, zz: Double) {
    (self.xx, self.xy, self.yy) = (xx, xy, yy)
    (self.xz, self.yz, self.zz) = (xz, yz, zz)
  }

  /// c v vᵀ.
  init(outer v: Triple, scale c: Double) {
    let w = c * v
    self.init(
      xx: w[0] * v[0], xy: w[0] * v[1], yy: w[1] * v[1], xz: w[0] * v[2], yz: w[1] * v[2],
      zz: w[2] * v[2])
  }

  /// v wᵀ + w vᵀ.
  init(_ v: Triple, _ w: Triple) {
    self.init(
      xx: 2 * v[0] * w[0], xy: v[0] * w[1] + v[1] * w[0], yy: 2 * v[1] * w[1],
      xz: v[0] * w[2] + v[2] * w[0], yz: v[1] * w[2] + v[2] * w[1], zz: 2 * v[2] * w[2])
  }

  /// Whether no element is NaN or infinite.
  var isFinite: Bool { (xx + xy + yy + xz + yz + zz).isFinite }

  /// vᵀ A v.
  func quadratic(_ v: Triple) -> Double { v.dot(self * v) }

  /// The upper triangle, column after column.
  func writeUpper(into h: UnsafeMutablePointer<Double>) {
    h[0] = xx
    h[1] = xy
    h[2] = yy
    h[3] = xz
    h[4] = yz
    h[5] = zz
  }

  static func * (a: Symmetric3, v: Triple) -> Triple {
    Triple(
      a.xx * v[0] + a.xy * v[1] + a.xz * v[2], a.xy * v[0] + a.yy * v[1] + a.yz * v[2],
      a.xz * v[0] + a.yz * v[1] + a.zz * v[2])
  }

  static func * (c: Double, a: Symmetric3) -> Symmetric3 {
    Symmetric3(
      xx: c * a.xx, xy: c * a.xy, yy: c * a.yy, xz: c * a.xz, yz: c * a.yz, zz: c * a.zz)
  }

  static func + (a: Symmetric3, b: Symmetric3) -> Symmetric3 {
    Symmetric3(
      xx: a.xx + b.xx, xy: a.xy + b.xy, yy: a.yy + b.yy, xz: a.xz + b.xz, yz: a.yz + b.yz,
      zz: a.zz + b.zz)
  }

  static func - (a: Symmetric3, b: Symmetric3) -> Symmetric3 { a + (-1) * b }
}
