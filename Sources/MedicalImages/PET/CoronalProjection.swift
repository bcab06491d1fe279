import Foundation

// The coronal maximum-intensity projection, in the patient's frame:
//
//   P(x, z) = max_y V(A⁻¹(x, y, z))                                                             (1)
//
// with the affine A, rows from the largest z (the head) down, columns from the largest x (the
// patient's right) on. Where A is a permutation of the axes, up to a tenth of a voxel, V is read at its
// voxels; otherwise it is interpolated linearly on a grid along x, y and z with the voxels' own sizes.

/// What a volume looks like from the front, at its brightest.
public struct CoronalProjection: Sendable {
  /// The largest value on each line from back to front; rows from head to feet, columns from the
  /// patient's right to the left.
  public let plane: Plane
  /// The height and the width of a pixel in mm.
  public let spacing: (height: Double, width: Double)

  /// Projects a volume.
  ///
  /// - Parameter volume: An oriented volume.
  /// - Throws: ``ImageError/unknownOrientation(path:)`` for one without sform and qform.
  public init(_ volume: Volume) throws(ImageError) {
    guard volume.isOriented else { throw .unknownOrientation(path: volume.name) }
    let turned = volume.reoriented()
    let (x, y, z) = (turned.spacing.x, turned.spacing.y, turned.spacing.z)
    spacing = (z, x)
    let straight = Affine(spacing: SIMD3(-x, -y, z))
    let middle = SIMD3<Double>(turned.shape.map { Double($0 - 1) / 2 })
    let centered = Affine(
      spacing: SIMD3(-x, -y, z), origin: turned.affine(middle) - straight(middle))
    let distance = turned.affine.distance(to: centered, over: turned.shape)
    plane =
      distance <= 0.1 * min(x, y, z)
      ? Self.alongVoxels(turned) : Self.alongPatient(turned, middle)
  }

  /// (1) where voxels lie along the patient's axes.
  private static func alongVoxels(_ volume: Volume) -> Plane {
    let (columns, depth, rows) = (volume.shape[0], volume.shape[1], volume.shape[2])
    var values = [Float](repeating: -.infinity, count: rows * columns)
    volume.voxels.withUnsafeBufferPointer { voxels in
      values.withUnsafeMutableBufferPointer { values in
        for k in 0..<rows {
          let row = (rows - 1 - k) * columns
          for j in 0..<depth {
            let line = columns * (j + depth * k)
            for i in 0..<columns { values[row + i] = max(values[row + i], voxels[line + i]) }
          }
        }
      }
    }
    return Plane(height: rows, width: columns, values: values)
  }

  /// (1) by interpolation, on the box around the volume. Outside the volume there is 0.
  private static func alongPatient(_ volume: Volume, _ middle: SIMD3<Double>) -> Plane {
    let center = volume.affine(middle)
    let corners = (0..<8).map { corner in
      volume.affine(
        SIMD3<Double>((0..<3).map { corner >> $0 & 1 == 0 ? 0 : Double(volume.shape[$0] - 1) }))
    }
    let half = corners.reduce(SIMD3<Double>.zero) { pointwiseMax($0, ($1 - center).magnitude) }
    let counts = (half * 2 / volume.spacing).rounded(.up)
    let (columns, depth, rows) = (Int(counts.x) + 1, Int(counts.y) + 1, Int(counts.z) + 1)
    // The grid of the projection, first voxel at the patient's right, front and feet.
    let step = volume.spacing * SIMD3(-1, -1, 1)
    let origin = center - step * counts / 2
    let inverse = volume.affine.inverse
    let linear = [
      inverse.columns.0 * step.x, inverse.columns.1 * step.y, inverse.columns.2 * step.z,
    ]
    let start = inverse(origin)
    let sampler = LinearSampler(volume)
    var values = [Float](repeating: 0, count: rows * columns)
    for k in 0..<rows {
      for i in 0..<columns {
        let first = start + linear[0] * Double(i) + linear[2] * Double(k)
        values[(rows - 1 - k) * columns + i] = sampler.largest(from: first, by: linear[1], depth)
      }
    }
    return Plane(height: rows, width: columns, values: values)
  }
}

extension SIMD3<Double> {
  fileprivate var magnitude: SIMD3<Double> { SIMD3(abs(x), abs(y), abs(z)) }
}

/// Linear interpolation between voxels.
private struct LinearSampler {
  let voxels: [Float]
  let shape: [Int]

  init(_ volume: Volume) { (voxels, shape) = (volume.voxels, volume.shape) }

  /// The largest value at `count` places from `first` on; 0 where none is inside.
  func largest(from first: SIMD3<Double>, by step: SIMD3<Double>, _ count: Int) -> Float {
    // The places that are inside, at most half a voxel beyond the outermost centers.
    var (low, high) = (0.0, Double(count - 1))
    for axis in 0..<3 {
      let (a, b) = (-0.5 - first[axis], Double(shape[axis]) - 0.5 - first[axis])
      if abs(step[axis]) < 1e-12 {
        if a > 0 || b < 0 { return 0 }
      } else {
        low = max(low, min(a / step[axis], b / step[axis]))
        high = min(high, max(a / step[axis], b / step[axis]))
      }
    }
    guard low <= high else { return 0 }
    let range = Int(low.rounded(.up))..<Int(high.rounded(.down)) + 1
    guard !range.isEmpty else { return 0 }
    return voxels.withUnsafeBufferPointer { voxels in
      range.reduce(-Float.infinity) { max($0, value(voxels, first + step * Double($1))) }
    }
  }

  private func value(_ voxels: UnsafeBufferPointer<Float>, _ place: SIMD3<Double>) -> Float {
    var base = SIMD3<Int>.zero
    var fraction = SIMD3<Float>.zero
    for axis in 0..<3 {
      let limit = shape[axis] - 1
      let inside = min(max(place[axis], 0), Double(limit))
      base[axis] = min(Int(inside), max(0, limit - 1))
      fraction[axis] = Float(inside - Double(base[axis]))
    }
    let (dx, dy) = (shape[0] > 1 ? 1 : 0, shape[1] > 1 ? shape[0] : 0)
    let dz = shape[2] > 1 ? shape[0] * shape[1] : 0
    let p = base.x + shape[0] * (base.y + shape[1] * base.z)
    func along(_ p: Int) -> Float { voxels[p] + fraction.x * (voxels[p + dx] - voxels[p]) }
    func across(_ p: Int) -> Float {
      let near = along(p)
      return near + fraction.y * (along(p + dy) - near)
    }
    let near = across(p)
    return near + fraction.z * (across(p + dz) - near)
  }
}
