extension SparseMatrix {
  /// A x.
  public static func * (a: SparseMatrix, x: Vector<Scalar>) -> Vector<Scalar> {
    var y = Vector<Scalar>(repeating: 0, count: a.rows)
    x.elements.withUnsafeBufferPointer { x in
      y.elements.withUnsafeMutableBufferPointer { y in a.multiply(x, into: y) }
    }
    return y
  }

  /// Aᵀ y.
  ///
  /// - Parameter y: A vector of as many elements as there are rows.
  /// - Returns: A vector of as many elements as there are columns.
  public func transposeTimes(_ y: Vector<Scalar>) -> Vector<Scalar> {
    var x = Vector<Scalar>(repeating: 0, count: columns)
    y.elements.withUnsafeBufferPointer { y in
      x.elements.withUnsafeMutableBufferPointer { x in multiplyTransposed(y, into: x) }
    }
    return x
  }

  /// y = A x, without allocation.
  ///
  /// - Parameters:
  ///   - x: As many elements as there are columns.
  ///   - y: Where the result goes, as many elements as there are rows.
  /// - Complexity: O(entries).
  public func multiply(
    _ x: UnsafeBufferPointer<Scalar>, into y: UnsafeMutableBufferPointer<Scalar>
  ) {
    precondition(
      x.count == columns && y.count == rows,
      "A x: \(rows) × \(columns), length \(x.count) into \(y.count)")
    withEntries { starts, indices, values in
      for row in 0..<rows {
        var sum: Scalar = 0
        for entry in starts[row]..<starts[row + 1] { sum += values[entry] * x[indices[entry]] }
        y[row] = sum
      }
    }
  }

  /// x = Aᵀ y, without allocation.
  ///
  /// - Parameters:
  ///   - y: As many elements as there are rows.
  ///   - x: Where the result goes, as many elements as there are columns.
  /// - Complexity: O(entries).
  public func multiplyTransposed(
    _ y: UnsafeBufferPointer<Scalar>, into x: UnsafeMutableBufferPointer<Scalar>
  ) {
    precondition(
      x.count == columns && y.count == rows,
      "Aᵀ y: \(rows) × \(columns), length \(y.count) into \(x.count)")
    x.update(repeating: 0)
    withEntries { starts, indices, values in
      for row in 0..<rows {
        let weight = y[row]
        for entry in starts[row]..<starts[row + 1] { x[indices[entry]] += values[entry] * weight }
      }
    }
  }

  private func withEntries(
    _ body: (
      UnsafeBufferPointer<Int>, UnsafeBufferPointer<Int>, UnsafeBufferPointer<Scalar>
    ) -> Void
  ) {
    rowStarts.withUnsafeBufferPointer { starts in
      columnIndices.withUnsafeBufferPointer { indices in
        values.withUnsafeBufferPointer { values in body(starts, indices, values) }
      }
    }
  }
}
