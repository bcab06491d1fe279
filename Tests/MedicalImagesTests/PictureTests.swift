import Foundation
import Testing

@testable import MedicalImages

@Suite struct PictureTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `a picture survives PNG, in color and in gray`() throws {
    let color = Raster(
      height: 2, width: 3,
      pixels: [[1, 2, 3], [255, 0, 128], [0, 0, 0], [9, 9, 9], [7, 70, 170], [255, 255, 255]])
    let gray = Raster(height: 1, width: 2, pixels: [[17, 17, 17], [200, 200, 200]])
    for picture in [color, gray] {
      let url = scratch.url.appendingPathComponent("p.png")
      try PNG.write(picture, to: url)
      #expect(try PNG.read(url) == picture)
    }
    // Color type in the header: 2 is RGB, 0 is gray.
    #expect(PNG.encode(color)[25] == 2 && PNG.encode(gray)[25] == 0)
  }

  @Test func `files that are no PNG are refused with libpng's reason`() throws {
    let text = try scratch.file("a.png", Data("not a picture at all".utf8))
    guard
      case .wrongFormat(text.path, "a PNG file", let reason)? = thrown({ () throws(ImageError) in
        _ = try PNG.read(text)
      })
    else {
      Issue.record("a text file was read")
      return
    }
    #expect(!reason.isEmpty)
    let whole = PNG.encode(Raster(height: 40, width: 40, filledWith: [1, 2, 3]))
    let cut = try scratch.file("b.png", whole.prefix(60))
    guard case .wrongFormat? = thrown({ () throws(ImageError) in _ = try PNG.read(cut) }) else {
      Issue.record("a truncated file was read")
      return
    }
    let missing = scratch.url.appendingPathComponent("none.png")
    guard case .unreadable? = thrown({ () throws(ImageError) in _ = try PNG.read(missing) }) else {
      Issue.record("a missing file was read")
      return
    }
    let place = scratch.url.appendingPathComponent("none/p.png")
    let picture = Raster(height: 1, width: 1, filledWith: [0, 0, 0])
    guard
      case .cannotWrite(place.path, _)? = thrown({ () throws(ImageError) in
        try PNG.write(picture, to: place)
      })
    else {
      Issue.record("a file was written into a missing folder")
      return
    }
  }

  /// CIELAB of an 8-bit color, by the inverse formulas.
  private func lab(_ color: Raster.Color) -> SIMD3<Double> {
    var rgb = SIMD3<Double>.zero
    for n in 0..<3 {
      let c = Double(color[n]) / 255
      rgb[n] = c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4)
    }
    let x = dot(SIMD3(0.4124564, 0.3575761, 0.1804375), rgb) / 0.95047
    let y = dot(SIMD3(0.2126729, 0.7151522, 0.0721750), rgb)
    let z = dot(SIMD3(0.0193339, 0.1191920, 0.9503041), rgb) / 1.08883
    func f(_ value: Double) -> Double {
      value > 216.0 / 24389 ? cbrt(value) : value * 841 / 108 + 4.0 / 29
    }
    let (fx, fy, fz) = (f(x), f(y), f(z))
    return SIMD3<Double>(116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz))
  }

  @Test func `the heat map grows lighter in equal steps`() {
    let colors = ColorMap.heat.colors.map(lab)
    #expect(colors.count == 256)
    #expect(abs(colors[0].x - 8) < 1 && abs(colors[255].x - 94) < 1)
    // Sixteen steps at a time, so that rounding to 8 bits does not matter.
    let steps = stride(from: 0, to: 240, by: 16).map { length(colors[$0 + 16] - colors[$0]) }
    for (index, step) in steps.enumerated() {
      #expect(colors[16 * index + 16].x > colors[16 * index].x)
      #expect(step > 0.75 * (steps.max() ?? 0))
    }
  }

  @Test func `values become colors by their place in the range`() {
    let plane = Plane(height: 1, width: 5, values: [-10, 0, 5, 10, .nan])
    let picture = Raster(plane, range: 0...10)
    #expect(picture.pixels.map(\.x) == [0, 0, 128, 255, 0])
    let flat = Raster(Plane(height: 1, width: 2, values: [3, 3]))
    #expect(flat.pixels.map(\.x) == [0, 0])
  }

  @Test func `an overlay mixes image and map by its opacity`() {
    let image = Raster(height: 1, width: 2, filledWith: [100, 100, 100])
    let map = Plane(height: 1, width: 2, values: [0, 1])
    var overlay = Overlay()
    overlay.colors = .gray
    overlay.opacity = .constant(0.5)
    #expect(overlay.draw(map, over: image).pixels == [[50, 50, 50], [178, 178, 178]])
    overlay.opacity = .proportional(1)
    #expect(overlay.draw(map, over: image).pixels == [[100, 100, 100], [255, 255, 255]])
    overlay.range = 0...2
    #expect(overlay.draw(map, over: image).pixels == [[100, 100, 100], [114, 114, 114]])
  }

  @Test func `a small map is interpolated to the image's size`() {
    let image = Raster(height: 4, width: 4, filledWith: [0, 0, 0])
    var overlay = Overlay()
    (overlay.colors, overlay.opacity) = (.gray, .constant(1))
    let drawn = overlay.draw(Plane(height: 1, width: 2, values: [0, 1]), over: image)
    #expect(drawn.pixels.prefix(4).map(\.x) == [0, 64, 191, 255])
  }

  @Test func `an outline is the rim of the mask`() {
    var picture = Raster(height: 5, width: 5, filledWith: [0, 0, 0])
    var mask = Plane(height: 5, width: 5, values: [Float](repeating: 0, count: 25))
    for row in 1...3 {
      for column in 1...3 { mask[row, column] = 1 }
    }
    picture.drawOutline(of: mask, color: [255, 0, 0])
    let red = picture.pixels.indices.filter { picture.pixels[$0].x == 255 }
    #expect(red == [6, 7, 8, 11, 13, 16, 17, 18])
    var full = Raster(height: 3, width: 3, filledWith: [0, 0, 0])
    full.drawOutline(
      of: Plane(height: 3, width: 3, values: [Float](repeating: 1, count: 9)), color: [1, 1, 1])
    #expect(full[1, 1] == [0, 0, 0] && full[0, 1] == [1, 1, 1])
    var none = Raster(height: 2, width: 2, filledWith: [9, 9, 9])
    none.drawOutline(
      of: Plane(height: 2, width: 2, values: [0, 0, 0, 0]), color: [1, 1, 1], thickness: 2)
    #expect(none.pixels.allSatisfy { $0 == [9, 9, 9] })
  }

  @Test func `panels put tiles side by side with margins`() {
    let a = Raster(height: 2, width: 1, filledWith: [1, 1, 1])
    let b = Raster(height: 1, width: 2, filledWith: [2, 2, 2])
    let row = Panel.row([a, b], margin: 1, background: [0, 0, 0])
    #expect((row.height, row.width) == (4, 6))
    #expect(
      row.pixels.map(\.x) == [
        0, 0, 0, 0, 0, 0, 0, 1, 0, 2, 2, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
      ])
    let grid = Panel.grid([[a], [b]], margin: 1, background: [0, 0, 0])
    #expect((grid.height, grid.width) == (6, 4))
    #expect(grid[1, 1] == [1, 1, 1] && grid[4, 2] == [2, 2, 2])
    let bar = Panel.colorBar(.gray, height: 3, width: 1)
    #expect(bar.pixels.map(\.x) == [255, 128, 0])
    let big = b.enlarged(by: 2)
    #expect((big.height, big.width) == (2, 4) && big[1, 3] == [2, 2, 2])
  }

  @Test func `a window leaves out the extremes and the background`() {
    let values = [Float](repeating: 0, count: 50) + (1...101).map { Float($0) }
    let window = Plane(height: 1, width: 151, values: values).window(lower: 0.1, upper: 0.9)
    #expect(window == 11...91)
    #expect(Plane(height: 1, width: 2, values: [0, 0]).window() == 0...0)
  }
}
