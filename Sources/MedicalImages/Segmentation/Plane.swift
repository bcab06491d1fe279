/// A 2D array of numbers: a slice, a mask, an attention map.
public struct Plane: Sendable, Equatable {
  /// Rows.
  public let height: Int
  /// Columns.
  public let width: Int
  /// The values, row by row from the top.
  public var values: [Float] {
    didSet { precondition(values.count == height * width, "Plane: the size is fixed") }
  }

  /// A plane from its values.
  ///
  /// - Parameters:
  ///   - height: Rows, at least 1.
  ///   - width: Columns, at least 1.
  ///   - values: height · width numbers, row by row.
  public init(height: Int, width: Int, values: [Float]) {
    precondition(
      height > 0 && width > 0 && values.count == height * width,
      "Plane: \(height)x\(width) does not fit \(values.count) values")
    (self.height, self.width, self.values) = (height, width, values)
  }

  /// The value in a row and column.
  public subscript(row: Int, column: Int) -> Float {
    get { values[row * width + column] }
    set { values[row * width + column] = newValue }
  }

  /// The smallest and the largest value.
  public var range: ClosedRange<Float> {
    var (low, high) = (values[0], values[0])
    for value in values {
      low = min(low, value)
      high = max(high, value)
    }
    return low...high
  }

  /// Some columns of every row.
  public func columns(_ range: Range<Int>) -> Plane {
    var cut: [Float] = []
    cut.reserveCapacity(height * range.count)
    for row in 0..<height {
      let start = row * width
      cut.append(contentsOf: values[start + range.lowerBound..<start + range.upperBound])
    }
    return Plane(height: height, width: range.count, values: cut)
  }
}

extension Volume {
  /// The axial slice `index` of a volume in ``Orientation/lps``: the top row is the front of the
  /// head, the left column its right side.
  public func axialPlane(_ index: Int) -> Plane {
    let size = shape[0] * shape[1]
    return Plane(
      height: shape[1], width: shape[0],
      values: Array(voxels[index * size..<(index + 1) * size]))
  }
}
