/// What can be wrong with the data of a matrix, or with a matrix that is to be factored.
@nonexhaustive
public enum LinearAlgebraError: Error, Equatable, Sendable {
  /// The leading minor of this order is not positive: there is no Cholesky factor.
  case notPositiveDefinite(order: Int)
  /// An element is NaN or infinite.
  case notFinite(operand: String, index: Int)
  /// An operand has not the extent that the others give it.
  case shapeMismatch(operand: String, expected: [Int], actual: [Int])
  /// The start of a row lies before that of the row above it.
  case rowStartsDescend(row: Int)
  /// A row index is not a row of the matrix.
  case rowOutOfRange(row: Int, rows: Int)
  /// A column index is not a column of the matrix.
  case columnOutOfRange(row: Int, column: Int, columns: Int)
  /// The columns of a row do not ascend strictly: two entries share a place, or are out of order.
  case columnsNotAscending(row: Int, column: Int)
  /// An entry of an upper triangle lies below the diagonal.
  case belowDiagonal(row: Int, column: Int)
  /// The entries (row, column) and (column, row) of a symmetric matrix differ.
  case notSymmetric(row: Int, column: Int, value: Double, transposed: Double)
}

extension LinearAlgebraError: CustomStringConvertible {
  /// One line: the operand, what is wrong with it, what to do.
  public var description: String {
    switch self {
    case .notPositiveDefinite(let order):
      "the leading minor of order \(order) is not positive; the matrix has no Cholesky factor: "
        + "check its symmetry and rank, or add a multiple of the identity"
    case .notFinite(let operand, let index):
      "element \(index) of \(operand) is NaN or infinite; every element must be finite"
    case .shapeMismatch(let operand, let expected, let actual):
      "\(operand) has shape \(actual), expected \(expected)"
    case .rowStartsDescend(let row):
      "row \(row) starts before the row above it; row starts must ascend from 0"
    case .rowOutOfRange(let row, let rows):
      "an entry is in row \(row); rows are 0..<\(rows)"
    case .columnOutOfRange(let row, let column, let columns):
      "row \(row) has an entry in column \(column); columns are 0..<\(columns)"
    case .columnsNotAscending(let row, let column):
      "row \(row) has column \(column) twice or out of order; columns must ascend within a row"
    case .belowDiagonal(let row, let column):
      "entry (\(row), \(column)) lies below the diagonal; give the upper triangle only"
    case .notSymmetric(let row, let column, let value, let transposed):
      "entry (\(row), \(column)) is \(value), but (\(column), \(row)) is \(transposed); "
        + "take (P + Pᵀ)/2"
    }
  }
}
