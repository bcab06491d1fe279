/// A 3D image: voxels on a grid, and where the grid lies in the patient.
public struct Volume: Sendable, Equatable {
  /// What errors call this volume: its path, or how it was made.
  public var name: String
  /// The number of voxels along i, j and k.
  public let shape: [Int]
  /// The values, i fastest: voxel (i, j, k) is number i + shape[0]·(j + shape[1]·k).
  public var voxels: [Float] {
    didSet {
      precondition(
        voxels.count == shape[0] * shape[1] * shape[2], "Volume: the grid's size is fixed")
    }
  }
  /// From voxel indices to millimeters.
  public let affine: Affine
  /// Whether the affine says where left and right are (false for a file without sform and qform).
  public let isOriented: Bool

  /// A volume from its voxels.
  ///
  /// - Parameters:
  ///   - name: What errors call it.
  ///   - shape: The number of voxels along i, j and k.
  ///   - voxels: As many values, i fastest.
  ///   - affine: From voxel indices to millimeters; invertible.
  ///   - isOriented: Whether the affine's axes are known to be the patient's.
  public init(
    name: String, shape: [Int], voxels: [Float], affine: Affine, isOriented: Bool = true
  ) {
    precondition(
      shape.count == 3 && shape.allSatisfy { $0 > 0 } && voxels.count == shape.reduce(1, *),
      "Volume: shape \(shape) does not fit \(voxels.count) voxels")
    precondition(affine.isInvertible, "Volume: the affine \(affine) is singular")
    self.name = name
    self.shape = shape
    self.voxels = voxels
    self.affine = affine
    self.isOriented = isOriented
  }

  /// The size of a voxel in mm along i, j and k.
  public var spacing: SIMD3<Double> { affine.spacing }

  /// Which way the indices run in the patient.
  public var orientation: Orientation { Orientation(nearestTo: affine) }

  /// The voxel at (i, j, k).
  public subscript(i: Int, j: Int, k: Int) -> Float {
    get { voxels[position(i, j, k)] }
    set { voxels[position(i, j, k)] = newValue }
  }

  private func position(_ i: Int, _ j: Int, _ k: Int) -> Int {
    precondition(
      i >= 0 && i < shape[0] && j >= 0 && j < shape[1] && k >= 0 && k < shape[2],
      "Volume: voxel (\(i), \(j), \(k)) is outside \(shapeText(shape))")
    return i + shape[0] * (j + shape[1] * k)
  }

  /// Two grids are one when no corner differs by more than this, in mm: far less than a voxel,
  /// far more than what rounding an affine to the file's single precision does.
  public static let spaceTolerance = 0.05

  /// Throws unless this volume has the shape of `other` and lies where that one does.
  ///
  /// - Parameters:
  ///   - other: The volume that this one is to be used with; errors name it first.
  ///   - tolerance: The largest distance of corresponding corners, in mm.
  /// - Throws: ``ImageError/shapeMismatch(first:firstShape:second:secondShape:)`` or
  ///   ``ImageError/differentSpaces(first:firstAffine:second:secondAffine:millimeters:)``.
  public func requireSameSpace(
    as other: Volume, tolerance: Double = Volume.spaceTolerance
  ) throws(ImageError) {
    guard shape == other.shape else {
      throw .shapeMismatch(
        first: other.name, firstShape: other.shape, second: name, secondShape: shape)
    }
    let distance = affine.distance(to: other.affine, over: shape)
    guard distance <= tolerance else {
      throw .differentSpaces(
        first: other.name, firstAffine: other.affine, second: name, secondAffine: affine,
        millimeters: distance)
    }
  }
}
