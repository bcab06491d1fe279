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

  /// Subtrees of more rows than this are taken apart. Their numbers are to stay in the first-level cache.
  private static let largestSize = 16
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
    let forest = EliminationForest(order: order, columnStarts, rowIndices)
    var candidates = forest.subtrees(of: 2...LeafGroups.largestSize)
    var local = [Int32](repeating: 0, count: order)
    while !candidates.isEmpty {
      // Of each structure the subtrees so far, by a hash; one that only shares the hash is left out.
      var found: [UInt64: Int] = [:]
      var waiting: [(structure: Structure, subtrees: [[Int32]])] = []
      for root in candidates {
        let rows = forest.rows(of: root)
        for (k, row) in rows.enumerated() { local[Int(row)] = Int32(k) }
        let structure = Structure(rows, local, columnStarts, rowIndices, forest.entryCounts)
        let index = found[structure.hash] ?? waiting.count
        if index == waiting.count {
          found[structure.hash] = index
          waiting.append((structure, []))
        }
        if waiting[index].structure == structure { waiting[index].subtrees.append(rows) }
      }
      var left: [Int32] = []
      for (structure, subtrees) in waiting {
        let whole = subtrees.count / LeafGroups.width * LeafGroups.width
        if whole > 0 { append(structure, subtrees[..<whole]) }
        for rows in subtrees[whole...] { left += forest.children(of: rows[rows.count - 1]) }
      }
      candidates = left.filter { forest.sizes[Int($0)] > 1 }
    }
  }

  private mutating func append(_ structure: Structure, _ subtrees: ArraySlice<[Int32]>) {
    var kind = Kind(
      upper: structure.upper, lower: structure.lower, open: structure.open)
    kind.groupCount = subtrees.count / LeafGroups.width
    kinds.append(kind)
    for first in stride(from: subtrees.startIndex, to: subtrees.endIndex, by: LeafGroups.width) {
      for column in structure.upper.indices {
        for lane in 0..<LeafGroups.width { columns.append(subtrees[first + lane][column]) }
      }
    }
  }

  /// The entries of a subtree among its own rows.
  private struct Structure: Equatable {
    var upper: [UInt32]
    var lower: [UInt32]
    var open: [Int32] = []
    var hash: UInt64 = 0

    /// - Parameters:
    ///   - rows: The subtree's rows, ascending.
    ///   - local: Where each of them is among these.
    ///   - columnStarts: Where the entries of each column of the upper triangle start.
    ///   - rowIndices: Their rows.
    ///   - counts: How many entries each column of L has.
    init(
      _ rows: [Int32], _ local: [Int32], _ columnStarts: UnsafeMutablePointer<Int32>,
      _ rowIndices: UnsafeMutablePointer<Int32>, _ counts: [Int32]
    ) {
      upper = Array(repeating: 0, count: rows.count)
      lower = upper
      for (column, row) in rows.enumerated() {
        for entry in columnStarts[Int(row)]..<columnStarts[Int(row) + 1] {
          let above = local[Int(rowIndices[Int(entry)])]
          upper[column] |= 1 << UInt32(above)
          lower[Int(above)] |= 1 << UInt32(column)
        }
      }
      for column in rows.indices {
        lower[column] &= ~(1 << UInt32(column))
        // What is below a column is below its parent.
        let rest = lower[column] & (lower[column] &- 1)
        if lower[column] != 0 { lower[lower[column].trailingZeroBitCount] |= rest }
        if counts[Int(rows[column])] > lower[column].nonzeroBitCount { open.append(Int32(column)) }
      }
      for column in rows.indices {
        let bits = UInt64(upper[column]) << 32 | UInt64(lower[column])
        hash = (hash ^ bits) &* 0x9e37_79b9_7f4a_7c15
        hash ^= hash >> 29
      }
      for column in open { hash = (hash ^ UInt64(column)) &* 0x9e37_79b9_7f4a_7c15 }
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
