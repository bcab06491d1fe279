/// A sparse matrix by rows: the entries of row i are those from `starts[i]` to `starts[i + 1]`.
package struct CompressedMatrix: Sendable, Equatable {
  /// One more than there are rows.
  package let starts: [Int32]
  /// The column of each entry, ascending within a row.
  package let indices: [Int32]
  /// The entries.
  package let values: [Double]

  package var rowCount: Int { starts.count - 1 }

  package func range(_ row: Int) -> Range<Int> { Int(starts[row])..<Int(starts[row + 1]) }

  /// The same matrix by columns.
  func transposed(columnCount: Int) -> CompressedMatrix {
    var starts = [Int32](repeating: 0, count: columnCount + 1)
    for column in indices { starts[Int(column) + 1] += 1 }
    for column in 0..<columnCount { starts[column + 1] += starts[column] }
    var next = starts
    var rows = [Int32](repeating: 0, count: indices.count)
    var transposedValues = [Double](repeating: 0, count: indices.count)
    for row in 0..<rowCount {
      for entry in range(row) {
        let column = Int(indices[entry])
        let place = Int(next[column])
        rows[place] = Int32(row)
        transposedValues[place] = values[entry]
        next[column] += 1
      }
    }
    return CompressedMatrix(starts: starts, indices: rows, values: transposedValues)
  }
}
