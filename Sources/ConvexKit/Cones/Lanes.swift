import CKernels

/// Four numbers that belong to four cones.
///
/// The algebra of a three-dimensional cone is a few hundred operations that wait for each other;
/// four cones side by side take little more time than one.
typealias Lanes = SIMD4<Double>

/// Which of the four.
typealias LaneMask = SIMDMask<SIMD4<Int64>>

/// A vector of each of four cones.
typealias LaneVector = Vector3<Lanes>

extension SIMD4 where Scalar == Double {
  /// |x|.
  var magnitude: Lanes { replacing(with: -self, where: self .< 0) }

  /// The larger of x and a bound.
  func raised(to bound: Lanes) -> Lanes { replacing(with: bound, where: self .< bound) }

  /// Where x is neither NaN nor infinite.
  var isFinite: LaneMask { self - self .== 0 }

  /// log x, to the last digit where x is positive and normal.
  var logarithm: Lanes {
    Lanes.fromKernel { ckernels_log_four(self[0], self[1], self[2], self[3], $0) }
  }

  /// What a kernel writes.
  @inline(__always)
  static func fromKernel(_ kernel: (UnsafeMutablePointer<Double>) -> Void) -> Lanes {
    var result = Lanes.zero
    withUnsafeMutablePointer(to: &result) {
      $0.withMemoryRebound(to: Double.self, capacity: 4) { kernel($0) }
    }
    return result
  }

  /// A function of each of the first `count` numbers; the others have that of the last of these.
  @inline(__always)
  func map(_ count: Int, _ function: (Double) -> Double) -> Lanes {
    var result = Lanes(repeating: function(self[count - 1]))
    for lane in 0..<count - 1 { result[lane] = function(self[lane]) }
    return result
  }
}

extension Vector3 where Number == Lanes {
  /// The same vector for all cones.
  init(repeating v: Triple) {
    self.init(Lanes(repeating: v.x), Lanes(repeating: v.y), Lanes(repeating: v.z))
  }

  /// Takes over another vector for some cones.
  mutating func replace(with other: LaneVector, where mask: LaneMask) {
    x.replace(with: other.x, where: mask)
    y.replace(with: other.y, where: mask)
    z.replace(with: other.z, where: mask)
  }

  /// One cone's vector.
  subscript(lane lane: Int) -> Triple { Triple(x[lane], y[lane], z[lane]) }
}

extension Symmetric3 where Number == Lanes {
  /// One cone's matrix.
  subscript(lane lane: Int) -> Symmetric3<Double> {
    Symmetric3<Double>(
      xx: xx[lane], xy: xy[lane], yy: yy[lane], xz: xz[lane], yz: yz[lane], zz: zz[lane])
  }
}

/// Up to four neighbors among the cones of a block; the last one stands for those that are not there.
struct ConeGroup {
  /// The first cone.
  let first: Int
  /// How many cones.
  let count: Int
  /// Its first row.
  let row: Int

  /// How many groups the cones of these rows are.
  static func count(_ rows: Range<Int>) -> Int {
    (rows.count / 3 + Lanes.scalarCount - 1) / Lanes.scalarCount
  }

  /// One of these groups.
  @inline(__always)
  init(_ index: Int, of rows: Range<Int>) {
    first = Lanes.scalarCount * index
    count = min(Lanes.scalarCount, rows.count / 3 - first)
    row = rows.lowerBound + 3 * first
  }

  /// Which lanes are cones.
  var isThere: LaneMask { SIMD4<Int64>(0, 1, 2, 3) .< Int64(count) }

  /// The cones' vectors.
  @inline(__always)
  func vectors(_ v: UnsafeMutablePointer<Double>) -> LaneVector {
    let base = v + row
    return LaneVector(numbers(base, 3), numbers(base + 1, 3), numbers(base + 2, 3))
  }

  /// Writes the cones' vectors.
  @inline(__always)
  func store(_ vectors: LaneVector, into v: UnsafeMutablePointer<Double>) {
    let base = v + row
    store(vectors.x, into: base, 3)
    store(vectors.y, into: base + 1, 3)
    store(vectors.z, into: base + 2, 3)
  }

  /// A number of each cone, `stride` from one to the next.
  @inline(__always)
  func numbers(_ v: UnsafePointer<Double>, _ stride: Int) -> Lanes {
    if count == 4 { return Lanes(v[0], v[stride], v[2 * stride], v[3 * stride]) }
    let last = (count - 1) * stride
    return Lanes(v[0], v[min(stride, last)], v[last], v[last])
  }

  /// Writes a number of each cone.
  @inline(__always)
  func store(_ lanes: Lanes, into v: UnsafeMutablePointer<Double>, _ stride: Int) {
    v[0] = lanes[0]
    if count > 1 { v[stride] = lanes[1] }
    if count > 2 { v[2 * stride] = lanes[2] }
    if count > 3 { v[3 * stride] = lanes[3] }
  }
}
