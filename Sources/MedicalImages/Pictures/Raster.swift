/// An 8-bit picture: RGB, rows from the top.
public struct Raster: Sendable, Equatable {
  /// A color, red, green and blue from 0 to 255.
  public typealias Color = SIMD3<UInt8>

  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int
  /// The colors, row by row.
  public var pixels: [Color] {
    didSet { precondition(pixels.count == height * width, "Raster: the size is fixed") }
  }

  /// A picture from its pixels.
  ///
  /// - Parameters:
  ///   - height: Rows, at least 1.
  ///   - width: Columns, at least 1.
  ///   - pixels: height · width colors, row by row.
  public init(height: Int, width: Int, pixels: [Color]) {
    precondition(
      height > 0 && width > 0 && pixels.count == height * width,
      "Raster: \(height)x\(width) does not fit \(pixels.count) pixels")
    (self.height, self.width, self.pixels) = (height, width, pixels)
  }

  /// A picture of one color.
  public init(height: Int, width: Int, filledWith color: Color) {
    self.init(
      height: height, width: width, pixels: [Color](repeating: color, count: height * width))
  }

  /// A picture of numbers: `range` is spread over the color map, values beyond get its ends.
  ///
  /// - Parameters:
  ///   - plane: The numbers.
  ///   - range: What the map's ends stand for; nil is the plane's own range.
  ///   - map: The colors.
  public init(_ plane: Plane, range: ClosedRange<Float>? = nil, map: ColorMap = .gray) {
    let scale = UnitScale(range ?? plane.range)
    self.init(
      height: plane.height, width: plane.width, pixels: plane.values.map { map[scale($0)] })
  }

  /// The color in a row and column.
  public subscript(row: Int, column: Int) -> Color {
    get { pixels[row * width + column] }
    set { pixels[row * width + column] = newValue }
  }
}

/// A range of values spread over 0 to 1; an empty range or a value that is no number gives 0.
struct UnitScale {
  let low: Float
  let factor: Float

  init(_ range: ClosedRange<Float>) {
    low = range.lowerBound
    let length = range.upperBound - range.lowerBound
    factor = length > 0 && length.isFinite ? 1 / length : 0
  }

  func callAsFunction(_ value: Float) -> Float {
    let unit = (value - low) * factor
    return unit > 0 ? min(unit, 1) : 0
  }
}
