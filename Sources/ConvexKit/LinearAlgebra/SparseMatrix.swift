/// A sparse matrix in compressed rows (CSR).
///
/// ```
/// (A x)_i = Σ_{t = rowStarts_i}^{rowStarts_{i+1} − 1} values_t · x_{columnIndices_t}
/// ```
///
/// Columns ascend strictly within a row, so that every place has at most one entry. A stored entry
/// may be zero.
public struct SparseMatrix<Scalar: LinearAlgebraScalar>: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// Where each row's entries start, and after the last one where they end; `rows + 1` numbers.
  public let rowStarts: [Int]
  /// The column of each entry.
  public let columnIndices: [Int]
  /// The value of each entry.
  public internal(set) var values: [Scalar]

  /// A matrix from its compressed rows, checked.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - rowStarts: Where each row's entries start, and after the last one where they end.
  ///   - columnIndices: The column of each entry, ascending within a row.
  ///   - values: The value of each entry, finite.
  /// - Throws: ``LinearAlgebraError`` naming the row, column or index at fault.
  public init(
    rows: Int, columns: Int, rowStarts: [Int], columnIndices: [Int], values: [Scalar]
  ) throws(LinearAlgebraError) {
    precondition(rows >= 0 && columns >= 0, "SparseMatrix: \(rows) × \(columns)")
    guard rowStarts.count == rows + 1 else {
      throw .shapeMismatch(operand: "rowStarts", expected: [rows + 1], actual: [rowStarts.count])
    }
    guard columnIndices.count == values.count else {
      throw .shapeMismatch(
        operand: "columnIndices", expected: [values.count], actual: [columnIndices.count])
    }
    guard rowStarts[0] == 0 else { throw .rowStartsDescend(row: 0) }
    for row in 0..<rows where rowStarts[row + 1] < rowStarts[row] {
      throw .rowStartsDescend(row: row + 1)
    }
    guard rowStarts[rows] == values.count else {
      throw .shapeMismatch(
        operand: "values", expected: [rowStarts[rows]], actual: [values.count])
    }
    for row in 0..<rows {
      var last = -1
      for column in columnIndices[rowStarts[row]..<rowStarts[row + 1]] {
        guard (0..<columns).contains(column) else {
          throw .columnOutOfRange(row: row, column: column, columns: columns)
        }
        guard column > last else { throw .columnsNotAscending(row: row, column: column) }
        last = column
      }
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(operand: "values", index: index)
    }
    self.init(
      checkedRows: rows, columns: columns, rowStarts: rowStarts, columnIndices: columnIndices,
      values: values)
  }

  /// A matrix from its compressed columns (CSC), checked.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - columnStarts: Where each column's entries start, and after the last one where they end.
  ///   - rowIndices: The row of each entry, ascending within a column.
  ///   - values: The value of each entry, finite.
  /// - Throws: ``LinearAlgebraError`` naming what is at fault, in terms of the transposed matrix,
  ///   whose compressed rows these are.
  public init(
    rows: Int, columns: Int, columnStarts: [Int], rowIndices: [Int], values: [Scalar]
  ) throws(LinearAlgebraError) {
    self = try SparseMatrix(
      rows: columns, columns: rows, rowStarts: columnStarts, columnIndices: rowIndices,
      values: values
    ).transposed
  }

  /// A matrix from its entries in any order; those of one place are added up.
  ///
  /// - Parameters:
  ///   - rows: The number of rows.
  ///   - columns: The number of columns.
  ///   - entries: The row, the column and the value of each entry, finite.
  /// - Throws: ``LinearAlgebraError/rowOutOfRange(row:rows:)``,
  ///   ``LinearAlgebraError/columnOutOfRange(row:column:columns:)`` or
  ///   ``LinearAlgebraError/notFinite(operand:index:)``, also of a sum.
  public init(
    rows: Int, columns: Int, entries: [(row: Int, column: Int, value: Scalar)]
  ) throws(LinearAlgebraError) {
    precondition(rows >= 0 && columns >= 0, "SparseMatrix: \(rows) × \(columns)")
    // By columns, as rows of the transpose; transposing leaves columns ascending in each row.
    var starts = [Int](repeating: 0, count: columns + 1)
    for (index, entry) in entries.enumerated() {
      guard (0..<rows).contains(entry.row) else {
        throw .rowOutOfRange(row: entry.row, rows: rows)
      }
      guard (0..<columns).contains(entry.column) else {
        throw .columnOutOfRange(row: entry.row, column: entry.column, columns: columns)
      }
      guard entry.value.isFinite else { throw .notFinite(operand: "entries", index: index) }
      starts[entry.column + 1] += 1
    }
    for column in 0..<columns { starts[column + 1] += starts[column] }
    var (next, rowIndices) = (starts, [Int](repeating: 0, count: entries.count))
    var byColumn = [Scalar](repeating: 0, count: entries.count)
    for entry in entries {
      let place = next[entry.column]
      (rowIndices[place], byColumn[place]) = (entry.row, entry.value)
      next[entry.column] += 1
    }
    let sorted = SparseMatrix(
      checkedRows: columns, columns: rows, rowStarts: starts, columnIndices: rowIndices,
      values: byColumn
    ).transposed

    var (rowStarts, columnIndices, values) = ([0], [Int](), [Scalar]())
    rowStarts.reserveCapacity(rows + 1)
    columnIndices.reserveCapacity(entries.count)
    values.reserveCapacity(entries.count)
    for row in 0..<rows {
      for index in sorted.rowStarts[row]..<sorted.rowStarts[row + 1] {
        let (column, value) = (sorted.columnIndices[index], sorted.values[index])
        if values.count > rowStarts[row], columnIndices[values.count - 1] == column {
          values[values.count - 1] += value
        } else {
          columnIndices.append(column)
          values.append(value)
        }
      }
      rowStarts.append(values.count)
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(operand: "values", index: index)
    }
    self.init(
      checkedRows: rows, columns: columns, rowStarts: rowStarts, columnIndices: columnIndices,
      values: values)
  }

  /// The entries of a dense matrix that are not zero.
  ///
  /// - Parameter dense: The matrix.
  /// - Throws: ``LinearAlgebraError/notFinite(operand:index:)``.
  public init(_ dense: Matrix<Scalar>) throws(LinearAlgebraError) {
    var rowStarts = [0]
    var columnIndices: [Int] = []
    var values: [Scalar] = []
    for i in 0..<dense.rows {
      for j in 0..<dense.columns where dense[i, j] != 0 {
        columnIndices.append(j)
        values.append(dense[i, j])
      }
      rowStarts.append(values.count)
    }
    try self.init(
      rows: dense.rows, columns: dense.columns, rowStarts: rowStarts,
      columnIndices: columnIndices, values: values)
  }

  /// A matrix from compressed rows that are known to be valid.
  init(
    checkedRows rows: Int, columns: Int, rowStarts: [Int], columnIndices: [Int],
    values: [Scalar]
  ) {
    self.rows = rows
    self.columns = columns
    self.rowStarts = rowStarts
    self.columnIndices = columnIndices
    self.values = values
  }

  /// Aᵀ, in compressed rows too.
  public var transposed: SparseMatrix {
    var starts = [Int](repeating: 0, count: columns + 1)
    for column in columnIndices { starts[column + 1] += 1 }
    for column in 0..<columns { starts[column + 1] += starts[column] }
    var next = starts
    var indices = [Int](repeating: 0, count: values.count)
    var transposedValues = [Scalar](repeating: 0, count: values.count)
    for row in 0..<rows {
      for entry in rowStarts[row]..<rowStarts[row + 1] {
        let place = next[columnIndices[entry]]
        next[columnIndices[entry]] += 1
        indices[place] = row
        transposedValues[place] = values[entry]
      }
    }
    return SparseMatrix(
      checkedRows: columns, columns: rows, rowStarts: starts, columnIndices: indices,
      values: transposedValues)
  }
}
