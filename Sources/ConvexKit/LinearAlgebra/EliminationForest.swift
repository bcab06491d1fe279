import CSuiteSparse

/// The elimination trees of a symmetric matrix given by the columns of its upper triangle.
///
/// - Source: Liu, SIAM J. Matrix Anal. Appl. 11 (1990).
struct EliminationForest {
  /// The row of the first entry of L below each diagonal element, −1 where there is none.
  private(set) var parents: [Int32]
  /// How many entries each column of L has below its diagonal.
  private(set) var entryCounts: [Int32]
  /// How many rows each subtree has.
  private(set) var sizes: [Int32]
  private var firstChild: [Int32]
  private var nextSibling: [Int32]

  init(
    order: Int, _ columnStarts: UnsafeMutablePointer<Int32>,
    _ rowIndices: UnsafeMutablePointer<Int32>
  ) {
    var (starts, flags) = (
      [Int32](repeating: 0, count: order + 1), [Int32](repeating: 0, count: order)
    )
    (parents, entryCounts) = (flags, flags)
    ldl_symbolic(
      Int32(order), columnStarts, rowIndices, &starts, &parents, &entryCounts, &flags, nil, nil)
    sizes = Array(repeating: 1, count: order)
    firstChild = Array(repeating: -1, count: order)
    nextSibling = firstChild
    // Children come before their parents.
    for row in 0..<order where parents[row] >= 0 { sizes[Int(parents[row])] += sizes[row] }
    for row in (0..<order).reversed() where parents[row] >= 0 {
      nextSibling[row] = firstChild[Int(parents[row])]
      firstChild[Int(parents[row])] = Int32(row)
    }
  }

  /// The roots of the largest subtrees with a number of rows within a range.
  func subtrees(of range: ClosedRange<Int>) -> [Int32] {
    parents.indices.filter {
      range.contains(Int(sizes[$0]))
        && (parents[$0] < 0 || Int(sizes[Int(parents[$0])]) > range.upperBound)
    }.map { Int32($0) }
  }

  /// Every child of a row.
  func forEachChild(of row: Int32, _ body: (Int32) -> Void) {
    var child = firstChild[Int(row)]
    while child >= 0 {
      body(child)
      child = nextSibling[Int(child)]
    }
  }

  /// The rows of a subtree, ascending, in place of what `rows` held.
  func collect(_ root: Int32, into rows: inout [Int32]) {
    rows.removeAll(keepingCapacity: true)
    rows.append(root)
    var next = 0
    while next < rows.count {
      forEachChild(of: rows[next]) { rows.append($0) }
      next += 1
    }
    rows.sort()
  }
}
