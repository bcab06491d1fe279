import CKernels

/// Subtrees at the leaves of an elimination tree that are alike, in groups of four.
///
/// The rows of cones of one kind and the variables that belong to them alone are eliminated by the same
/// few steps, cone after cone: columns of two or three entries, whose loops wait for their own ends. Four
/// subtrees of one structure side by side are vectors. A group's columns come first in the elimination, the
/// c-th of all four before the next; entries in rows above the subtree stay scalars.
///
/// Leaves of a tree may be eliminated in any order: neither the fill nor the parents of a column change.
struct LeafGroups {
  /// The columns of all groups in their new order, by their old places.
  private(set) var columns: [Int32] = []
  /// What is alike, and how many groups of each kind come one after the other.
  private(set) var kinds: [Kind] = []

  /// A structure of subtrees.
  struct Kind {
    /// Of each column c of the upper triangle the rows r ≤ c with an entry, as bits.
    let upper: [UInt32]
    /// Of each column of L the rows below, as bits.
    let lower: [UInt32]
    /// The columns whose entries are not all in the subtree.
    let open: [Int32]
    /// How many groups there are.
    var groupCount = 0
  }

  /// Subtrees of more rows than this are taken apart.
  private static let largestSize = Int(CKERNELS_LARGEST_LEAF)
  /// Matrices of fewer rows are factored in less time than is needed to look for groups.
  private static let leastOrder = 64
  /// How many subtrees are a group.
  static let width = 4

  /// Finds the groups.
  ///
  /// - Parameters:
  ///   - order: The number of columns.
  ///   - columnStarts: Where the entries of each column of the upper triangle start.
  ///   - rowIndices: Their rows, ascending.
  init(
    order: Int, _ columnStarts: UnsafeMutablePointer<Int32>,
    _ rowIndices: UnsafeMutablePointer<Int32>
  ) {
    guard order >= LeafGroups.leastOrder else { return }
    let forest = EliminationForest(order: order, columnStarts, rowIndices)
    var candidates = forest.subtrees(of: 2...LeafGroups.largestSize)
    var structure = Structure(columnStarts, rowIndices, forest)
    while !candidates.isEmpty {
      // The subtrees of each structure, by its hash; one that only shares the hash is left out.
      var found: [UInt64: Int] = [:]
      var kinds: [(kind: Kind, rows: [Int32])] = []
      for root in candidates {
        structure.read(root)
        let index = found[structure.hash] ?? kinds.count
        if index == kinds.count {
          found[structure.hash] = index
          kinds.append((structure.kind, []))
        }
        if structure.is(kinds[index].kind) { kinds[index].rows += structure.rows }
      }
      candidates.removeAll(keepingCapacity: true)
      for (kind, rows) in kinds {
        let size = kind.upper.count
        let whole = rows.count / (LeafGroups.width * size) * LeafGroups.width * size
        if whole > 0 { append(kind, rows[..<whole]) }
        for end in stride(from: whole + size, through: rows.count, by: size) {
          forest.forEachChild(of: rows[end - 1]) {
            if forest.sizes[Int($0)] > 1 { candidates.append($0) }
          }
        }
      }
    }
  }

  private mutating func append(_ kind: Kind, _ rows: ArraySlice<Int32>) {
    let size = kind.upper.count
    kinds.append(kind)
    kinds[kinds.count - 1].groupCount = rows.count / (LeafGroups.width * size)
    for first in stride(from: 0, to: rows.count, by: LeafGroups.width * size) {
      for column in 0..<size {
        for lane in 0..<LeafGroups.width { columns.append(rows[first + lane * size + column]) }
      }
    }
  }

  /// The entries of one subtree after another among its own rows.
  private struct Structure {
    /// The subtree's rows, ascending.
    private(set) var rows: [Int32] = []
    private(set) var hash: UInt64 = 0
    private var upper: [UInt32] = []
    private var lower: [UInt32] = []
    private var open: [Int32] = []
    /// Where a row of the subtree is among them.
    private var local: [Int32]
    private let columnStarts, rowIndices: UnsafeMutablePointer<Int32>
    private let forest: EliminationForest

    init(
      _ columnStarts: UnsafeMutablePointer<Int32>, _ rowIndices: UnsafeMutablePointer<Int32>,
      _ forest: EliminationForest
    ) {
      local = Array(repeating: 0, count: forest.parents.count)
      (self.columnStarts, self.rowIndices, self.forest) = (columnStarts, rowIndices, forest)
    }

    var kind: Kind { Kind(upper: upper, lower: lower, open: open) }

    func `is`(_ kind: Kind) -> Bool { kind.upper == upper && kind.open == open }

    mutating func read(_ root: Int32) {
      forest.collect(root, into: &rows)
      upper.removeAll(keepingCapacity: true)
      lower.removeAll(keepingCapacity: true)
      open.removeAll(keepingCapacity: true)
      for (column, row) in rows.enumerated() {
        local[Int(row)] = Int32(column)
        lower.append(0)
        var bits: UInt32 = 0
        for entry in columnStarts[Int(row)]..<columnStarts[Int(row) + 1] {
          let above = Int(local[Int(rowIndices[Int(entry)])])
          bits |= 1 << UInt32(above)
          lower[above] |= 1 << UInt32(column)
        }
        upper.append(bits)
      }
      hash = 0
      for (column, row) in rows.enumerated() {
        lower[column] &= ~(1 << UInt32(column))
        // What is below a column is below its parent.
        let rest = lower[column] & (lower[column] &- 1)
        if lower[column] != 0 { lower[lower[column].trailingZeroBitCount] |= rest }
        let isOpen = forest.entryCounts[Int(row)] > lower[column].nonzeroBitCount
        if isOpen { open.append(Int32(column)) }
        hash = (hash ^ (UInt64(upper[column]) << 1 | (isOpen ? 1 : 0))) &* 0x9e37_79b9_7f4a_7c15
        hash ^= hash >> 29
      }
    }
  }
}

extension LeafGroups {
  /// The kinds as the kernels read them, and places for their values.
  func leaves(in arena: Arena) -> ckernels_leaves {
    let kernelKinds = arena.records(kinds.count, ckernels_leaf_kind())
    var (upperCount, lowerCount) = (0, 0)
    for (index, kind) in kinds.enumerated() {
      let (upperStarts, upperRows) = LeafGroups.lists(kind.upper, in: arena)
      let (lowerStarts, lowerRows) = LeafGroups.lists(kind.lower, in: arena)
      let size = kind.upper.count
      kernelKinds[index] = ckernels_leaf_kind(
        groups: Int32(kind.groupCount), columns: Int32(size), upper_starts: upperStarts,
        upper_rows: upperRows, lower_starts: lowerStarts, lower_rows: lowerRows,
        open_columns: Int32(kind.open.count), open: arena.indices(kind.open.map(Int.init)))
      upperCount += kind.groupCount * Int(upperStarts[size])
      lowerCount += kind.groupCount * Int(lowerStarts[size])
    }
    return ckernels_leaves(
      kind_count: Int32(kinds.count), kinds: kernelKinds,
      upper: arena.numbers(LeafGroups.width * upperCount),
      lower: arena.numbers(LeafGroups.width * lowerCount))
  }

  /// Bits as lists of their places.
  private static func lists(_ bits: [UInt32], in arena: Arena) -> (
    UnsafeMutablePointer<Int32>, UnsafeMutablePointer<Int32>
  ) {
    var (starts, rows) = ([0], [Int]())
    for word in bits {
      for place in 0..<32 where word & 1 << UInt32(place) != 0 { rows.append(place) }
      starts.append(rows.count)
    }
    return (arena.indices(starts), arena.indices(rows))
  }
}
