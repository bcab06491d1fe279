/// The labels of a BraTS segmentation; every one of them counts as tumor.
public enum TumorLabel: Int, Sendable, CaseIterable, Codable {
  /// Dead tissue and non-enhancing tumor.
  case necroticCore = 1
  /// Swelling around the tumor.
  case edema = 2
  /// Tumor that takes up contrast agent; 3 in data sets of 2023 and later.
  case enhancing = 4

  /// The label of a segmentation's voxel value, nil for background and for unknown values.
  public init?(voxel: Float) {
    switch voxel {
    case 1: self = .necroticCore
    case 2: self = .edema
    case 3, 4: self = .enhancing
    default: return nil
    }
  }

  /// Throws unless every voxel is 0 or a label.
  ///
  /// - Parameter segmentation: A `_seg` volume.
  /// - Throws: ``ImageError/unknownLabel(path:value:count:)`` with the first such value.
  public static func check(_ segmentation: Volume) throws(ImageError) {
    let first = segmentation.voxels.first { !isLegal($0) }
    guard let first else { return }
    let count = segmentation.voxels.reduce(0) { $0 + ($1 == first ? 1 : 0) }
    throw .unknownLabel(path: segmentation.name, value: first, count: count)
  }

  private static func isLegal(_ value: Float) -> Bool {
    value == 0 || TumorLabel(voxel: value) != nil
  }
}
