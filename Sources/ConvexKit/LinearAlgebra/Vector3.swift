/// A vector of three numbers, or of three times several numbers that belong to different cones.
struct Vector3<Number: Numbers> {
  var x: Number
  var y: Number
  var z: Number

  @inline(__always)
  init(_ x: Number, _ y: Number, _ z: Number) { (self.x, self.y, self.z) = (x, y, z) }

  @inline(__always)
  init() {
    let zero = Number(repeating: 0)
    self.init(zero, zero, zero)
  }

  @inline(__always)
  subscript(index: Int) -> Number {
    get { index == 0 ? x : index == 1 ? y : z }
    set {
      switch index {
      case 0: x = newValue
      case 1: y = newValue
      default: z = newValue
      }
    }
  }

  /// xᵀy.
  @inline(__always)
  func dot(_ other: Vector3) -> Number { x * other.x + y * other.y + z * other.z }

  /// x × y.
  @inline(__always)
  func cross(_ other: Vector3) -> Vector3 {
    Vector3(
      y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x)
  }

  @inline(__always)
  static prefix func - (v: Vector3) -> Vector3 { Vector3(-v.x, -v.y, -v.z) }

  @inline(__always)
  static func + (v: Vector3, w: Vector3) -> Vector3 { Vector3(v.x + w.x, v.y + w.y, v.z + w.z) }

  @inline(__always)
  static func - (v: Vector3, w: Vector3) -> Vector3 { Vector3(v.x - w.x, v.y - w.y, v.z - w.z) }

  @inline(__always)
  static func * (c: Number, v: Vector3) -> Vector3 { Vector3(c * v.x, c * v.y, c * v.z) }

  /// The products of the elements.
  @inline(__always)
  static func * (v: Vector3, w: Vector3) -> Vector3 { Vector3(v.x * w.x, v.y * w.y, v.z * w.z) }

  @inline(__always)
  static func += (v: inout Vector3, w: Vector3) { v = v + w }

  @inline(__always)
  static func -= (v: inout Vector3, w: Vector3) { v = v - w }
}

/// Three numbers.
typealias Triple = Vector3<Double>

/// A number, or several that are computed side by side.
protocol Numbers {
  init(repeating value: Double)
  static prefix func - (a: Self) -> Self
  static func + (a: Self, b: Self) -> Self
  static func - (a: Self, b: Self) -> Self
  static func * (a: Self, b: Self) -> Self
  static func / (a: Self, b: Self) -> Self
}

extension Double: Numbers {
  init(repeating value: Double) { self = value }
}

extension SIMD4: Numbers where Scalar == Double {}
