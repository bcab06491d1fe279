import ConvexKit

// A random smooth function of the place: cubic B-splines on a coarse grid of control values,
//
//   f(x) = Σ_abc w_abc B(x/h − a) B(y/h − b) B(z/h − c)                                       (1)
//
// B is nonnegative and sums to 1, so |f| ≤ max |w|, and neighboring control values differ by at
// most 2 max |w|, so |∂f/∂x| ≤ 2 max |w| / h.                                                  (2)
// On a grid parallel to the axes (1) is three passes of small products, one per axis.

/// A random smooth scalar field over a box.
struct SmoothField: Sendable {
  let spacing: Double
  let origin: SIMD3<Double>
  let counts: [Int]
  private(set) var weights: [Double]

  /// A field whose control values are uniform in ±amplitude.
  ///
  /// - Parameters:
  ///   - spacing: The distance h of control points in mm: about the size of the field's bumps.
  ///   - amplitude: The largest absolute value.
  ///   - low: The box's lower corner in mm.
  ///   - high: The box's upper corner in mm.
  ///   - generator: Where the control values come from.
  init(
    spacing: Double, amplitude: Double, from low: SIMD3<Double>, to high: SIMD3<Double>,
    _ generator: inout SeededGenerator
  ) {
    self.spacing = spacing
    // One control point beyond the box below, two above: where (1) has four terms everywhere.
    origin = low - spacing
    counts = (0..<3).map { Int(((high - low)[$0] / spacing).rounded(.up)) + 4 }
    weights = (0..<counts[0] * counts[1] * counts[2]).map { _ in
      amplitude * (2 * generator.uniform() - 1)
    }
  }

  /// The field over the box of a frame.
  init(
    spacing: Double, amplitude: Double, over frame: GridFrame, _ generator: inout SeededGenerator
  ) {
    let a = frame.affine(.zero)
    let b = frame.affine(
      SIMD3(Double(frame.shape[0] - 1), Double(frame.shape[1] - 1), Double(frame.shape[2] - 1)))
    self.init(
      spacing: spacing, amplitude: amplitude, from: pointwiseMin(a, b), to: pointwiseMax(a, b),
      &generator)
  }

  /// The first control point and the four weights of (1) at a coordinate along an axis.
  private func basis(_ position: Double, _ axis: Int) -> (Int, SIMD4<Double>) {
    let u = (position - origin[axis]) / spacing
    let cell = min(max(Int(u.rounded(.down)), 1), counts[axis] - 3)
    let t = min(max(u - Double(cell), 0), 1)
    let (s, t2, t3) = (1 - t, t * t, t * t * t)
    let values = SIMD4(
      s * s * s, 3 * t3 - 6 * t2 + 4, -3 * t3 + 3 * t2 + 3 * t + 1, t3)
    return (cell - 1, values / 6)
  }

  /// The field at one place.
  func callAsFunction(_ place: SIMD3<Double>) -> Double {
    let (x, wx) = basis(place.x, 0)
    let (y, wy) = basis(place.y, 1)
    let (z, wz) = basis(place.z, 2)
    var sum = 0.0
    for c in 0..<4 {
      for b in 0..<4 {
        let start = x + counts[0] * ((y + b) + counts[1] * (z + c))
        let row = SIMD4(
          weights[start], weights[start + 1], weights[start + 2], weights[start + 3])
        sum += wz[c] * wy[b] * (wx * row).sum()
      }
    }
    return sum
  }

  /// The field at every voxel of a frame, i fastest.
  func sampled(on frame: GridFrame) -> [Float] {
    let bases = (0..<3).map { axis in
      frame.positions(along: axis).map { basis($0, axis) }
    }
    let (nx, ny) = (frame.shape[0], frame.shape[1])
    var plane = [Double](repeating: 0, count: counts[0] * counts[1])
    var line = [Double](repeating: 0, count: counts[0])
    return [Float](unsafeUninitializedCapacity: frame.count) { output, initialized in
      for (k, (z, wz)) in bases[2].enumerated() {
        for n in plane.indices {
          plane[n] = (0..<4).reduce(0.0) { $0 + wz[$1] * weights[n + plane.count * (z + $1)] }
        }
        for (j, (y, wy)) in bases[1].enumerated() {
          for n in line.indices {
            line[n] = (0..<4).reduce(0.0) { $0 + wy[$1] * plane[n + counts[0] * (y + $1)] }
          }
          let start = nx * (j + ny * k)
          for (i, (x, wx)) in bases[0].enumerated() {
            let row = SIMD4(line[x], line[x + 1], line[x + 2], line[x + 3])
            output[start + i] = Float((wx * row).sum())
          }
        }
      }
      initialized = frame.count
    }
  }
}
