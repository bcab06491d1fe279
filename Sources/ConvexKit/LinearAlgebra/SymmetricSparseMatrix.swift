/// A symmetric sparse matrix: its upper triangle in compressed columns (CSC).
///
/// Rows ascend strictly within a column and do not pass the diagonal, so that an entry off the
/// diagonal is stored once for its two places. A stored entry may be zero.
public struct SymmetricSparseMatrix: Sendable, Equatable {
  /// The number of rows, and of columns.
  public let order: Int
  /// Where each column's entries start, and after the last one where they end; `order + 1` numbers.
  public let columnStarts: [Int]
  /// The row of each entry.
  public let rowIndices: [Int]
  /// The value of each entry.
  public internal(set) var values: [Double]

  /// A matrix from the compressed columns of its upper triangle, checked.
  ///
  /// - Parameters:
  ///   - order: The number of rows, and of columns.
  ///   - columnStarts: Where each column's entries start, and after the last one where they end.
  ///   - rowIndices: The row of each entry, ascending within a column, at most the column.
  ///   - values: The value of each entry, finite.
  /// - Throws: ``LinearAlgebraError`` naming what is at fault. Its rows are this matrix's columns:
  ///   compressed columns of an upper triangle are compressed rows of a lower one.
  public init(
    order: Int, columnStarts: [Int], rowIndices: [Int], values: [Double]
  ) throws(LinearAlgebraError) {
    let lower = try SparseMatrix(
      rows: order, columns: order, rowStarts: columnStarts, columnIndices: rowIndices,
      values: values)
    for column in 0..<order {
      let entries = columnStarts[column]..<columnStarts[column + 1]
      if let row = rowIndices[entries].last, row > column {
        throw .belowDiagonal(row: row, column: column)
      }
    }
    self.init(checkedLower: lower)
  }

  /// The upper triangle of a matrix that has both, checked for symmetry.
  ///
  /// - Parameter full: A square matrix. Entries (i, j) and (j, i) must be equal to rounding:
  ///   |a − b| ≤ 1e-12 max(|a|, |b|); the one above the diagonal is taken.
  /// - Throws: ``LinearAlgebraError/notSymmetric(row:column:value:transposed:)`` or
  ///   ``LinearAlgebraError/shapeMismatch(operand:expected:actual:)``.
  public init(_ full: SparseMatrix<Double>) throws(LinearAlgebraError) {
    guard full.rows == full.columns else {
      throw .shapeMismatch(
        operand: "symmetric matrix", expected: [full.rows, full.rows],
        actual: [full.rows, full.columns])
    }
    // Row j of the transposed matrix is column j: walk it beside row j of the matrix, up to the
    // diagonal.
    let transposed = full.transposed
    var starts = [0]
    var indices: [Int] = []
    var values: [Double] = []
    for j in 0..<full.rows {
      var (above, beside) = (transposed.rowStarts[j], full.rowStarts[j])
      let (aboveEnd, besideEnd) = (transposed.rowStarts[j + 1], full.rowStarts[j + 1])
      while above < aboveEnd || beside < besideEnd {
        let up = above < aboveEnd ? transposed.columnIndices[above] : .max
        let left = beside < besideEnd ? full.columnIndices[beside] : .max
        let i = min(up, left)
        if i > j { break }
        let value = up == i ? transposed.values[above] : 0
        let mirrored = left == i ? full.values[beside] : 0
        if abs(value - mirrored) > 1e-12 * max(abs(value), abs(mirrored)) {
          throw .notSymmetric(row: i, column: j, value: value, transposed: mirrored)
        }
        indices.append(i)
        values.append(up == i ? value : mirrored)
        if up == i { above += 1 }
        if left == i { beside += 1 }
      }
      starts.append(values.count)
    }
    try self.init(order: full.rows, columnStarts: starts, rowIndices: indices, values: values)
  }

  /// The matrix without entries.
  ///
  /// - Parameter order: The number of rows, and of columns.
  public init(zero order: Int) {
    precondition(order >= 0, "SymmetricSparseMatrix: order \(order)")
    self.order = order
    columnStarts = Array(repeating: 0, count: order + 1)
    rowIndices = []
    values = []
  }

  /// The diagonal matrix of these elements.
  ///
  /// - Parameter elements: The diagonal.
  public init(diagonal elements: [Double]) {
    order = elements.count
    columnStarts = Array(0...elements.count)
    rowIndices = Array(0..<elements.count)
    values = elements
  }

  private init(checkedLower lower: SparseMatrix<Double>) {
    order = lower.rows
    columnStarts = lower.rowStarts
    rowIndices = lower.columnIndices
    values = lower.values
  }

  /// P x.
  public static func * (p: SymmetricSparseMatrix, x: Vector<Double>) -> Vector<Double> {
    precondition(x.count == p.order, "P x: order \(p.order), length \(x.count)")
    var y = [Double](repeating: 0, count: p.order)
    for column in 0..<p.order {
      for entry in p.columnStarts[column]..<p.columnStarts[column + 1] {
        let (row, value) = (p.rowIndices[entry], p.values[entry])
        y[row] += value * x[column]
        if row != column { y[column] += value * x[row] }
      }
    }
    return Vector(y)
  }
}
