import CNifti

/// The types of voxels that NIfTI files are read from.
public enum VoxelType: String, Sendable, CaseIterable {
  /// Signed 8-bit integers.
  case int8
  /// Unsigned 8-bit integers.
  case uint8
  /// Signed 16-bit integers.
  case int16
  /// Unsigned 16-bit integers.
  case uint16
  /// Signed 32-bit integers.
  case int32
  /// Unsigned 32-bit integers.
  case uint32
  /// Signed 64-bit integers.
  case int64
  /// Unsigned 64-bit integers.
  case uint64
  /// Single precision.
  case float32
  /// Double precision.
  case float64

  /// The `datatype` code of the NIfTI-1 header.
  public var code: Int {
    let code =
      switch self {
      case .int8: DT_INT8
      case .uint8: DT_UINT8
      case .int16: DT_INT16
      case .uint16: DT_UINT16
      case .int32: DT_INT32
      case .uint32: DT_UINT32
      case .int64: DT_INT64
      case .uint64: DT_UINT64
      case .float32: DT_FLOAT32
      case .float64: DT_FLOAT64
      }
    return Int(code)
  }

  /// The bytes of one voxel.
  public var size: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16: 2
    case .int32, .uint32, .float32: 4
    case .int64, .uint64, .float64: 8
    }
  }

  /// The type with a given code, or nil (complex numbers, colors, 128-bit floats).
  public init?(code: Int) {
    guard let type = VoxelType.allCases.first(where: { $0.code == code }) else { return nil }
    self = type
  }
}
