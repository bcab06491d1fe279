import ArrayFiles
import CNifti
import Foundation

extension NIfTI {
  /// How voxels are stored in a written file.
  public enum Encoding: Sendable, Equatable {
    /// Single precision, exactly.
    case float32
    /// Integers 0 to 255, for label maps; anything else is refused.
    case uint8
    /// Rounded to integers -32768 to 32767; values beyond are refused.
    case int16
    /// 16-bit integers with the slope and intercept that fit the range of the values: an error of
    /// at most half a slope, (max - min) / 131068.
    case scaledInt16
  }

  /// Writes a volume; the file appears whole or not at all.
  ///
  /// The affine goes into the sform, and into the qform as well where it has no shear.
  ///
  /// - Parameters:
  ///   - volume: The volume.
  ///   - url: A path that ends in .nii or .nii.gz.
  ///   - encoding: How voxels are stored.
  ///   - level: How hard to compress, 1 (fast) to 9. Equal volumes give equal files.
  /// - Throws: ``ImageError/notRepresentable(path:value:type:)``,
  ///   ``ImageError/invalidParameter(name:value:allowed:)``, ``ImageError/cannotWrite(path:reason:)``.
  public static func write(
    _ volume: Volume, to url: URL, as encoding: Encoding = .float32, level: Int = 1
  ) throws(ImageError) {
    let compress = url.lastPathComponent.hasSuffix(".nii.gz")
    guard compress || url.pathExtension == "nii" else {
      throw .invalidParameter(
        name: "path", value: url.path, allowed: "a name that ends in .nii or .nii.gz")
    }
    guard let longest = volume.shape.max(), longest <= Int(Int16.max) else {
      throw .invalidParameter(
        name: "shape", value: shapeText(volume.shape), allowed: "at most 32767 along each axis")
    }
    let stored = try StoredVoxels(volume, encoding: encoding, path: url.path)
    var bytes = header(of: volume, stored)
    bytes.append(stored.bytes)
    if compress { bytes = try gzip(bytes, level: level, path: url.path) }
    try writeAtomically(bytes, to: url)
  }

  /// The 348 bytes of the header and the 4 bytes that say no extension follows.
  private static func header(of volume: Volume, _ stored: StoredVoxels) -> Data {
    var h = nifti_1_header()
    h.sizeof_hdr = 348
    h.regular = CChar(UInt8(ascii: "r"))
    let size = volume.shape.map { Int16($0) }
    h.dim = (3, size[0], size[1], size[2], 1, 1, 1, 1)
    h.datatype = Int16(stored.type.code)
    h.bitpix = Int16(stored.type.size * 8)
    h.vox_offset = 352
    h.scl_slope = Float(stored.slope)
    h.scl_inter = Float(stored.intercept)
    h.xyzt_units = CChar(NIFTI_UNITS_MM)
    let spacing = volume.spacing
    h.pixdim = (1, Float(spacing.x), Float(spacing.y), Float(spacing.z), 0, 0, 0, 0)
    setAffine(of: volume, &h)
    let magic = Array("n+1".utf8).map { CChar(bitPattern: $0) }
    h.magic = (magic[0], magic[1], magic[2], 0)
    var data = withUnsafeBytes(of: &h) { Data($0) }
    data.append(contentsOf: [0, 0, 0, 0])
    return data
  }

  private static func setAffine(of volume: Volume, _ h: inout nifti_1_header) {
    let rows = volume.affine.rows
    guard volume.isOriented else { return }
    let r = rows.map { Float($0) }
    h.srow_x = (r[0], r[1], r[2], r[3])
    h.srow_y = (r[4], r[5], r[6], r[7])
    h.srow_z = (r[8], r[9], r[10], r[11])
    h.sform_code = Int16(NIFTI_XFORM_SCANNER_ANAT)
    cnifti_set_qform(&h, rows)
    var rigid = [Double](repeating: 0, count: 12)
    cnifti_qform(&h, &rigid)
    // Over at least 100 voxels, so that a small volume does not hide its shear.
    let extent = volume.shape.map { max($0, 100) }
    if Affine(rows: rigid).distance(to: volume.affine, over: extent) < 0.01 {
      h.qform_code = Int16(NIFTI_XFORM_SCANNER_ANAT)
    }
  }

  private static func gzip(_ bytes: Data, level: Int, path: String) throws(ImageError) -> Data {
    guard (1...9).contains(level) else {
      throw .invalidParameter(name: "level", value: "\(level)", allowed: "1 to 9")
    }
    let capacity = Int(cnifti_gzip_bound(Int64(bytes.count)))
    guard capacity > 0, let output = malloc(capacity) else {
      throw .cannotWrite(path: path, reason: "no memory to compress it")
    }
    let size = bytes.withUnsafeBytes {
      cnifti_gzip($0.baseAddress, Int64($0.count), Int32(level), output, Int64(capacity))
    }
    guard size > 0 else {
      free(output)
      throw .cannotWrite(path: path, reason: "compression failed")
    }
    return Data(bytesNoCopy: output, count: Int(size), deallocator: .free)
  }
}

/// Writes a file under a temporary name and renames it.
func writeAtomically(_ data: Data, to url: URL) throws(ImageError) {
  do throws(ArrayFileError) {
    try AtomicFile.write(data, to: url)
  } catch {
    guard case .unwritable(_, let reason) = error else {
      throw .cannotWrite(path: url.path, reason: error.description)
    }
    throw .cannotWrite(path: url.path, reason: reason)
  }
}
