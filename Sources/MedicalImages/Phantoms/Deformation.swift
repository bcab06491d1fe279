import ConvexKit
import Foundation

// Where the tissue that a patient has at x came from in the template:
//
//   y(x) = c₀ + M (x + u(x) + v(x) − c₀)                                                       (1)
//   u(x): three smooth fields, |u| ≤ a in each direction                                       (2)
//   v(x) = −α (x − p) exp(−|x − p|² / 2σ²)        mass effect of a tumor at p                  (3)
//
// M is a rotation of a few degrees times a scaling; (3) pulls template coordinates towards p, so
// that what surrounds p moves away from it, by at most 0.61 ασ. The map is one to one where
// det(1 + ∇u + ∇v) > 0 everywhere. (2) and (3) keep the gradients small; the determinant is still
// computed at every voxel (central differences), and should it fall below a bound, u and v are
// made smaller.

/// A smooth one-to-one map from a patient to the template.
struct Deformation: Sendable {
  /// The displacement u + v at every voxel, three components in mm.
  let displacement: [[Float]]
  /// The smallest determinant of the map's derivative on the grid, M included.
  let smallestJacobian: Double
  /// How much u and v had to be made smaller: 1, or less.
  let scale: Double
  private let center: SIMD3<Double>
  private let matrix: Affine

  /// The random part, before a tumor is placed.
  struct Anatomy: Sendable {
    let fields: [SmoothField]
    let matrix: Affine
    let center: SIMD3<Double>

    init(
      over frame: GridFrame, center: SIMD3<Double>, settings: PhantomSettings,
      _ generator: inout SeededGenerator
    ) {
      fields = (0..<3).map { _ in
        SmoothField(
          spacing: settings.deformationScale, amplitude: settings.largestDisplacement, over: frame,
          &generator)
      }
      func spread(_ amplitude: Double) -> Double { amplitude * (2 * generator.uniform() - 1) }
      // Small turns about x, y, z; about y and z smaller, so that the midline stays in place.
      let (a, b, c) = (spread(0.05), spread(0.02), spread(0.02))
      let scale = SIMD3(1 + spread(0.05), 1 + spread(0.05), 1 + spread(0.05))
      matrix = Affine(
        i: SIMD3(1, c, -b) * scale.x, j: SIMD3(-c, 1, a) * scale.y, k: SIMD3(b, -a, 1) * scale.z)
      self.center = center
    }

    /// The template's place of a patient's place, without mass effect.
    func callAsFunction(_ place: SIMD3<Double>) -> SIMD3<Double> {
      let u = SIMD3(fields[0](place), fields[1](place), fields[2](place))
      return center + matrix(place + u - center)
    }
  }

  /// - Parameters:
  ///   - anatomy: The random part.
  ///   - tumor: Whose mass effect there is.
  ///   - frame: The patient's grid.
  ///   - smallestAllowed: The bound on the determinant.
  init(_ anatomy: Anatomy, tumor: TumorPlan, frame: GridFrame, smallestAllowed: Double = 0.1) {
    let smooth = anatomy.fields.map { $0.sampled(on: frame) }
    let push = Self.massEffect(of: tumor, on: frame)
    var scale = 1.0
    var sum: [[Float]] = []
    var jacobian = 0.0
    repeat {
      let factor = Float(scale)
      sum = zip(smooth, push).map { u, v in zip(u, v).map { ($0 + $1) * factor } }
      jacobian = Self.smallestDeterminant(sum, frame) * anatomy.matrix.determinant
      if jacobian < smallestAllowed { scale *= 0.8 }
    } while jacobian < smallestAllowed
    (displacement, smallestJacobian, self.scale) = (sum, jacobian, scale)
    (center, matrix) = (anatomy.center, anatomy.matrix)
  }

  /// The template's place of what voxel number `position` at `place` holds.
  func source(of place: SIMD3<Double>, _ position: Int) -> SIMD3<Double> {
    let moved = SIMD3<Double>(
      Double(displacement[0][position]), Double(displacement[1][position]),
      Double(displacement[2][position]))
    return center + matrix(place + moved - center)
  }

  private static func massEffect(of tumor: TumorPlan, on frame: GridFrame) -> [[Float]] {
    let axes = (0..<3).map { axis in
      frame.positions(along: axis).map { $0 - tumor.center[axis] }
    }
    let σ = tumor.massEffectRadius
    // The Gaussian of (3) is a product of one factor per axis.
    let bells = axes.map { $0.map { exp(-$0 * $0 / (2 * σ * σ)) } }
    var field = [[Float]](repeating: [], count: 3)
    for n in 0..<3 { field[n].reserveCapacity(frame.count) }
    for k in 0..<frame.shape[2] {
      for j in 0..<frame.shape[1] {
        let outer = -tumor.massEffect * bells[1][j] * bells[2][k]
        for i in 0..<frame.shape[0] {
          let bell = outer * bells[0][i]
          field[0].append(Float(bell * axes[0][i]))
          field[1].append(Float(bell * axes[1][j]))
          field[2].append(Float(bell * axes[2][k]))
        }
      }
    }
    return field
  }

  /// min det(1 + ∇d) over the inner voxels of a frame.
  private static func smallestDeterminant(_ d: [[Float]], _ frame: GridFrame) -> Double {
    let (nx, ny, nz) = (frame.shape[0], frame.shape[1], frame.shape[2])
    guard nx > 2, ny > 2, nz > 2 else { return 1 }
    let strides = [1, nx, nx * ny]
    // World steps run against i and j: divide by the signed distance.
    let steps = (0..<3).map { axis in
      Float(
        0.5 / [frame.affine.columns.0.x, frame.affine.columns.1.y, frame.affine.columns.2.z][axis])
    }
    var smallest = Float.infinity
    d[0].withUnsafeBufferPointer { dx in
      d[1].withUnsafeBufferPointer { dy in
        d[2].withUnsafeBufferPointer { dz in
          for k in 1..<nz - 1 {
            for j in 1..<ny - 1 {
              for i in 1..<nx - 1 {
                let p = i + nx * (j + ny * k)
                func slope(_ f: UnsafeBufferPointer<Float>, _ axis: Int) -> Float {
                  (f[p + strides[axis]] - f[p - strides[axis]]) * steps[axis]
                }
                let (a, b, c) = (1 + slope(dx, 0), slope(dx, 1), slope(dx, 2))
                let (e, f, g) = (slope(dy, 0), 1 + slope(dy, 1), slope(dy, 2))
                let (h, l, m) = (slope(dz, 0), slope(dz, 1), 1 + slope(dz, 2))
                let det = a * (f * m - g * l) - b * (e * m - g * h) + c * (e * l - f * h)
                smallest = min(smallest, det)
              }
            }
          }
        }
      }
    }
    return Double(smallest)
  }
}
