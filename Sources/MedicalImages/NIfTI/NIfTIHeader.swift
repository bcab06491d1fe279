import CNifti
import Foundation

/// What the header of a NIfTI-1 file says, checked.
public struct NIfTIHeader: Sendable, Equatable {
  /// Which part of the header gave the affine, in the order of precedence.
  public enum AffineSource: String, Sendable {
    /// The general affine, used when `sform_code` > 0.
    case sform
    /// The rigid transform with spacing, used when only `qform_code` > 0.
    case qform
    /// Neither: voxel sizes alone, so that left and right are unknown.
    case spacing
  }

  /// The path, as errors name it.
  public let path: String
  /// Sizes along i, j, k and, for a file of several frames, the further dimensions.
  public let shape: [Int]
  /// How a voxel is stored.
  public let voxelType: VoxelType
  /// A stored number times this, plus ``intercept``, is the value; 1 when the file has none.
  public let slope: Double
  /// See ``slope``.
  public let intercept: Double
  /// From voxel indices to millimeters.
  public let affine: Affine
  /// Which part of the header gave ``affine``.
  public let affineSource: AffineSource
  /// Whether the bytes are in the order that this machine does not have.
  public let isByteSwapped: Bool
  /// Whether the file is gzip-compressed.
  public let isCompressed: Bool
  /// Where the voxels begin in the uncompressed file, in bytes.
  public let dataOffset: Int

  /// The number of 3D volumes in the file.
  public var frameCount: Int { shape.dropFirst(3).reduce(1, *) }
  /// The number of voxels of one 3D volume.
  public var voxelsPerFrame: Int { shape[0] * shape[1] * shape[2] }

  /// Reads and checks the header of a file.
  ///
  /// - Parameter url: A .nii or .nii.gz file; compression is recognized by content.
  /// - Throws: ``ImageError``, naming the file, the field and its value.
  public init(contentsOf url: URL) throws(ImageError) {
    path = url.path
    let raw = try RawHeader(path: path)
    let fields = raw.header.fields
    shape = try raw.shape()
    voxelType = try raw.voxelType()
    (slope, intercept) = try raw.scaling()
    (affine, affineSource) = try raw.affine()
    dataOffset = try raw.dataOffset()
    isByteSwapped = raw.header.swapped != 0
    isCompressed = raw.header.compressed != 0
    guard fields.bitpix == 0 || Int(fields.bitpix) == voxelType.size * 8 else {
      throw raw.invalid(
        "bitpix", fields.bitpix, "datatype \(voxelType.rawValue) has \(voxelType.size * 8) bits")
    }
    let bytes = voxelsPerFrame * frameCount * voxelType.size
    // A deflate stream cannot expand more than 1032 times (zlib's documentation).
    let ceiling =
      isCompressed
      ? 1032 * Int(raw.header.file_bytes) : Int(raw.header.file_bytes) - dataOffset
    guard bytes <= ceiling else {
      throw .truncated(
        path: path, shape: shape, expectedBytes: bytes, foundBytes: max(0, ceiling))
    }
  }
}
