import CPNG
import Foundation

/// PNG files of 8-bit pictures.
public enum PNG {
  /// The bytes of a PNG file.
  ///
  /// - Parameter raster: The picture. One whose pixels are all gray is stored in one channel.
  /// - Returns: A whole file.
  public static func encode(_ raster: Raster) -> Data {
    let isGray = raster.pixels.allSatisfy { $0.x == $0.y && $0.y == $0.z }
    let samples = isGray ? raster.pixels.map(\.x) : raster.pixels.flatMap { [$0.x, $0.y, $0.z] }
    var message = [CChar](repeating: 0, count: 64)
    func encode(_ output: UnsafeMutableRawPointer?, _ size: inout Int) -> Bool {
      cpng_encode(
        samples, Int32(raster.width), Int32(raster.height), isGray ? 1 : 3, output, &size,
        &message) == 0
    }
    var size = 0
    guard encode(nil, &size) else { return Data() }
    var data = Data(count: size)
    let isWhole = data.withUnsafeMutableBytes { encode($0.baseAddress, &size) }
    return isWhole ? data.prefix(size) : Data()
  }

  /// Writes a picture; the file appears whole or not at all.
  ///
  /// - Throws: ``ImageError/cannotWrite(path:reason:)``.
  public static func write(_ raster: Raster, to url: URL) throws(ImageError) {
    let data = encode(raster)
    guard !data.isEmpty else {
      throw .cannotWrite(
        path: url.path, reason: "\(raster.width)x\(raster.height) is too large for a PNG file")
    }
    try writeAtomically(data, to: url)
  }

  /// Reads a picture of 8 bits or more; transparency is dropped.
  ///
  /// - Parameter url: A PNG file.
  /// - Returns: The picture.
  /// - Throws: ``ImageError/unreadable(path:reason:)``,
  ///   ``ImageError/wrongFormat(path:expected:found:)``.
  public static func read(_ url: URL) throws(ImageError) -> Raster {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
    var (width, height, channels) = (Int32(0), Int32(0), Int32(0))
    var message = [CChar](repeating: 0, count: 64)
    var samples: [UInt8] = []
    let isWhole = data.withUnsafeBytes { bytes -> Bool in
      let (start, count) = (bytes.baseAddress, bytes.count)
      guard cpng_size(start, count, &width, &height, &channels, &message) == 0 else { return false }
      // More than deflate's largest ratio can hold, or than a picture of this package ever has.
      guard Int(width) * Int(height) <= min(8 * 1032 * count, 1 << 28) else {
        message = "the header promises \(width)x\(height) pixels".utf8CString.map { $0 }
        return false
      }
      samples = [UInt8](repeating: 0, count: Int(width) * Int(height) * 4)
      return cpng_decode(start, count, 4, &samples, &message) == 0
    }
    guard isWhole else {
      let text = String(
        decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      throw .wrongFormat(path: url.path, expected: "a PNG file", found: text)
    }
    let pixels = stride(from: 0, to: samples.count, by: 4).map {
      Raster.Color(samples[$0], samples[$0 + 1], samples[$0 + 2])
    }
    return Raster(height: Int(height), width: Int(width), pixels: pixels)
  }
}
