import Foundation

// The value of an output pixel is looked up where it comes from, p_in = M⁻¹(p_out − t): bilinearly in
// images, at the nearest pixel in masks, and 0 outside.

/// An affine map of an image's plane, p_out = M p_in + t, in pixels about the center, x to the right
/// and y down.
public struct PixelMap: Sendable, Equatable {
  /// The entries of M: what a step in x and y of the input is in x of the output.
  public var xx, xy: Double
  /// The entries of M: what a step in x and y of the input is in y of the output.
  public var yx, yy: Double
  /// The shift t.
  public var x, y: Double

  /// The given map; it must be invertible.
  public init(xx: Double, xy: Double, yx: Double, yy: Double, x: Double = 0, y: Double = 0) {
    precondition(xx * yy - xy * yx != 0, "PixelMap: a map that cannot be inverted")
    (self.xx, self.xy, self.yx, self.yy, self.x, self.y) = (xx, xy, yx, yy, x, y)
  }

  /// The map that changes nothing.
  public static let identity = PixelMap(xx: 1, xy: 0, yx: 0, yy: 1)

  /// An image and its mask, moved.
  ///
  /// - Shapes: elements `[channels, height, width]`, mask `[height, width]`.
  public func applied(to image: SourceImage, channels: Int, height: Int, width: Int) -> SourceImage
  {
    guard self != .identity else { return image }
    let area = height * width
    var result = SourceImage(
      elements: [Float](repeating: 0, count: channels * area),
      mask: image.mask.map { [Float](repeating: 0, count: $0.count) })
    image.elements.withUnsafeBufferPointer { source in
      result.elements.withUnsafeMutableBufferPointer { target in
        forEachPixel(height: height, width: width) { pixel, x, y in
          let (left, top) = (x.rounded(.down), y.rounded(.down))
          let (column, row) = (Int(left), Int(top))
          let (fx, fy) = (Float(x - left), Float(y - top))
          for (dy, wy) in [(0, 1 - fy), (1, fy)] where (0..<height).contains(row + dy) {
            for (dx, wx) in [(0, 1 - fx), (1, fx)] where (0..<width).contains(column + dx) {
              let cell = (row + dy) * width + column + dx
              for channel in 0..<channels {
                target[channel * area + pixel] += wy * wx * source[channel * area + cell]
              }
            }
          }
        }
      }
    }
    if let mask = image.mask {
      forEachPixel(height: height, width: width) { pixel, x, y in
        let (column, row) = (Int((x + 0.5).rounded(.down)), Int((y + 0.5).rounded(.down)))
        guard (0..<height).contains(row), (0..<width).contains(column) else { return }
        result.mask?[pixel] = mask[row * width + column]
      }
    }
    return result
  }

  /// Calls `body` for each output pixel with its index and where it comes from.
  private func forEachPixel(
    height: Int, width: Int, _ body: (_ pixel: Int, _ x: Double, _ y: Double) -> Void
  ) {
    let determinant = xx * yy - xy * yx
    let (cx, cy) = (Double(width - 1) / 2, Double(height - 1) / 2)
    for row in 0..<height {
      for column in 0..<width {
        let (dx, dy) = (Double(column) - cx - x, Double(row) - cy - y)
        let sourceX = (yy * dx - xy * dy) / determinant + cx
        let sourceY = (xx * dy - yx * dx) / determinant + cy
        // Far outside: nothing to look up, and no integer to convert to.
        guard sourceX > -1, sourceY > -1, sourceX < Double(width), sourceY < Double(height) else {
          continue
        }
        body(row * width + column, sourceX, sourceY)
      }
    }
  }
}
