/// What the data of a projection can have wrong with them.
///
/// Data that make sense but leave no feasible point are not an error: they are the status
/// ``ProjectionStatus/infeasible`` of a result. Operands are named `fine` (τ or φ), `coarse`
/// (ρ or ψ), `weights`, `labels`, `matrix` and `witness` (λ), or `level k` in a hierarchy.
@nonexhaustive
public enum ProjectionError: Error, Equatable, Sendable {
  /// An operand without a single entry.
  case empty(operand: String)
  /// An operand of another shape than the marginalization asks for.
  case shapeMismatch(operand: String, expected: [Int], actual: [Int])
  /// Grids of which the coarse one does not divide the fine one.
  case notDivisible(fine: [Int], coarse: [Int])
  /// A label that names no coarse cell.
  case labelOutOfRange(index: Int, label: Int, coarseCount: Int)
  /// Row starts that do not rise from 0 to the number of stored entries.
  case rowStarts(index: Int, value: Int)
  /// A stored entry whose column names no fine cell.
  case columnOutOfRange(entry: Int, column: Int, fineCount: Int)
  /// Two stored entries at one place.
  case duplicateEntry(row: Int, column: Int)
  /// Maps of a hierarchy that are not partitions of one another.
  case notPartition(operand: String)
  /// An entry that is not a number.
  case notANumber(operand: String, index: Int)
  /// An entry that is infinite where only finite ones make sense.
  case infinite(operand: String, index: Int)
  /// An entry below zero.
  case negative(operand: String, index: Int, value: Double)
  /// A weight that is not above zero.
  case notPositive(operand: String, index: Int, value: Double)
  /// A distribution without mass: every entry is zero, or every potential −∞.
  case noMass(operand: String)
  /// A derivative was asked for at a point that is not a solution.
  case notSolved(residual: Double)
}

extension ProjectionError: CustomStringConvertible {
  /// One line that names the operand, the value and the remedy.
  public var description: String {
    switch self {
    case .empty(let operand):
      "\(operand) is empty: give it at least one cell"
    case .shapeMismatch(let operand, let expected, let actual):
      "\(operand) has shape \(actual), expected \(expected)"
    case .notDivisible(let fine, let coarse):
      "the grid \(coarse) does not divide \(fine): every side of the fine grid has to be a "
        + "multiple of the coarse one's"
    case .labelOutOfRange(let index, let label, let count):
      "labels[\(index)] is \(label): labels run from 0 to \(count - 1)"
    case .rowStarts(let index, let value):
      "matrix: row start \(index) is \(value): row starts have to rise from 0 to the number of "
        + "entries, one more of them than rows"
    case .columnOutOfRange(let entry, let column, let count):
      "matrix: entry \(entry) is in column \(column): columns run from 0 to \(count - 1)"
    case .duplicateEntry(let row, let column):
      "matrix: row \(row) stores column \(column) twice: add the two entries up"
    case .notPartition(let operand):
      "\(operand) is no partition: a hierarchy needs every cell in exactly one cell above it"
    case .notANumber(let operand, let index):
      "\(operand)[\(index)] is not a number"
    case .infinite(let operand, let index):
      "\(operand)[\(index)] is infinite"
    case .negative(let operand, let index, let value):
      "\(operand)[\(index)] is \(value): it has to be zero or above"
    case .notPositive(let operand, let index, let value):
      "\(operand)[\(index)] is \(value): it has to be above zero"
    case .noMass(let operand):
      "\(operand) has no mass: at least one cell has to be possible"
    case .notSolved(let residual):
      "the projection is not solved (residual \(residual)): it has no derivative there"
    }
  }
}
