extension Raster {
  /// Draws the outline of a mask: the pixels inside it that have a neighbor outside it.
  ///
  /// - Parameters:
  ///   - mask: The mask, of any size: it is interpolated to the picture's and cut at half its
  ///     largest value, so that the outline of a small mask is smooth.
  ///   - color: The outline's color.
  ///   - thickness: Its width in pixels, inwards.
  public mutating func drawOutline(of mask: Plane, color: Color, thickness: Int = 1) {
    let fine = mask.resized(height: height, width: width, by: .bilinear)
    let threshold = mask.range.upperBound / 2
    guard threshold > 0 else { return }
    let inside = fine.values.map { $0 >= threshold }
    func isInside(_ row: Int, _ column: Int) -> Bool {
      row >= 0 && row < height && column >= 0 && column < width && inside[row * width + column]
    }
    let reach = thickness
    for row in 0..<height {
      for column in 0..<width where inside[row * width + column] {
        let isEdge = (1...max(1, reach)).contains { step in
          !isInside(row - step, column) || !isInside(row + step, column)
            || !isInside(row, column - step) || !isInside(row, column + step)
        }
        if isEdge && reach > 0 { self[row, column] = color }
      }
    }
  }

  /// The picture enlarged by a whole factor, each pixel a square.
  ///
  /// - Parameter factor: At least 1.
  /// - Returns: A picture that many times as high and as wide.
  public func enlarged(by factor: Int) -> Raster {
    precondition(factor >= 1, "enlarged(by: \(factor))")
    var result = Raster(
      height: height * factor, width: width * factor, filledWith: Color(repeating: 0))
    for row in 0..<result.height {
      for column in 0..<result.width {
        result[row, column] = self[row / factor, column / factor]
      }
    }
    return result
  }
}
