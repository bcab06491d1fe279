// Fitting an image of R×C pixels of a×b mm into H×W square pixels:
//
//   s = min(H / (R a), W / (C b)),   size round(R a s) × round(C b s), centered, 0 around it      (1)

extension Plane {
  /// The plane with its proportions in mm kept, as large as fits, centered on zeros.
  ///
  /// - Parameters:
  ///   - height: Rows of the result.
  ///   - width: Columns of the result.
  ///   - spacing: Height and width of a pixel in mm.
  ///   - interpolation: How values between pixels are found.
  /// - Returns: The plane, and how many mm one of its pixels has.
  public func fitted(
    height: Int, width: Int, spacing: (height: Double, width: Double) = (1, 1),
    by interpolation: Interpolation = .bilinear
  ) -> (plane: Plane, millimetersPerPixel: Double) {
    precondition(spacing.height > 0 && spacing.width > 0, "fitted: spacing \(spacing)")
    let (tall, wide) = (Double(self.height) * spacing.height, Double(self.width) * spacing.width)
    let scale = min(Double(height) / tall, Double(width) / wide)  // (1)
    let rows = min(height, max(1, Int((tall * scale).rounded())))
    let columns = min(width, max(1, Int((wide * scale).rounded())))
    let inner = resized(height: rows, width: columns, by: interpolation)
    guard rows < height || columns < width else { return (inner, 1 / scale) }
    var values = [Float](repeating: 0, count: height * width)
    let (top, left) = ((height - rows) / 2, (width - columns) / 2)
    for row in 0..<rows {
      let start = (top + row) * width + left
      values.replaceSubrange(
        start..<start + columns, with: inner.values[row * columns..<(row + 1) * columns])
    }
    return (Plane(height: height, width: width, values: values), 1 / scale)
  }
}
