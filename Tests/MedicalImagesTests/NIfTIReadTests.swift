import Foundation
import Testing

@testable import MedicalImages

@Suite struct NIfTIReadTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func read(_ bytes: NIfTIBytes, _ name: String = "a.nii") throws -> Volume {
    try NIfTI.read(scratch.file(name, bytes.data))
  }

  private func refusal(_ bytes: NIfTIBytes, frame: Int? = nil) throws -> ImageError? {
    let url = try scratch.file("a.nii", bytes.data)
    return thrown { () throws(ImageError) in _ = try NIfTI.read(url, frame: frame) }
  }

  private var path: String { scratch.url.appendingPathComponent("a.nii").path }

  private func check<T: FixedWidthInteger>(
    _ type: VoxelType, _ stored: [T], _ values: [Float]
  ) throws {
    for bigEndian in [false, true] {
      var bytes = NIfTIBytes()
      bytes.bigEndian = bigEndian
      bytes.datatype = Int16(type.code)
      bytes.bitpix = Int16(type.size * 8)
      bytes.append(stored)
      #expect(try read(bytes).voxels == values, "\(type), big-endian: \(bigEndian)")
    }
  }

  @Test func `every type of voxel is read in both byte orders`() throws {
    try check(.int8, [-128, 127] as [Int8], [-128, 127])
    try check(.uint8, [0, 255] as [UInt8], [0, 255])
    try check(.int16, [-32768, 513] as [Int16], [-32768, 513])
    try check(.uint16, [65535, 258] as [UInt16], [65535, 258])
    try check(.int32, [-2_147_483_648, 16_909_060] as [Int32], [-2_147_483_648, 16_909_060])
    try check(.uint32, [4_294_967_295, 7] as [UInt32], [4_294_967_296, 7])
    try check(.int64, [-(1 << 40), 5] as [Int64], [-1_099_511_627_776, 5])
    try check(.uint64, [1 << 63, 6] as [UInt64], [9_223_372_036_854_775_808, 6])
    try check(.float32, [Float(-0.1).bitPattern, Float(3.5).bitPattern], [-0.1, 3.5])
    try check(.float64, [Double(0.1).bitPattern, Double(-2e10).bitPattern], [0.1, -2e10])
  }

  @Test func `slope and intercept scale what is stored`() throws {
    var bytes = NIfTIBytes()
    (bytes.datatype, bytes.bitpix, bytes.slope, bytes.intercept) = (4, 16, 0.5, -10)
    bytes.append([100, -4] as [Int16])
    #expect(try read(bytes).voxels == [40, -12])
  }

  @Test func `a slope of zero or not a number means no scaling`() throws {
    for slope in [Float(0), .nan, .infinity] {
      var bytes = NIfTIBytes.floats([1, 2])
      (bytes.slope, bytes.intercept) = (slope, .nan)
      #expect(try read(bytes).voxels == [1, 2])
    }
  }

  @Test func `the sform takes precedence over the qform`() throws {
    var bytes = NIfTIBytes.floats([1, 2])
    bytes.qformCode = 1
    bytes.pixdim = [1, 9, 9, 9, 0, 0, 0, 0]
    bytes.srow = [0, -2, 0, 5, 3, 0, 0, 6, 0, 0, 4, 7]
    let volume = try read(bytes)
    #expect(volume.affine(SIMD3(1, 1, 1)) == SIMD3(3, 9, 11))
    #expect(volume.spacing == SIMD3(3, 2, 4))
  }

  @Test func `a qform of 180 degrees about z flips x and y`() throws {
    var bytes = NIfTIBytes.floats([1, 2])
    (bytes.sformCode, bytes.qformCode) = (0, 1)
    bytes.quaternion = [0, 0, 1]
    bytes.qoffset = [10, 20, 30]
    bytes.pixdim = [1, 2, 3, 4, 0, 0, 0, 0]
    let volume = try read(bytes)
    #expect(volume.affine(SIMD3(1, 1, 1)) == SIMD3(8, 17, 34))
    bytes.pixdim[0] = -1  // qfac: the third axis is reversed
    #expect(try read(bytes).affine(SIMD3(1, 1, 1)) == SIMD3(8, 17, 26))
  }

  @Test func `without sform and qform there are only voxel sizes, and no orientation`() throws {
    var bytes = NIfTIBytes.floats([1, 2])
    bytes.sformCode = 0
    bytes.pixdim = [1, 2, 3, 4, 0, 0, 0, 0]
    let volume = try read(bytes)
    #expect(volume.affine == Affine(spacing: SIMD3(2, 3, 4)))
    #expect(!volume.isOriented)
  }

  @Test func `meters and micrometers become millimeters`() throws {
    var bytes = NIfTIBytes.floats([1, 2])
    bytes.units = 1
    bytes.srow = [0.002, 0, 0, 0.01, 0, 0.002, 0, 0, 0, 0, 0.002, 0]
    let meters = try read(bytes)
    #expect(abs(meters.spacing.x - 2) < 1e-6 && abs(meters.affine.origin.x - 10) < 1e-6)
    bytes.units = 3
    #expect(abs(try read(bytes).spacing.x - 2e-6) < 1e-12)
  }

  @Test func `files that are not NIfTI-1 are named as what they are`() throws {
    let empty = try scratch.file("empty.nii", Data())
    #expect(
      thrown { () throws(ImageError) in _ = try NIfTI.read(empty) }
        == .wrongFormat(
          path: empty.path, expected: "a NIfTI-1 file",
          found: "0 bytes, less than a header's 348"))
    let text = try scratch.file("text.nii.gz", Data(String(repeating: "brain ", count: 99).utf8))
    guard
      case .wrongFormat = thrown({ () throws(ImageError) in _ = try NIfTI.read(text) })
    else {
      Issue.record("a text file was not refused as a foreign format")
      return
    }
    var bytes = NIfTIBytes.floats([1])
    bytes.sizeField = 540
    #expect(
      try refusal(bytes)
        == .unsupported(
          path: path, feature: "NIfTI-2", remedy: "save the volume as NIfTI-1 (.nii.gz)"))
    bytes.sizeField = 348
    bytes.magic = Array("ni1\0".utf8)
    guard
      case .unsupported(_, "a header in a file of its own (.hdr and .img)", _)? =
        try refusal(bytes)
    else {
      Issue.record("a .hdr file was not refused")
      return
    }
    bytes.magic = [0, 0, 0, 0]
    guard case .wrongFormat? = try refusal(bytes) else {
      Issue.record("an ANALYZE file was not refused")
      return
    }
  }

  @Test func `missing files and folders are unreadable`() throws {
    let missing = scratch.url.appendingPathComponent("none.nii")
    #expect(
      thrown { () throws(ImageError) in _ = try NIfTI.read(missing) }
        == .unreadable(path: missing.path, reason: "no such file"))
    #expect(
      thrown { () throws(ImageError) in _ = try NIfTI.read(scratch.url) }
        == .unreadable(path: scratch.url.path, reason: "is a folder"))
  }

  @Test func `headers whose fields no grid can have are refused by field and value`() throws {
    func field(_ change: (inout NIfTIBytes) -> Void) throws -> [String] {
      var bytes = NIfTIBytes.floats([1, 2])
      change(&bytes)
      guard case .invalidHeader(_, let field, let value, _)? = try refusal(bytes) else { return [] }
      return [field, value]
    }
    #expect(try field { $0.dims[0] = 0 } == ["dim[0]", "0"])
    #expect(try field { $0.dims[0] = 8 } == ["dim[0]", "8"])
    #expect(try field { $0.dims[2] = 0 } == ["dim[2]", "0"])
    #expect(try field { $0.dims[1] = -5 } == ["dim[1]", "-5"])
    #expect(try field { $0.bitpix = 8 } == ["bitpix", "8"])
    #expect(try field { $0.offset = 10 } == ["vox_offset", "10.0"])
    #expect(try field { $0.offset = .nan } == ["vox_offset", "nan"])
    #expect(try field { ($0.slope, $0.intercept) = (2, .nan) } == ["scl_inter", "nan"])
    #expect(try field { $0.srow[5] = .nan }.first == "srow")
    #expect(try field { $0.srow[5] = 0 }.first == "srow")
    let quaternion = try field {
      ($0.sformCode, $0.qformCode, $0.qoffset[0]) = (0, 1, .nan)
    }
    #expect(quaternion.first == "quatern")
    #expect(try field { ($0.sformCode, $0.pixdim[1]) = (0, .nan) } == ["pixdim[1]", "nan"])
    #expect(try field { ($0.sformCode, $0.pixdim[1]) = (0, 0) } == ["pixdim[1]", "0.0"])
    #expect(try field { $0.units = 5 } == ["xyzt_units", "5"])
  }

  @Test func `types without a real number per voxel are not supported`() throws {
    var bytes = NIfTIBytes.floats([1, 2])
    for (code, name) in [(32, "COMPLEX64"), (128, "RGB24"), (1, "BINARY"), (77, "**ILLEGAL**")] {
      bytes.datatype = Int16(code)
      #expect(
        try refusal(bytes)
          == .unsupported(
            path: path, feature: "datatype \(code) (\(name))",
            remedy: "save the volume with integers or floats of at most 64 bits"))
    }
  }

  @Test func `a header that promises more than the file holds is refused`() throws {
    var bytes = NIfTIBytes.floats([1, 2])
    bytes.dims = [3, 2, 3, 1, 1, 1, 1, 1]
    #expect(
      try refusal(bytes)
        == .truncated(path: path, shape: [2, 3, 1], expectedBytes: 24, foundBytes: 8))
    bytes.dims = [3, 32767, 32767, 32767, 1, 1, 1, 1]
    #expect(
      try refusal(bytes)
        == .truncated(
          path: path, shape: [32767, 32767, 32767], expectedBytes: 4 * 32767 * 32767 * 32767,
          foundBytes: 8))
    bytes.dims = [7, 32767, 32767, 32767, 32767, 32767, 32767, 32767]
    guard case .tooLarge? = try refusal(bytes) else {
      Issue.record("a product of sizes beyond 64 bits was not refused")
      return
    }
  }

  @Test func `a compressed file reads like the plain one, and damage to it is noticed`() throws {
    let voxels = (0..<4096).map { Float(($0 * 2_654_435_761) % 1000) }
    let volume = Volume(
      name: "made", shape: [16, 16, 16], voxels: voxels, affine: Affine(spacing: SIMD3(1, 1, 1)))
    let url = scratch.url.appendingPathComponent("v.nii.gz")
    try NIfTI.write(volume, to: url)
    #expect(try NIfTI.read(url).voxels == voxels)
    let whole = try Data(contentsOf: url)

    let cut = try scratch.file("cut.nii.gz", whole.prefix(whole.count / 2))
    guard
      case .truncated(_, [16, 16, 16], 16384, let found)? = thrown({ () throws(ImageError) in
        _ = try NIfTI.read(cut)
      })
    else {
      Issue.record("a truncated stream was read")
      return
    }
    #expect(found > 0 && found < 16384)

    var flipped = whole
    flipped[whole.count - 6] ^= 0xff  // the checksum at the end
    let damaged = try scratch.file("damaged.nii.gz", flipped)
    #expect(
      thrown { () throws(ImageError) in _ = try NIfTI.read(damaged) }
        == .corrupt(path: damaged.path))
    let lying = try scratch.file("lying.nii.gz", whole.prefix(30))
    #expect(thrown { () throws(ImageError) in _ = try NIfTI.read(lying) } != nil)
  }

  @Test func `a file of several frames is refused unless one is chosen`() throws {
    let bytes = NIfTIBytes.floats([1, 2, 3, 4, 5, 6], dims: [4, 2, 1, 1, 3, 1, 1, 1])
    #expect(try refusal(bytes) == .severalFrames(path: path, shape: [2, 1, 1, 3]))
    #expect(try refusal(bytes, frame: 3) == .noSuchFrame(path: path, frame: 3, count: 3))
    #expect(try refusal(bytes, frame: -1) == .noSuchFrame(path: path, frame: -1, count: 3))
    let url = try scratch.file("a.nii", bytes.data)
    #expect(try NIfTI.read(url, frame: 1).voxels == [3, 4])
    let single = NIfTIBytes.floats([1, 2], dims: [4, 2, 1, 1, 1, 1, 1, 1])
    #expect(try read(single).shape == [2, 1, 1])
  }

  @Test func `voxels that are not finite are located, and replaced only on request`() throws {
    let bytes = NIfTIBytes.floats([1, 2, 3, .nan, 5, .infinity], dims: [3, 2, 3, 1, 1, 1, 1, 1])
    #expect(try refusal(bytes) == .notFinite(path: path, count: 2, first: [1, 1, 0]))
    let url = try scratch.file("a.nii", bytes.data)
    #expect(try NIfTI.read(url, nonFinite: .replace(with: -1)).voxels == [1, 2, 3, -1, 5, -1])
    #expect(try NIfTI.read(url, nonFinite: .keep).voxels[5] == .infinity)
  }
}
