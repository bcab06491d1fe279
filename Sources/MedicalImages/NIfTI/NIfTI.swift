import CNifti
import Foundation

/// Reading NIfTI-1 volumes (.nii, .nii.gz).
///
/// ```
/// value = slope · stored + intercept,     (x, y, z) = affine · (i, j, k)
/// ```
///
/// The affine is the sform if there is one, else the qform, else voxel sizes alone. No file can
/// abort the process: what is wrong with one is an ``ImageError``.
///
/// - Source: NIfTI-1.1 definition (nifti1.h); header fields by libnifti, bytes by zlib.
public enum NIfTI {
  /// What to do with voxels that are infinite or not a number.
  public enum NonFinite: Sendable, Equatable {
    /// Throw ``ImageError/notFinite(path:count:first:)``.
    case refuse
    /// Put this value in their place.
    case replace(with: Float)
    /// Leave them as they are.
    case keep
  }

  /// Reads one 3D volume.
  ///
  /// - Parameters:
  ///   - url: A .nii or .nii.gz file; compression is recognized by content.
  ///   - frame: Which volume of a file with several (4D and more, in storage order); nil refuses
  ///     such files.
  ///   - nonFinite: What to do with voxels that are infinite or not a number.
  /// - Returns: The volume, scaled by the file's slope and intercept. Values are single precision:
  ///   integers beyond 2²⁴ are rounded.
  /// - Throws: ``ImageError``.
  public static func read(
    _ url: URL, frame: Int? = nil, nonFinite: NonFinite = .refuse
  ) throws(ImageError) -> Volume {
    let header = try NIfTIHeader(contentsOf: url)
    if frame == nil && header.frameCount > 1 {
      throw .severalFrames(path: header.path, shape: header.shape)
    }
    let index = frame ?? 0
    guard (0..<header.frameCount).contains(index) else {
      throw .noSuchFrame(path: header.path, frame: index, count: header.frameCount)
    }
    let voxels = try decode(header, readBytes(header, frame: index), nonFinite)
    return Volume(
      name: header.path, shape: Array(header.shape[..<3]), voxels: voxels, affine: header.affine,
      isOriented: header.affineSource != .spacing)
  }

  private static func readBytes(
    _ header: NIfTIHeader, frame: Int
  ) throws(ImageError) -> RawBytes {
    let count = header.voxelsPerFrame * header.voxelType.size
    guard let bytes = RawBytes(count: count) else {
      throw .tooLarge(path: header.path, shape: header.shape, bytes: count)
    }
    var found: Int64 = 0
    let status = cnifti_read_bytes(
      header.path, Int64(header.dataOffset + frame * count), Int64(count),
      frame == header.frameCount - 1 ? 1 : 0, bytes.start, &found)
    switch cnifti_status(UInt32(status)) {
    case CNIFTI_OK: return bytes
    case CNIFTI_TRUNCATED:
      throw .truncated(
        path: header.path, shape: header.shape,
        expectedBytes: count * header.frameCount, foundBytes: count * frame + Int(found))
    case CNIFTI_CORRUPT: throw .corrupt(path: header.path)
    default: throw .unreadable(path: header.path, reason: "input or output error")
    }
  }

  private static func decode(
    _ header: NIfTIHeader, _ bytes: RawBytes, _ nonFinite: NonFinite
  ) throws(ImageError) -> [Float] {
    let count = header.voxelsPerFrame
    var bad: Int64 = 0
    var first: Int64 = -1
    var voxels = [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      bad = cnifti_decode(
        bytes.start, Int64(count), Int32(header.voxelType.code), header.isByteSwapped ? 1 : 0,
        header.slope, header.intercept, buffer.baseAddress, &first)
      initialized = count
    }
    if bad > 0 {
      switch nonFinite {
      case .keep: break
      case .replace(let value):
        for position in voxels.indices where !voxels[position].isFinite {
          voxels[position] = value
        }
      case .refuse:
        let (nx, ny) = (header.shape[0], header.shape[1])
        let at = [Int(first) % nx, Int(first) / nx % ny, Int(first) / (nx * ny)]
        throw .notFinite(path: header.path, count: Int(bad), first: at)
      }
    }
    return voxels
  }
}

/// Memory whose allocation may fail without ending the process.
private final class RawBytes {
  let start: UnsafeMutableRawPointer

  init?(count: Int) {
    guard let start = malloc(max(1, count)) else { return nil }
    self.start = start
  }

  deinit { free(start) }
}
