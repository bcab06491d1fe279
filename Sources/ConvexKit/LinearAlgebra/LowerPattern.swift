import CKernels
import CSuiteSparse

/// Where L of L D Lᵀ has entries below its diagonal, by rows and by columns.
///
/// Row k of L has entries where the paths of the elimination tree from the entries of column k of the
/// matrix's upper triangle lead, before k.
///
/// - Source: Liu, SIAM J. Matrix Anal. Appl. 11 (1990), the elimination tree.
struct LowerPattern {
  /// The entries, as the kernels read them.
  let entries: ckernels_lower
  /// How many.
  let count: Int

  /// How many of the last rows may be one block, and how much of a block its entries have to be: what a
  /// block gains by vectors it loses by zeros. Where still more rows are full, the runs of their columns
  /// are vectors as well.
  private static let largestTail = Int(CKERNELS_LARGEST_TAIL)
  private static let leastTail = 3
  private static let leastShare = 0.6
  /// How many columns there are at least for each row of the block.
  private static let leastColumns = 4
  /// And of all columns, so that the room for the block is of the order of its entries.
  private static let leastCoverage = 0.25

  /// The pattern of L, whose memory belongs to `arena`.
  ///
  /// - Parameters:
  ///   - order: The number of rows, and of columns.
  ///   - columnStarts: Where the entries of each column of the upper triangle start.
  ///   - rowIndices: Their rows.
  ///   - firstTail: The rows before this one are not part of the block of last rows.
  ///   - arena: Whose memory the pattern has.
  init(
    order: Int, _ columnStarts: UnsafeMutablePointer<Int32>,
    _ rowIndices: UnsafeMutablePointer<Int32>, firstTail: Int, in arena: Arena
  ) {
    let (starts, parent) = (arena.indices(order + 1), arena.indices(order))
    let (counts, flags) = (arena.indices(order), arena.indices(order))
    ldl_symbolic(
      Int32(order), columnStarts, rowIndices, starts, parent, counts, flags, nil, nil)
    count = Int(starts[order])

    // By columns: rows come in ascending order.
    let (rows, next, rowStarts) = (
      arena.indices(count), arena.indices(order), arena.indices(order + 1)
    )
    next.update(from: starts, count: order)
    for row in 0..<order {
      flags[row] = Int32(row)
      for entry in Int(columnStarts[row])..<Int(columnStarts[row + 1]) {
        var column = Int(rowIndices[entry])
        while flags[column] != Int32(row) {
          flags[column] = Int32(row)
          rows[Int(next[column])] = Int32(row)
          next[column] += 1
          rowStarts[row + 1] += 1
          column = Int(parent[column])
        }
      }
    }

    // By rows: columns come in ascending order.
    let (rowColumns, runs) = (arena.indices(count), arena.indices(order))
    for row in 0..<order { rowStarts[row + 1] += rowStarts[row] }
    next.update(from: rowStarts, count: order)
    for column in 0..<order {
      let (first, end) = (Int(starts[column]), Int(starts[column + 1]))
      for entry in first..<end {
        let row = Int(rows[entry])
        rowColumns[Int(next[row])] = Int32(column)
        next[row] += 1
      }
      var run = max(first, end - 1)
      while run > first, rows[run - 1] + 1 == rows[run] { run -= 1 }
      runs[column] = Int32(run)
    }
    entries = ckernels_lower(
      order: Int32(order), row_starts: rowStarts, row_columns: rowColumns, starts: starts,
      rows: rows, runs: runs,
      tail: LowerPattern.tail(order, after: firstTail, starts, rows, rowStarts, in: arena))
  }

  /// The first row of the largest block of last rows whose columns are nearly full: variables that most of
  /// the program's rows have in common, as the coefficients of a regression.
  private static func tail(
    _ order: Int, after first: Int, _ starts: UnsafeMutablePointer<Int32>,
    _ rows: UnsafeMutablePointer<Int32>, _ rowStarts: UnsafeMutablePointer<Int32>, in arena: Arena
  ) -> Int32 {
    // The columns whose last entry is in a row, and so for no row before it.
    var ending = [Int](repeating: 0, count: order)
    for column in 0..<order where starts[column + 1] > starts[column] {
      ending[Int(rows[Int(starts[column + 1]) - 1])] += 1
    }
    var (columnCount, entryCount, best) = (0, 0, order)
    for row in (max(first, order - largestTail - 1)..<order).reversed() {
      columnCount += ending[row]
      entryCount += Int(rowStarts[row + 1] - rowStarts[row])
      let size = order - row
      let isFull = Double(entryCount) >= leastShare * Double(columnCount * size)
      let isTall = Double(columnCount) >= leastCoverage * Double(row)
      if isFull, isTall, columnCount >= leastColumns * size { best = row }
    }
    return Int32((leastTail...largestTail).contains(order - best) ? best : order)
  }
}
