/// A map laid over a gray image.
public struct Overlay: Sendable {
  /// How much of the map covers the image.
  public enum Opacity: Sendable, Equatable {
    /// The same everywhere, 0 to 1.
    case constant(Float)
    /// This much where the map is largest, less where it is smaller, none where it is smallest:
    /// the anatomy stays visible where nothing is attended to.
    case proportional(Float)
  }

  /// The colors of the map.
  public var colors = ColorMap.heat
  /// How much of the map covers the image.
  public var opacity = Opacity.proportional(0.75)
  /// What the ends of the colors stand for; nil is the map's own range.
  public var range: ClosedRange<Float>?

  /// An overlay with the default colors and opacity.
  public init() {}

  /// Draws a map over an image.
  ///
  /// ```
  /// pixel = (1 − α) · image + α · color(v),   α = opacity, or opacity · v
  /// ```
  ///
  /// - Parameters:
  ///   - map: The map, of any size: it is interpolated to the image's.
  ///   - image: The gray image, already drawn.
  /// - Returns: A picture of the image's size.
  public func draw(_ map: Plane, over image: Raster) -> Raster {
    let fine = map.resized(height: image.height, width: image.width, by: .bilinear)
    let scale = UnitScale(range ?? map.range)
    var result = image
    for position in fine.values.indices {
      let value = scale(fine.values[position])
      let α =
        switch opacity {
        case .constant(let α): α
        case .proportional(let α): α * value
        }
      let (below, above) = (
        SIMD3<Float>(image.pixels[position]), SIMD3<Float>(colors[value])
      )
      let mixed = below + (above - below) * min(max(α, 0), 1)
      result.pixels[position] = Raster.Color(mixed, rounding: .toNearestOrEven)
    }
    return result
  }
}
