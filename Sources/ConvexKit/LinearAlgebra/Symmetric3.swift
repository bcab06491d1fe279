/// A symmetric 3 × 3 matrix.
struct Symmetric3<Number: Numbers> {
  var xx: Number
  var xy: Number
  var yy: Number
  var xz: Number
  var yz: Number
  var zz: Number

  @inline(__always)
  init(xx: Number, xy: Number, yy: Number, xz: Number, yz: Number, zz: Number) {
    (self.xx, self.xy, self.yy) = (xx, xy, yy)
    (self.xz, self.yz, self.zz) = (xz, yz, zz)
  }

  @inline(__always)
  init() {
    let zero = Number(repeating: 0)
    self.init(xx: zero, xy: zero, yy: zero, xz: zero, yz: zero, zz: zero)
  }

  /// c v vᵀ.
  @inline(__always)
  init(outer v: Vector3<Number>, scale c: Number) {
    let w = c * v
    self.init(
      xx: w.x * v.x, xy: w.x * v.y, yy: w.y * v.y, xz: w.x * v.z, yz: w.y * v.z, zz: w.z * v.z)
  }

  /// v vᵀ.
  @inline(__always)
  init(outer v: Vector3<Number>) {
    self.init(
      xx: v.x * v.x, xy: v.x * v.y, yy: v.y * v.y, xz: v.x * v.z, yz: v.y * v.z, zz: v.z * v.z)
  }

  /// v wᵀ + w vᵀ.
  @inline(__always)
  init(_ v: Vector3<Number>, _ w: Vector3<Number>) {
    let (x, y, z) = (v.x * w.x, v.y * w.y, v.z * w.z)
    self.init(
      xx: x + x, xy: v.x * w.y + v.y * w.x, yy: y + y, xz: v.x * w.z + v.z * w.x,
      yz: v.y * w.z + v.z * w.y, zz: z + z)
  }

  /// vᵀ A v.
  @inline(__always)
  func quadratic(_ v: Vector3<Number>) -> Number { v.dot(self * v) }

  @inline(__always)
  static func * (a: Symmetric3, v: Vector3<Number>) -> Vector3<Number> {
    Vector3(
      a.xx * v.x + a.xy * v.y + a.xz * v.z, a.xy * v.x + a.yy * v.y + a.yz * v.z,
      a.xz * v.x + a.yz * v.y + a.zz * v.z)
  }

  @inline(__always)
  static func * (c: Number, a: Symmetric3) -> Symmetric3 {
    Symmetric3(
      xx: c * a.xx, xy: c * a.xy, yy: c * a.yy, xz: c * a.xz, yz: c * a.yz, zz: c * a.zz)
  }

  @inline(__always)
  static func + (a: Symmetric3, b: Symmetric3) -> Symmetric3 {
    Symmetric3(
      xx: a.xx + b.xx, xy: a.xy + b.xy, yy: a.yy + b.yy, xz: a.xz + b.xz, yz: a.yz + b.yz,
      zz: a.zz + b.zz)
  }

  @inline(__always)
  static func - (a: Symmetric3, b: Symmetric3) -> Symmetric3 {
    Symmetric3(
      xx: a.xx - b.xx, xy: a.xy - b.xy, yy: a.yy - b.yy, xz: a.xz - b.xz, yz: a.yz - b.yz,
      zz: a.zz - b.zz)
  }
}
