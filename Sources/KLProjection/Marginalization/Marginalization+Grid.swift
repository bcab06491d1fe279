extension Marginalization {
  /// Sum pooling of a fine grid onto a coarse one that divides it: N(i) is a block of cells.
  ///
  /// The cells of both grids are numbered row by row (the last side runs fastest); grids have any
  /// number of sides.
  ///
  /// - Parameters:
  ///   - fine: The sides of the fine grid, for example `[64, 64]`.
  ///   - coarse: The sides of the coarse grid, each a divisor of the fine grid's.
  /// - Throws: ``ProjectionError/empty(operand:)``, ``ProjectionError/notDivisible(fine:coarse:)``.
  public init(fine: [Int], coarse: [Int]) throws(ProjectionError) {
    guard !fine.isEmpty, fine.allSatisfy({ $0 > 0 }) else { throw .empty(operand: "fine") }
    guard !coarse.isEmpty, coarse.allSatisfy({ $0 > 0 }) else { throw .empty(operand: "coarse") }
    guard fine.count == coarse.count, zip(fine, coarse).allSatisfy({ $0 % $1 == 0 }) else {
      throw .notDivisible(fine: fine, coarse: coarse)
    }
    // One side at a time: the labels of the sides so far, each followed by every step of the next.
    var labels = [0]
    for (fineSide, coarseSide) in zip(fine, coarse) {
      let factor = fineSide / coarseSide
      labels = labels.flatMap { label in
        (0..<fineSide).map { label * coarseSide + $0 / factor }
      }
    }
    try self.init(
      labels: labels, fineShape: fine, coarseShape: coarse, coarseCount: coarse.reduce(1, *))
  }

  /// The height and width of the blocks when this is the pooling of a plane grid.
  var poolingFactors: (height: Int, width: Int)? {
    guard isPartition, fineShape.count == 2, coarseShape.count == 2 else { return nil }
    return (fineShape[0] / coarseShape[0], fineShape[1] / coarseShape[1])
  }
}
