import Foundation
import Testing

@testable import MedicalImages

@Suite struct GrayPNGTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `16 bits survive a file to the last one`() throws {
    let samples = (0..<7 * 5).map { UInt16(truncatingIfNeeded: $0 * 7919 + 1) }
    let raster = GrayRaster(height: 5, width: 7, samples: samples)
    let url = scratch.url.appendingPathComponent("a.png")
    try PNG.write(raster, to: url)
    #expect(try PNG.readGray(url) == raster)
  }

  @Test func `8 bits are read as they are stored, without gamma`() throws {
    let pixels = (0..<256).map { Raster.Color(repeating: UInt8($0)) }
    let url = scratch.url.appendingPathComponent("a.png")
    try PNG.write(Raster(height: 16, width: 16, pixels: pixels), to: url)
    let raster = try PNG.readGray(url)
    #expect(raster.bits == 8 && raster.white == 255 && raster.samples == (0...255).map { $0 })
    #expect(raster.plane(maximum: 51).values[5] == 1)
  }

  /// A 4×3 file of 2 bits and Adam7 interlacing: 0 1 2 3 / 3 2 1 0 / 1 1 2 2.
  private let interlaced = Data(
    base64Encoded:
      "iVBORw0KGgoAAAANSUhEUgAAAAQAAAADAgAAAAGsKNktAAAAEklEQVR4nGNgYGhgSGAoAOIn"
      + "AAtgApWuy1mAAAAAAElFTkSuQmCC"
  )

  @Test func `few bits and interlacing are read`() throws {
    let data = try #require(interlaced)
    let raster = try PNG.decodeGray(data, path: "a")
    #expect(raster.bits == 2)
    #expect(raster.samples == [0, 1, 2, 3, 3, 2, 1, 0, 1, 1, 2, 2])
  }

  @Test func `color, damage and other files are refused by name`() throws {
    let color = scratch.url.appendingPathComponent("color.png")
    try PNG.write(Raster(height: 2, width: 2, filledWith: [1, 2, 3]), to: color)
    #expect(
      thrown { () throws(ImageError) in _ = try PNG.readGray(color) }
        == .unsupported(
          path: color.path, feature: "a PNG file in color or with transparency",
          remedy: "save it in gray, with 8 or 16 bits"))
    let samples = (0..<64 * 64).map { UInt16(truncatingIfNeeded: $0 * 40503) }
    let whole = try #require(PNG.encode(GrayRaster(height: 64, width: 64, samples: samples)))
    #expect(
      thrown { () throws(ImageError) in _ = try PNG.decodeGray(whole.prefix(3000), path: "cut") }
        == .wrongFormat(path: "cut", expected: "a PNG file", found: "the file ends too early"))
    var bent = whole
    bent[2000] ^= 0xff
    guard
      case .wrongFormat("bent", "a PNG file", _)? = thrown({ () throws(ImageError) in
        _ = try PNG.decodeGray(bent, path: "bent")
      })
    else {
      Issue.record("a damaged file was read")
      return
    }
    guard
      case .wrongFormat("text", "a PNG file", _)? = thrown({ () throws(ImageError) in
        _ = try PNG.decodeGray(Data("no picture at all".utf8), path: "text")
      })
    else {
      Issue.record("text was read as a picture")
      return
    }
  }

  @Test func `a header that promises what no file can hold is refused before memory is taken`()
    throws
  {
    var data = try #require(PNG.encode(GrayRaster(height: 1, width: 1, samples: [0])))
    // Width and height of IHDR, and its checksum.
    data.replaceSubrange(16..<24, with: [0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff])
    data.replaceSubrange(29..<33, with: crc(data[12..<29]))
    #expect(
      thrown { () throws(ImageError) in _ = try PNG.decodeGray(data, path: "bomb") }
        == .wrongFormat(
          path: "bomb", expected: "a PNG file", found: "the header promises 65535x65535 pixels"))
  }

  @Test func `values are stored in steps of the maximum over 65535`() {
    let plane = Plane(height: 1, width: 5, values: [-1, 0, 2.5, 10, 11])
    let raster = GrayRaster(plane, maximum: 10)
    #expect(raster.samples == [0, 0, 16384, 65535, 65535])
    #expect(raster.plane(maximum: 10).values[3] == 10)
  }

  /// The checksum of a PNG chunk.
  private func crc(_ data: Data) -> [UInt8] {
    var value: UInt32 = .max
    for byte in data {
      value ^= UInt32(byte)
      for _ in 0..<8 { value = value & 1 == 1 ? 0xedb8_8320 ^ value >> 1 : value >> 1 }
    }
    value = ~value
    return (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
  }
}
