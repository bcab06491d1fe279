/// The grid that phantoms are made on: BraTS's orientation, and its field of view unless told otherwise.
struct GridFrame: Sendable, Equatable {
  /// BraTS: 240 mm from side to side and from front to back, 155 mm in height.
  static let fieldOfView = SIMD3(240.0, 240, 155)

  /// Voxels along i (to the left), j (to the back) and k (to the head).
  let shape: [Int]
  /// The size of a voxel in mm.
  let spacing: Double
  /// From voxel indices to millimeters; the middle of the grid is at `center`.
  let affine: Affine

  /// - Parameters:
  ///   - spacing: The size of a voxel in mm.
  ///   - center: The world position of the grid's middle; x = 0 is the midline.
  ///   - fieldOfView: The grid's size in mm.
  init(
    spacing: Double, center: SIMD3<Double>, fieldOfView: SIMD3<Double> = GridFrame.fieldOfView
  ) {
    let counts = (fieldOfView / spacing).rounded(.toNearestOrEven)
    shape = (0..<3).map { max(1, Int(counts[$0])) }
    let half = (counts - 1) / 2 * spacing
    affine = Affine(
      spacing: SIMD3(-spacing, -spacing, spacing),
      origin: SIMD3(center.x + half.x, center.y + half.y, center.z - half.z))
    self.spacing = spacing
  }

  var count: Int { shape[0] * shape[1] * shape[2] }

  /// World coordinates of the voxels along one axis.
  func positions(along axis: Int) -> [Double] {
    let step = [affine.columns.0, affine.columns.1, affine.columns.2][axis][axis]
    return (0..<shape[axis]).map { affine.origin[axis] + Double($0) * step }
  }
}
