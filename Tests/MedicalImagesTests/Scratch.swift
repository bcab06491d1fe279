import Foundation

@testable import MedicalImages

/// A folder that is gone when the test is over.
final class Scratch {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// Writes a file and returns its place.
  func file(_ name: String, _ data: Data) throws -> URL {
    let place = url.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: place.deletingLastPathComponent(), withIntermediateDirectories: true)
    try data.write(to: place)
    return place
  }
}

/// The bytes of a NIfTI-1 file, put together by hand from the offsets of the definition.
struct NIfTIBytes {
  var bigEndian = false
  var dims: [Int16] = [3, 2, 1, 1, 1, 1, 1, 1]
  var datatype: Int16 = 16
  var bitpix: Int16 = 32
  var pixdim: [Float] = [1, 1, 1, 1, 0, 0, 0, 0]
  var offset: Float = 352
  var slope: Float = 0
  var intercept: Float = 0
  var units: UInt8 = 2
  var qformCode: Int16 = 0
  var sformCode: Int16 = 1
  var quaternion: [Float] = [0, 0, 0]
  var qoffset: [Float] = [0, 0, 0]
  var srow: [Float] = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0]
  var sizeField: Int32 = 348
  var magic = Array("n+1\0".utf8)
  var voxels = Data()

  func put<T: FixedWidthInteger>(_ value: T, _ data: inout Data, at offset: Int) {
    withUnsafeBytes(of: bigEndian ? value.bigEndian : value.littleEndian) {
      data.replaceSubrange(offset..<offset + $0.count, with: $0)
    }
  }

  var data: Data {
    var data = Data(count: 352)
    put(sizeField, &data, at: 0)
    for (index, dim) in dims.enumerated() { put(dim, &data, at: 40 + 2 * index) }
    put(datatype, &data, at: 70)
    put(bitpix, &data, at: 72)
    for (index, size) in pixdim.enumerated() { put(size.bitPattern, &data, at: 76 + 4 * index) }
    put(offset.bitPattern, &data, at: 108)
    put(slope.bitPattern, &data, at: 112)
    put(intercept.bitPattern, &data, at: 116)
    data[123] = units
    put(qformCode, &data, at: 252)
    put(sformCode, &data, at: 254)
    for (index, value) in (quaternion + qoffset).enumerated() {
      put(value.bitPattern, &data, at: 256 + 4 * index)
    }
    for (index, value) in srow.enumerated() { put(value.bitPattern, &data, at: 280 + 4 * index) }
    data.replaceSubrange(344..<348, with: magic)
    return data + voxels
  }

  /// Appends numbers as they lie in the file.
  mutating func append<T: FixedWidthInteger>(_ values: [T]) {
    for value in values {
      var bytes = Data(count: MemoryLayout<T>.size)
      put(value, &bytes, at: 0)
      voxels.append(bytes)
    }
  }

  /// A file of single-precision voxels.
  static func floats(_ values: [Float], dims: [Int16]? = nil) -> NIfTIBytes {
    var file = NIfTIBytes()
    file.dims = dims ?? [3, Int16(values.count), 1, 1, 1, 1, 1, 1]
    file.append(values.map(\.bitPattern))
    return file
  }
}

/// The error that `body` throws, or nil.
func thrown(_ body: () throws(ImageError) -> Void) -> ImageError? {
  do throws(ImageError) {
    try body()
    return nil
  } catch {
    return error
  }
}
