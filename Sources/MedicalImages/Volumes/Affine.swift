/// The map from voxel indices to millimeters in the patient.
///
/// ```
/// (x, y, z) = i·columns.0 + j·columns.1 + k·columns.2 + origin
/// ```
///
/// World axes are NIfTI's: x grows to the patient's right, y to the front, z to the head.
///
/// - Source: NIfTI-1.1 definition (nifti1.h), "3D image orientation and location in space".
public struct Affine: Sendable, Hashable {
  /// Where voxel (0, 0, 0) lies, in mm.
  public var origin: SIMD3<Double>
  /// The step along i, j and k, in mm: the columns of the matrix.
  public var columns: (SIMD3<Double>, SIMD3<Double>, SIMD3<Double>) {
    get { (i, j, k) }
    set { (i, j, k) = newValue }
  }
  private var i: SIMD3<Double>
  private var j: SIMD3<Double>
  private var k: SIMD3<Double>

  /// An affine from its columns.
  ///
  /// - Parameters:
  ///   - i: The step in mm from one voxel to the next along the first index.
  ///   - j: The step along the second index.
  ///   - k: The step along the third index.
  ///   - origin: Where voxel (0, 0, 0) lies, in mm.
  public init(
    i: SIMD3<Double>, j: SIMD3<Double>, k: SIMD3<Double>, origin: SIMD3<Double> = .zero
  ) {
    (self.i, self.j, self.k, self.origin) = (i, j, k, origin)
  }

  /// An affine from the first three rows of its 4×4 matrix, 12 numbers row by row.
  init(rows: [Double]) {
    precondition(rows.count == 12, "Affine(rows:): 12 numbers needed, \(rows.count) given")
    func column(_ c: Int) -> SIMD3<Double> { SIMD3(rows[c], rows[4 + c], rows[8 + c]) }
    self.init(i: column(0), j: column(1), k: column(2), origin: column(3))
  }

  /// An axis-parallel affine.
  ///
  /// - Parameters:
  ///   - spacing: The size of a voxel in mm; a negative entry flips that axis.
  ///   - origin: Where voxel (0, 0, 0) lies, in mm.
  public init(spacing: SIMD3<Double>, origin: SIMD3<Double> = .zero) {
    self.init(
      i: SIMD3(spacing.x, 0, 0), j: SIMD3(0, spacing.y, 0), k: SIMD3(0, 0, spacing.z),
      origin: origin)
  }

  /// The first three rows of the 4×4 matrix, 12 numbers row by row.
  var rows: [Double] {
    (0..<3).flatMap { [i[$0], j[$0], k[$0], origin[$0]] }
  }

  /// Millimeters of the voxel index `index`, which may be fractional.
  public func callAsFunction(_ index: SIMD3<Double>) -> SIMD3<Double> {
    i * index.x + j * index.y + k * index.z + origin
  }

  /// The size of a voxel in mm along i, j and k.
  public var spacing: SIMD3<Double> {
    SIMD3(length(i), length(j), length(k))
  }

  /// The signed volume of a voxel in mm³; negative where the axes are left-handed.
  public var determinant: Double {
    dot(i, cross(j, k))
  }

  /// Whether every entry is finite and voxels have a volume.
  public var isInvertible: Bool {
    let scale = length(i) * length(j) * length(k)
    return rows.allSatisfy(\.isFinite) && scale > 0 && abs(determinant) > 1e-6 * scale
  }

  /// The map from millimeters back to voxel indices. The affine must be invertible.
  public var inverse: Affine {
    let d = 1 / determinant
    let (r0, r1, r2) = (cross(j, k) * d, cross(k, i) * d, cross(i, j) * d)
    let rows = [r0, r1, r2].flatMap { [$0.x, $0.y, $0.z, -dot($0, origin)] }
    return Affine(rows: rows)
  }

  /// The largest distance in mm between where two affines put the same corner of a grid.
  ///
  /// - Parameters:
  ///   - other: The affine to compare with.
  ///   - shape: The grid's size along i, j and k. An affine map is furthest off at a corner.
  /// - Returns: Millimeters.
  public func distance(to other: Affine, over shape: [Int]) -> Double {
    precondition(shape.count == 3, "distance(to:over:): 3 sizes needed, \(shape.count) given")
    var largest = 0.0
    for corner in 0..<8 {
      let index = SIMD3<Double>(
        corner & 1 == 0 ? 0 : Double(shape[0] - 1), corner & 2 == 0 ? 0 : Double(shape[1] - 1),
        corner & 4 == 0 ? 0 : Double(shape[2] - 1))
      largest = max(largest, length(self(index) - other(index)))
    }
    return largest
  }
}

extension Affine: CustomStringConvertible {
  /// The matrix as "[a b c d; …]", row by row.
  public var description: String {
    let text = rows.map { value in
      value == value.rounded() && abs(value) < 1e9 ? "\(Int(value))" : "\(Float(value))"
    }
    let lines = stride(from: 0, to: 12, by: 4).map { text[$0..<$0 + 4].joined(separator: " ") }
    return "[\(lines.joined(separator: "; "))]"
  }
}

func dot(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> Double { (a * b).sum() }

func length(_ a: SIMD3<Double>) -> Double { dot(a, a).squareRoot() }

func cross(_ a: SIMD3<Double>, _ b: SIMD3<Double>) -> SIMD3<Double> {
  SIMD3(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x)
}
