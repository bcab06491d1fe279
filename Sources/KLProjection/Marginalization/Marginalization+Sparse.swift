extension Marginalization {
  /// A column sum this close to 1 is 1: the column is divided by its sum.
  ///
  /// 1/3 + 1/3 + 1/3 is not 1 in binary arithmetic, and taken literally such a matrix is another
  /// problem, without a feasible point. The bound admits weights that were rounded to `Float`.
  public static let columnSumTolerance = 1e-6

  /// A general non-negative A by compressed sparse rows.
  ///
  /// Columns that sum to 1 within ``columnSumTolerance`` are divided by their sum. A matrix with a
  /// single 1 in every column is recognized as a partition.
  ///
  /// - Parameters:
  ///   - rowStarts: Where each row's entries start, and where the last one's end, `[n + 1]`.
  ///   - columnIndices: The fine cell of each entry; no cell twice in a row.
  ///   - values: The entries A_ij ≥ 0; stored zeros are dropped.
  ///   - fineCount: The number m of fine cells.
  ///   - fineShape: The shape of the fine map, `[m]` unless given.
  ///   - coarseShape: The shape of the coarse map, `[n]` unless given.
  /// - Throws: The ``ProjectionError`` that names the first entry at fault.
  public init(
    rowStarts: [Int], columnIndices: [Int], values: [Double], fineCount: Int,
    fineShape: [Int]? = nil, coarseShape: [Int]? = nil
  ) throws(ProjectionError) {
    let coarseCount = rowStarts.count - 1
    try Self.check(rowStarts, columnIndices, values, fineCount)
    let fineShape = fineShape ?? [fineCount]
    let coarseShape = coarseShape ?? [coarseCount]
    guard fineShape.reduce(1, *) == fineCount else {
      throw .shapeMismatch(operand: "fine", expected: [fineCount], actual: fineShape)
    }
    guard coarseShape.reduce(1, *) == coarseCount else {
      throw .shapeMismatch(operand: "coarse", expected: [coarseCount], actual: coarseShape)
    }

    let stored = CompressedMatrix(
      starts: rowStarts.map { Int32($0) }, indices: columnIndices.map { Int32($0) },
      values: values
    ).droppingZeros()
    let (columns, excess) = Self.normalized(stored.transposed(columnCount: fineCount))
    let isPartition =
      columns.indices.count == fineCount && columns.values.allSatisfy { $0 == 1 }
      && (0..<fineCount).allSatisfy { columns.range($0).count == 1 }
    self.init(
      fineShape: fineShape, coarseShape: coarseShape,
      labels: isPartition ? columns.indices.map { Int($0) } : nil,
      rows: columns.transposed(columnCount: coarseCount), columns: columns, columnExcess: excess)
  }

  /// A general non-negative A by its rows.
  ///
  /// - Parameters:
  ///   - matrix: The rows of A, `[n][m]`.
  ///   - fineCount: The number m of fine cells.
  /// - Throws: The ``ProjectionError`` that names the first entry at fault.
  public init(matrix: [[Double]], fineCount: Int) throws(ProjectionError) {
    guard !matrix.isEmpty else { throw .empty(operand: "coarse") }
    for row in matrix where row.count != fineCount {
      throw .shapeMismatch(
        operand: "matrix", expected: [matrix.count, fineCount], actual: [matrix.count, row.count])
    }
    try self.init(
      rowStarts: (0...matrix.count).map { $0 * fineCount },
      columnIndices: matrix.flatMap { _ in 0..<fineCount }, values: matrix.flatMap { $0 },
      fineCount: fineCount)
  }

  private static func check(
    _ rowStarts: [Int], _ columnIndices: [Int], _ values: [Double], _ fineCount: Int
  ) throws(ProjectionError) {
    guard fineCount > 0 else { throw .empty(operand: "fine") }
    guard rowStarts.count > 1 else { throw .empty(operand: "coarse") }
    guard values.count == columnIndices.count else {
      throw .shapeMismatch(
        operand: "matrix", expected: [columnIndices.count], actual: [values.count])
    }
    var least = 0
    for (index, start) in rowStarts.enumerated() {
      guard start >= least, start <= (index == 0 ? 0 : values.count) else {
        throw .rowStarts(index: index, value: start)
      }
      least = start
    }
    guard least == values.count else {
      throw .rowStarts(index: rowStarts.count - 1, value: least)
    }
    for (entry, column) in columnIndices.enumerated() where !(0..<fineCount).contains(column) {
      throw .columnOutOfRange(entry: entry, column: column, fineCount: fineCount)
    }
    for (entry, value) in values.enumerated() {
      if value.isNaN { throw .notANumber(operand: "matrix", index: entry) }
      if value.isInfinite { throw .infinite(operand: "matrix", index: entry) }
      if value < 0 { throw .negative(operand: "matrix", index: entry, value: value) }
    }
    var rowOfLastEntry = [Int](repeating: -1, count: fineCount)
    for row in 0..<rowStarts.count - 1 {
      for column in columnIndices[rowStarts[row]..<rowStarts[row + 1]] {
        guard rowOfLastEntry[column] != row else {
          throw .duplicateEntry(row: row, column: column)
        }
        rowOfLastEntry[column] = row
      }
    }
  }

  /// The columns, divided by their sums where these are 1 up to rounding, and the sums minus 1.
  private static func normalized(
    _ columns: CompressedMatrix
  ) -> (columns: CompressedMatrix, excess: [Double]) {
    var values = columns.values
    var excess = [Double](repeating: -1, count: columns.rowCount)
    for column in 0..<columns.rowCount {
      let range = columns.range(column)
      let sum = values[range].reduce(0, +)
      excess[column] = sum - 1
      guard abs(sum - 1) <= columnSumTolerance else { continue }
      excess[column] = 0
      for entry in range { values[entry] /= sum }
    }
    let scaled = CompressedMatrix(
      starts: columns.starts, indices: columns.indices, values: values)
    return (scaled, excess)
  }
}

extension CompressedMatrix {
  /// The same matrix without stored zeros.
  func droppingZeros() -> CompressedMatrix {
    guard values.contains(0) else { return self }
    var starts: [Int32] = [0]
    var keptIndices: [Int32] = []
    var keptValues: [Double] = []
    for row in 0..<rowCount {
      for entry in range(row) where values[entry] > 0 {
        keptIndices.append(indices[entry])
        keptValues.append(values[entry])
      }
      starts.append(Int32(keptIndices.count))
    }
    return CompressedMatrix(starts: starts, indices: keptIndices, values: keptValues)
  }
}
