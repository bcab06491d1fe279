import CNifti
import Foundation

/// The 348 bytes of a header and the checks that turn its fields into values.
struct RawHeader {
  let path: String
  let header: cnifti_header

  init(path: String) throws(ImageError) {
    cnifti_quiet()
    var header = cnifti_header()
    let status = cnifti_read_header(path, &header)
    self.path = path
    self.header = header
    switch cnifti_status(UInt32(status)) {
    case CNIFTI_OK: break
    case CNIFTI_CANNOT_OPEN:
      var isFolder: ObjCBool = false
      let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
      throw .unreadable(
        path: path,
        reason: isFolder.boolValue ? "is a folder" : exists ? "no permission" : "no such file")
    case CNIFTI_TRUNCATED:
      throw .wrongFormat(
        path: path, expected: "a NIfTI-1 file",
        found: "\(header.found_bytes) bytes, less than a header's 348")
    case CNIFTI_CORRUPT: throw .corrupt(path: path)
    case CNIFTI_NOT_NIFTI where header.size_field == 540:
      throw .unsupported(
        path: path, feature: "NIfTI-2", remedy: "save the volume as NIfTI-1 (.nii.gz)")
    case CNIFTI_NOT_NIFTI:
      throw .wrongFormat(
        path: path, expected: "a NIfTI-1 file",
        found: "the header's size field is \(header.size_field) instead of 348")
    default: throw .unreadable(path: path, reason: "input or output error")
    }
    try checkMagic()
  }

  private func checkMagic() throws(ImageError) {
    let (a, b, c, _) = header.fields.magic
    let magic = [a, b, c].map { UInt8(bitPattern: $0) }
    if magic == Array("n+1".utf8) { return }
    if magic == Array("ni1".utf8) {
      throw .unsupported(
        path: path, feature: "a header in a file of its own (.hdr and .img)",
        remedy: "save the volume as a single .nii or .nii.gz file")
    }
    throw .wrongFormat(
      path: path, expected: "a NIfTI-1 file",
      found: "the magic bytes are \(magic) instead of \"n+1\" (ANALYZE 7.5, perhaps)")
  }

  func invalid(_ field: String, _ value: some CustomStringConvertible, _ remedy: String)
    -> ImageError
  {
    .invalidHeader(path: path, field: field, value: "\(value)", remedy: remedy)
  }

  func shape() throws(ImageError) -> [Int] {
    let d = header.fields.dim
    let sizes = [d.1, d.2, d.3, d.4, d.5, d.6, d.7].map { Int($0) }
    let count = Int(d.0)
    guard (1...7).contains(count) else {
      throw invalid("dim[0]", count, "a NIfTI file has 1 to 7 dimensions")
    }
    var shape = [1, 1, 1]
    var product = 1
    for axis in 0..<count {
      guard sizes[axis] > 0 else {
        throw invalid("dim[\(axis + 1)]", sizes[axis], "sizes are at least 1")
      }
      let (next, overflow) = product.multipliedReportingOverflow(by: sizes[axis])
      guard !overflow && next <= Int.max / 4096 else {
        throw .tooLarge(path: path, shape: Array(sizes[..<count]), bytes: Int.max)
      }
      product = next
      if axis < 3 { shape[axis] = sizes[axis] } else { shape.append(sizes[axis]) }
    }
    while shape.count > 3 && shape.last == 1 { shape.removeLast() }
    return shape
  }

  func voxelType() throws(ImageError) -> VoxelType {
    let code = Int(header.fields.datatype)
    guard let type = VoxelType(code: code) else {
      let name = nifti_datatype_string(Int32(code)).map { String(cString: $0) } ?? "unknown"
      throw .unsupported(
        path: path, feature: "datatype \(code) (\(name))",
        remedy: "save the volume with integers or floats of at most 64 bits")
    }
    return type
  }

  /// No scaling where the slope is 0 (the definition) or not finite (what nibabel and SPM write).
  func scaling() throws(ImageError) -> (Double, Double) {
    let (slope, intercept) = (header.fields.scl_slope, header.fields.scl_inter)
    guard slope.isFinite && slope != 0 else { return (1, 0) }
    guard intercept.isFinite else {
      throw invalid("scl_inter", intercept, "set it to 0 or the intercept that was meant")
    }
    return (Double(slope), Double(intercept))
  }

  func dataOffset() throws(ImageError) -> Int {
    let offset = header.fields.vox_offset
    if offset == 0 { return 352 }
    guard offset.isFinite && offset >= 352 && offset <= 1e15 && offset == offset.rounded() else {
      throw invalid("vox_offset", offset, "voxels of a .nii file begin at byte 352 or later")
    }
    return Int(offset)
  }

  /// sform, then qform, then voxel sizes alone, in mm.
  func affine() throws(ImageError) -> (Affine, NIfTIHeader.AffineSource) {
    let fields = header.fields
    let unit = try millimetersPerUnit()
    var rows: [Double]
    let source: NIfTIHeader.AffineSource
    if fields.sform_code > 0 {
      let (x, y, z) = (fields.srow_x, fields.srow_y, fields.srow_z)
      rows = [x.0, x.1, x.2, x.3, y.0, y.1, y.2, y.3, z.0, z.1, z.2, z.3].map { Double($0) }
      source = .sform
    } else {
      let sizes = try spacing()
      if fields.qform_code > 0 {
        var copy = fields
        (copy.pixdim.1, copy.pixdim.2, copy.pixdim.3) = (sizes[0], sizes[1], sizes[2])
        rows = [Double](repeating: 0, count: 12)
        cnifti_qform(&copy, &rows)
        source = .qform
      } else {
        rows = Affine(spacing: SIMD3(Double(sizes[0]), Double(sizes[1]), Double(sizes[2]))).rows
        source = .spacing
      }
    }
    let affine = Affine(rows: rows.map { $0 * unit })
    guard affine.isInvertible else {
      throw invalid(
        source == .sform ? "srow" : "quatern", affine.description,
        "the \(source.rawValue) must be finite and invertible; set it again from the scanner's data"
      )
    }
    return (affine, source)
  }

  private func spacing() throws(ImageError) -> [Float] {
    let p = header.fields.pixdim
    let dimensions = Int(header.fields.dim.0)
    let sizes = [p.1, p.2, p.3]
    var result: [Float] = [1, 1, 1]
    for axis in 0..<min(3, dimensions) {
      let size = abs(sizes[axis])
      guard size.isFinite && size > 0 else {
        throw invalid("pixdim[\(axis + 1)]", sizes[axis], "set the voxel size in mm")
      }
      result[axis] = size
    }
    return result
  }

  private func millimetersPerUnit() throws(ImageError) -> Double {
    let code = Int32(header.fields.xyzt_units) & 7
    switch code {
    case NIFTI_UNITS_METER: return 1000
    case NIFTI_UNITS_MM, NIFTI_UNITS_UNKNOWN: return 1
    case NIFTI_UNITS_MICRON: return 1e-3
    default: throw invalid("xyzt_units", code, "use 2 (millimeters)")
    }
  }
}
