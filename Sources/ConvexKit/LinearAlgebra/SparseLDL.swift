import CKernels
import CSuiteSparse

/// L D Lᵀ of a sparse symmetric matrix under a fill-reducing permutation.
///
/// ```
/// Π K Πᵀ = L D Lᵀ,   L unit lower triangular, D diagonal
/// ```
///
/// Without exchanges of pivots, which quasi-definite matrices do not need: [P Aᵀ; A −H] with P and
/// H positive definite has such a factorization for every Π. AMD chooses Π and the symbolic
/// analysis is made once; new values of the same pattern only repeat the numeric factorization, which
/// knows where the rows of a column follow each other without a gap (``LowerPattern``): the last
/// columns of most programs are nearly full. Small parts of the matrix that are alike are computed four
/// at a time (``LeafGroups``).
///
/// - Source: Amestoy, Davis, Duff, ACM TOMS 30 (2004), AMD; Davis, ACM TOMS 31 (2005), LDL;
///   Vanderbei, SIAM J. Optim. 5 (1995), quasi-definiteness.
final class SparseLDL {
  /// The number of rows, and of columns.
  let order: Int
  /// The number of stored entries of the upper triangle.
  let entryCount: Int
  /// Entries of L below its diagonal.
  var fill: Int { lower.count }
  /// How many columns are computed four at a time; they are the first ones.
  let groupedCount: Int
  /// How many of the last rows are factored as one block.
  var tailCount: Int { order - Int(lower.entries.tail) }
  /// `permutation[k]` is the row that comes k-th.
  let permutation: UnsafeMutablePointer<Int32>
  /// The inverse: where a row has come.
  let position: UnsafeMutablePointer<Int32>
  /// Where an entry of the caller's order is in ``values``.
  let place: UnsafeMutablePointer<Int32>
  /// The upper triangle of Π K Πᵀ in compressed columns.
  let columnStarts: UnsafeMutablePointer<Int32>
  /// Its rows.
  let rowIndices: UnsafeMutablePointer<Int32>
  /// Its values, to be written before ``factor()``.
  let values: UnsafeMutablePointer<Double>
  /// D, after ``factor()``.
  let pivots: UnsafeMutablePointer<Double>

  private let arena = Arena()
  private let lower: LowerPattern
  private let leaves: ckernels_leaves
  private let lowerValues, work, tailWork: UnsafeMutablePointer<Double>
  private let next: UnsafeMutablePointer<Int32>
  /// D⁻¹.
  private let inverses: UnsafeMutablePointer<Double>

  /// Orders and analyses a pattern.
  ///
  /// - Parameters:
  ///   - order: The number of rows, and of columns.
  ///   - starts: Where the entries of each column of the upper triangle start.
  ///   - rows: Their rows, at most the column; in any order, each place once. Diagonal entries
  ///     must be there.
  ///   - late: Rows that are to come after all rows of a range, right behind the last of them if AMD has it before.
  init(
    order: Int, columnStarts starts: [Int], rowIndices rows: [Int], late: [LateRow] = []
  ) {
    let count = rows.count
    self.order = order
    entryCount = count
    permutation = arena.indices(order)
    position = arena.indices(order)
    let scratch = Arena()
    defer { withExtendedLifetime(scratch) {} }
    let (inputStarts, inputRows) = (scratch.indices(starts), scratch.indices(rows))
    // AMD needs no sorted columns and ignores the diagonal; a failure leaves the natural order.
    if amd_order(Int32(order), inputStarts, inputRows, permutation, nil, nil) < AMD_OK {
      for k in 0..<order { permutation[k] = Int32(k) }
    }
    for k in 0..<order { position[Int(permutation[k])] = Int32(k) }
    if !late.isEmpty { SparseLDL.move(late, permutation, position, order) }

    var pattern = PermutedPattern(order: order, inputStarts, inputRows, position, in: arena)
    let groups = LeafGroups(order: order, pattern.columnStarts, pattern.rowIndices)
    if !groups.kinds.isEmpty {
      SparseLDL.moveToFront(groups.columns, permutation, position, order)
      pattern = PermutedPattern(order: order, inputStarts, inputRows, position, in: arena)
    }
    (columnStarts, rowIndices) = (pattern.columnStarts, pattern.rowIndices)
    place = pattern.place
    values = arena.numbers(count)
    groupedCount = groups.columns.count
    leaves = groups.leaves(in: arena)

    lower = LowerPattern(
      order: order, columnStarts, rowIndices, firstTail: groupedCount, in: arena)
    tailWork = arena.numbers(Int(ckernels_tail_room(Int32(order), lower.entries.tail)))
    lowerValues = arena.numbers(lower.count)
    next = arena.indices(order)
    pivots = arena.numbers(order)
    work = arena.numbers(order)
    inverses = arena.numbers(order)
  }

  /// Moves columns to the front; the order of the rest stays.
  private static func moveToFront(
    _ columns: [Int32], _ permutation: UnsafeMutablePointer<Int32>,
    _ position: UnsafeMutablePointer<Int32>, _ order: Int
  ) {
    var isMoved = [Bool](repeating: false, count: order)
    var sequence = columns.map { permutation[Int($0)] }
    for column in columns { isMoved[Int(column)] = true }
    for k in 0..<order where !isMoved[k] { sequence.append(permutation[k]) }
    for k in 0..<order {
      permutation[k] = sequence[k]
      position[Int(sequence[k])] = Int32(k)
    }
  }

  /// Moves rows to after others; the order of the rest stays.
  private static func move(
    _ late: [LateRow], _ permutation: UnsafeMutablePointer<Int32>,
    _ position: UnsafeMutablePointer<Int32>, _ order: Int
  ) {
    var keys = (0..<order).map { 2 * Int(position[$0]) }
    for late in late {
      keys[late.row] = late.after.reduce(keys[late.row]) { max($0, keys[$1] + 1) }
    }
    let rows = (0..<order).sorted { (keys[$0], $0) < (keys[$1], $1) }
    for (k, row) in rows.enumerated() {
      permutation[k] = Int32(row)
      position[row] = Int32(k)
    }
  }

  /// Factors ``values``.
  ///
  /// - Returns: How many pivots there are: all of them, or as many as come before the first that is
  ///   exactly 0, and that one.
  func factor() -> Int {
    let done = ckernels_ldl_factor(
      upper, lower.entries, leaves, lowerValues, pivots, inverses, work, tailWork, next)
    if done == Int32(order) { return order }
    pivots[Int(done)] = 0
    return Int(done) + 1
  }

  /// Factors a matrix given in the caller's order of entries.
  ///
  /// - Returns: The first pivot, in the order of elimination, that is not positive.
  func firstPivotNotPositive(_ entries: [Double]) -> (column: Int, value: Double)? {
    for (entry, value) in entries.enumerated() { values[Int(place[entry])] = value }
    for k in 0..<factor() where !(pivots[k] > 0) { return (Int(permutation[k]), pivots[k]) }
    return nil
  }

  /// b ← (L D Lᵀ)⁻¹ b, in the permuted order.
  ///
  /// - Parameters:
  ///   - b: Right sides; element k of all of them comes before element k + 1.
  ///   - width: How many right sides: 1 or 2.
  func solvePermuted(_ b: UnsafeMutablePointer<Double>, width: Int) {
    ckernels_ldl_solve(lower.entries, lowerValues, leaves, inverses, Int32(width), b)
  }

  /// r = b − (Π K Πᵀ − δ) x, δ a diagonal, with the values that were factored.
  ///
  /// - Parameters:
  ///   - b: Right sides, as above.
  ///   - delta: δ.
  ///   - x: As many vectors.
  ///   - r: The residuals.
  ///   - width: How many right sides: 1 or 2.
  func residual(
    _ b: UnsafeMutablePointer<Double>, minus delta: UnsafeMutablePointer<Double>,
    _ x: UnsafeMutablePointer<Double>, into r: UnsafeMutablePointer<Double>, width: Int
  ) {
    ckernels_symmetric_residual(upper, leaves, delta, Int32(width), b, x, r)
  }

  /// Π K Πᵀ with the values that are to be, or were, factored.
  private var upper: ckernels_columns {
    ckernels_columns(
      order: Int32(order), starts: columnStarts, rows: rowIndices, values: values)
  }
}

/// A row that is to be eliminated after others.
struct LateRow {
  let row: Int
  let after: Range<Int>
}
