import CPNG
import Foundation

extension PNG {
  /// Reads the stored numbers of a gray PNG file: no gamma is applied, nothing is rescaled.
  ///
  /// - Parameter url: A PNG file with one channel.
  /// - Returns: The numbers.
  /// - Throws: ``ImageError/unreadable(path:reason:)``,
  ///   ``ImageError/wrongFormat(path:expected:found:)``, and
  ///   ``ImageError/unsupported(path:feature:remedy:)`` for color.
  public static func readGray(_ url: URL) throws(ImageError) -> GrayRaster {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
    return try decodeGray(data, path: url.path)
  }

  /// The stored numbers of the bytes of a gray PNG file, which errors call `path`.
  static func decodeGray(_ data: Data, path: String) throws(ImageError) -> GrayRaster {
    var header = cpng_header()
    var message = [CChar](repeating: 0, count: 64)
    func read(_ samples: UnsafeMutablePointer<UInt16>?, _ rows: UnsafeMutablePointer<UInt8>?)
      throws(ImageError)
    {
      let status = data.withUnsafeBytes {
        cpng_read_gray($0.baseAddress, $0.count, &header, samples, rows, &message)
      }
      guard status == 0 else {
        throw .wrongFormat(path: path, expected: "a PNG file", found: text(of: message))
      }
    }
    try read(nil, nil)
    guard header.is_gray != 0 else {
      throw .unsupported(
        path: path, feature: "a PNG file in color or with transparency",
        remedy: "save it in gray, with 8 or 16 bits")
    }
    let (width, height) = (Int(header.width), Int(header.height))
    // More than deflate's largest ratio can hold, or than a picture of this package ever has.
    guard width * height <= min(8 * 1032 * data.count, 1 << 28) else {
      throw .wrongFormat(
        path: path, expected: "a PNG file", found: "the header promises \(width)x\(height) pixels")
    }
    var samples = [UInt16](repeating: 0, count: width * height)
    var rows = [UInt8](repeating: 0, count: 2 * width * height)
    try samples.withUnsafeMutableBufferPointer { (samples) throws(ImageError) in
      try rows.withUnsafeMutableBufferPointer { (rows) throws(ImageError) in
        try read(samples.baseAddress, rows.baseAddress)
      }
    }
    return GrayRaster(height: height, width: width, bits: Int(header.bits), samples: samples)
  }

  /// The bytes of a gray PNG file of 16 bits.
  ///
  /// - Parameter raster: The numbers, stored as they are.
  /// - Returns: A whole file, or nil for a picture that is too large for one.
  public static func encode(_ raster: GrayRaster) -> Data? {
    // Deflate never adds more than this to what it cannot compress.
    let raw = (2 * raster.width + 1) * raster.height
    var size = raw + raw / 1000 + 65536
    var data = Data(count: size)
    var row = [UInt8](repeating: 0, count: 2 * raster.width)
    var message = [CChar](repeating: 0, count: 64)
    let status = data.withUnsafeMutableBytes {
      cpng_write_gray16(
        raster.samples, Int32(raster.width), Int32(raster.height), &row, $0.baseAddress, &size,
        &message)
    }
    return status == 0 ? data.prefix(size) : nil
  }

  /// Writes a gray picture of 16 bits; the file appears whole or not at all.
  ///
  /// - Throws: ``ImageError/cannotWrite(path:reason:)``.
  public static func write(_ raster: GrayRaster, to url: URL) throws(ImageError) {
    guard let data = encode(raster) else {
      throw .cannotWrite(
        path: url.path, reason: "\(raster.width)x\(raster.height) is too large for a PNG file")
    }
    try writeAtomically(data, to: url)
  }

  private static func text(of message: [CChar]) -> String {
    String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
