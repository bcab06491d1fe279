import ConvexKit
import Networks
import TestSupport
import Testing

@Suite struct AugmentationTests {
  /// A picture of 3 rows and 4 columns, with a mask that marks the pixel of 6.
  private let picture = SourceImage(
    elements: (0..<12).map { Float($0) }, mask: (0..<12).map { $0 == 6 ? 2 : 0 })

  private func moved(_ map: PixelMap) -> SourceImage {
    map.applied(to: picture, channels: 1, height: 3, width: 4)
  }

  @Test func `mirrors are exact, on image and mask alike`() {
    let horizontal = moved(PixelMap(xx: -1, xy: 0, yx: 0, yy: 1))
    #expect(horizontal.elements == [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8])
    #expect(horizontal.mask == [0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0])
    let vertical = moved(PixelMap(xx: 1, xy: 0, yx: 0, yy: -1))
    #expect(vertical.elements == [8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3])
    #expect(vertical.mask == picture.mask)
    #expect(moved(.identity) == picture)
  }

  @Test func `a shift moves to the right and down, zero follows, halves are means`() {
    let whole = moved(PixelMap(xx: 1, xy: 0, yx: 0, yy: 1, x: 1, y: 1))
    #expect(whole.elements == [0, 0, 0, 0, 0, 0, 1, 2, 0, 4, 5, 6])
    #expect(whole.mask == [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2])
    let half = moved(PixelMap(xx: 1, xy: 0, yx: 0, yy: 1, x: 0.5, y: 0))
    #expect(half.elements == [0, 0.5, 1.5, 2.5, 2, 4.5, 5.5, 6.5, 4, 8.5, 9.5, 10.5])
  }

  @Test func `a quarter turn, a scale and a shear are what the formula says`() {
    // On a square: (x, y) → (−y, x) takes the right side to the bottom.
    let square = SourceImage(elements: (0..<9).map { Float($0) })
    let turned = PixelMap(xx: 0, xy: -1, yx: 1, yy: 0)
      .applied(to: square, channels: 1, height: 3, width: 3)
    #expect(turned.elements == [6, 3, 0, 7, 4, 1, 8, 5, 2])
    let doubled = PixelMap(xx: 2, xy: 0, yx: 0, yy: 2)
      .applied(to: square, channels: 1, height: 3, width: 3)
    #expect(doubled.elements == [2, 2.5, 3, 3.5, 4, 4.5, 5, 5.5, 6])
    let slanted = PixelMap(xx: 1, xy: 1, yx: 0, yy: 1)
      .applied(to: square, channels: 1, height: 3, width: 3)
    #expect(slanted.elements == [1, 2, 0, 3, 4, 5, 0, 6, 7])
  }

  @Test func `every channel moves alike`() {
    let two = SourceImage(elements: picture.elements + picture.elements.map { 10 * $0 })
    let map = PixelMap(xx: 0.9, xy: 0.2, yx: -0.1, yy: 1.1, x: 0.3, y: -0.4)
    let elements = map.applied(to: two, channels: 2, height: 3, width: 4).elements
    let single = moved(map).elements
    #expect(Array(elements.prefix(12)) == single)
    #expect(maximumAbsoluteDifference(elements.suffix(12), single.map { 10 * $0 }) < 1e-4)
  }

  @Test func `draws depend on seed, epoch and image, and stay in their ranges`() {
    let augmentation = Augmentation(
      flipsHorizontally: true, rotation: 10, translation: 0.1, scale: 0.8...1.2, shear: 5)
    func draw(_ index: Int, _ epoch: Int, _ seed: UInt64) -> PixelMap {
      augmentation.map(ofImage: index, epoch: epoch, seed: seed, height: 50, width: 100)
    }
    #expect(draw(3, 2, 1) == draw(3, 2, 1))
    for other in [draw(4, 2, 1), draw(3, 3, 1), draw(3, 2, 2)] { #expect(other != draw(3, 2, 1)) }
    let maps = (0..<400).map { draw($0, 1, 1) }
    for map in maps {
      // Rotation and shear keep areas: the determinant is the squared scale.
      let area = abs(map.xx * map.yy - map.xy * map.yx)
      #expect(area >= 0.64 - 1e-12 && area <= 1.44 + 1e-12)
      #expect(abs(map.x) <= 10 && abs(map.y) <= 5)
      #expect(abs(map.yx) <= 1.2 * 0.1737)  // z sin 10°
    }
    let mirrored = maps.count { $0.xx < 0 }
    #expect((150...250).contains(mirrored))
    #expect(Augmentation().map(ofImage: 1, epoch: 1, seed: 1, height: 5, width: 5) == .identity)
  }
}
