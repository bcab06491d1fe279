import RealModule

/// The part of A that can carry mass, in both orders, with what Newton's loops need of it.
///
/// Every row and column has an entry.
struct Stencil: Sendable {
  /// A by rows.
  let rows: CompressedMatrix
  /// The logarithms of its entries.
  let logValues: [Double]
  /// A by columns.
  let columns: CompressedMatrix
  /// d_j = Σ_i A_ij − 1.
  let excess: [Double]
  /// Whether every d_j is 0. Then λ is defined up to a constant.
  let isColumnStochastic: Bool
  /// The largest column sum, a bound on the eigenvalues of R Aᵀ.
  let largestColumnSum: Double
  /// The largest |i − k| over coarse cells i and k that share a fine cell.
  let bandwidth: Int
  /// The largest difference between two x for which products of A_ij, A_kj and e^{x_j − max x} are
  /// normal numbers with digits to spare.
  let closeRange: Double

  var fineCount: Int { columns.rowCount }
  var coarseCount: Int { rows.rowCount }
  var entryCount: Int { columns.values.count }

  init(columns: CompressedMatrix, coarseCount: Int, excess: [Double]) {
    rows = columns.transposed(columnCount: coarseCount)
    logValues = rows.values.map { .log($0) }
    self.columns = columns
    self.excess = excess
    closeRange = 600 + 2 * min(0, logValues.min() ?? 0) - 2 * max(0, logValues.max() ?? 0)
    isColumnStochastic = excess.allSatisfy { $0 == 0 }
    largestColumnSum = 1 + (excess.max() ?? 0)
    bandwidth = (0..<columns.rowCount).reduce(0) { widest, column in
      let range = columns.range(column)
      guard let last = range.last else { return widest }
      return max(widest, Int(columns.indices[last] - columns.indices[range.lowerBound]))
    }
  }
}
