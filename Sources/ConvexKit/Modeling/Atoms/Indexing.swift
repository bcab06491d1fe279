extension Expression {
  private func selecting(_ name: String, _ rows: Range<Int>, _ columns: Range<Int>) -> Expression {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= self.rows && columns.lowerBound >= 0
        && columns.upperBound <= self.columns,
      "\(name): out of range for shape \(shape)")
    let places = columns.flatMap { column in rows.map { $0 + column * self.rows } }
    return Expression(
      .selection(name, Shape(rows: rows.count, columns: columns.count), places), [self])
  }

  /// Element i of a vector; of a matrix, in column-major order.
  public subscript(i: Int) -> Expression {
    precondition((0..<count).contains(i), "[\(i)]: out of range for shape \(shape)")
    return Expression(.selection("[\(i)]", .scalar, [i]), [self])
  }

  /// Element (i, j).
  public subscript(i: Int, j: Int) -> Expression {
    selecting("[\(i), \(j)]", i..<i + 1, j..<j + 1)
  }

  /// Some elements of a vector, such as `x[2...]`.
  public subscript(range: some RangeExpression<Int>) -> Expression {
    precondition(columns == 1, "[range]: shape \(shape) is not a vector")
    let rows = range.relative(to: 0..<rows)
    return selecting("[\(rows.lowerBound)..<\(rows.upperBound)]", rows, 0..<1)
  }

  /// A block of a matrix, such as `x[0..<2, 1...]`.
  public subscript(
    rows: some RangeExpression<Int>, columns: some RangeExpression<Int>
  ) -> Expression {
    let (rows, columns) = (rows.relative(to: 0..<self.rows), columns.relative(to: 0..<self.columns))
    return selecting(
      "[\(rows.lowerBound)..<\(rows.upperBound), \(columns.lowerBound)..<\(columns.upperBound)]",
      rows, columns)
  }

  /// Some columns of a matrix: `x[..., 1...]`.
  public subscript(
    rows: UnboundedRange, columns: some RangeExpression<Int>
  ) -> Expression { self[0..., columns] }

  /// Some rows of a matrix: `x[1..., ...]`.
  public subscript(
    rows: some RangeExpression<Int>, columns: UnboundedRange
  ) -> Expression { self[rows, 0...] }

  /// A row of a matrix, as a vector.
  public func row(_ i: Int) -> Expression {
    precondition((0..<rows).contains(i), "row \(i): out of range for shape \(shape)")
    let places = (0..<columns).map { i + $0 * rows }
    return Expression(.selection("[\(i), ...]", Shape(rows: columns, columns: 1), places), [self])
  }

  /// A column of a matrix.
  public func column(_ j: Int) -> Expression { selecting("[..., \(j)]", 0..<rows, j..<j + 1) }

  /// Xᵀ.
  public var transposed: Expression {
    let places = (0..<rows).flatMap { i in (0..<columns).map { i + $0 * rows } }
    return Expression(
      .selection("transpose", Shape(rows: columns, columns: rows), places), [self])
  }

  /// The same elements, in column-major order, in another shape.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns; 1 for a vector.
  /// - Returns: The elements in that shape.
  public func reshaped(_ rows: Int, _ columns: Int = 1) -> Expression {
    precondition(rows * columns == count, "reshaped: \(shape) to \(rows)×\(columns)")
    return Expression(
      .selection("reshape", Shape(rows: rows, columns: columns), Array(0..<count)), [self])
  }

  /// The diagonal of a square matrix, as a vector.
  public var diagonal: Expression {
    precondition(rows == columns, "diagonal: shape \(shape) is not square")
    let places = (0..<rows).map { $0 * (rows + 1) }
    return Expression(.selection("diagonal", Shape(rows: rows, columns: 1), places), [self])
  }
}

/// Blocks beside each other: [X₁ X₂ …], of as many rows.
public func hstack(_ blocks: [Expression]) -> Expression {
  let rows = blocks.first?.rows ?? 0
  for block in blocks {
    precondition(block.rows == rows, "hstack: \(rows) and \(block.rows) rows")
  }
  let shape = Shape(rows: rows, columns: blocks.reduce(0) { $0 + $1.columns })
  return Expression(.selection("hstack", shape, Array(0..<shape.count)), blocks)
}

/// Blocks under each other, of as many columns.
public func vstack(_ blocks: [Expression]) -> Expression {
  let columns = blocks.first?.columns ?? 1
  for block in blocks {
    precondition(block.columns == columns, "vstack: \(columns) and \(block.columns) columns")
  }
  var starts: [Int] = []
  var count = 0
  for block in blocks {
    starts.append(count)
    count += block.count
  }
  let places = (0..<columns).flatMap { column in
    zip(blocks, starts).flatMap { block, start in
      (0..<block.rows).map { start + column * block.rows + $0 }
    }
  }
  let shape = Shape(rows: blocks.reduce(0) { $0 + $1.rows }, columns: columns)
  return Expression(.selection("vstack", shape, places), blocks)
}
/// Blocks under each other; numbers and constants may stand beside expressions.
public func vstack(_ blocks: any ExpressionConvertible...) -> Expression {
  vstack(blocks.map(\.expression))
}
/// Blocks beside each other; numbers and constants may stand beside expressions.
public func hstack(_ blocks: any ExpressionConvertible...) -> Expression {
  hstack(blocks.map(\.expression))
}
