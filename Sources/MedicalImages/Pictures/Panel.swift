/// Pictures side by side.
public enum Panel {
  /// A row of tiles, their tops aligned.
  ///
  /// - Parameters:
  ///   - tiles: The pictures, from the left; at least one.
  ///   - margin: Pixels around and between them.
  ///   - background: The color of the margins.
  /// - Returns: One picture.
  public static func row(
    _ tiles: [Raster], margin: Int = 4, background: Raster.Color = Raster.Color(repeating: 255)
  ) -> Raster {
    precondition(!tiles.isEmpty && margin >= 0, "Panel.row: no tiles, or margin \(margin)")
    let width = tiles.reduce(margin) { $0 + $1.width + margin }
    let height = (tiles.map(\.height).max() ?? 0) + 2 * margin
    var panel = Raster(height: height, width: width, filledWith: background)
    var left = margin
    for tile in tiles {
      panel.paste(tile, row: margin, column: left)
      left += tile.width + margin
    }
    return panel
  }

  /// Rows of tiles below each other, their left edges aligned.
  ///
  /// - Parameters:
  ///   - rows: The tiles of each row, from the top; no row is empty.
  ///   - margin: Pixels around and between them.
  ///   - background: The color of the margins.
  /// - Returns: One picture.
  public static func grid(
    _ rows: [[Raster]], margin: Int = 4,
    background: Raster.Color = Raster.Color(repeating: 255)
  ) -> Raster {
    precondition(!rows.isEmpty, "Panel.grid: no rows")
    let strips = rows.map { row($0, margin: margin, background: background) }
    let height = strips.reduce(margin) { $0 + $1.height - margin }
    let width = strips.map(\.width).max() ?? 0
    var panel = Raster(height: height, width: width, filledWith: background)
    var top = 0
    for strip in strips {
      panel.paste(strip, row: top, column: 0)
      top += strip.height - margin
    }
    return panel
  }

  /// A vertical bar of a map's colors, its largest value on top.
  ///
  /// - Parameters:
  ///   - map: The colors.
  ///   - height: Rows, at least 2.
  ///   - width: Columns.
  /// - Returns: A picture to put beside a panel's last tile.
  public static func colorBar(_ map: ColorMap, height: Int, width: Int = 12) -> Raster {
    precondition(height >= 2 && width >= 1, "colorBar: \(height)x\(width)")
    let values = (0..<height).flatMap { row in
      [Float](repeating: 1 - Float(row) / Float(height - 1), count: width)
    }
    return Raster(Plane(height: height, width: width, values: values), range: 0...1, map: map)
  }
}

extension Raster {
  /// Copies a picture into this one; it must fit.
  mutating func paste(_ tile: Raster, row top: Int, column left: Int) {
    precondition(
      top + tile.height <= height && left + tile.width <= width,
      "paste: \(tile.height)x\(tile.width) does not fit")
    for row in 0..<tile.height {
      for column in 0..<tile.width { self[top + row, left + column] = tile[row, column] }
    }
  }
}
