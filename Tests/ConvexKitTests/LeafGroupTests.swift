import TestSupport
import Testing

@testable import ConvexKit

/// Matrices with many small parts that are alike, some that are not, and rows that all of them share.
@Suite struct LeafGroupTests {
  /// An upper triangle in compressed columns, and the same matrix dense.
  private struct Sample {
    var (starts, rows, values) = ([0], [Int](), [Double]())
    var diagonal: [Int] = []
    var matrix: Matrix<Double>
    var order: Int { starts.count - 1 }

    /// `copies` times the same pattern of `size` rows, whose entries and whose links to the `shared` rows
    /// differ, and `others` of other patterns.
    init(
      size: Int, copies: Int, others: Int, shared: Int, share: Double = 0.2, seed: UInt64
    ) {
      var random = SeededGenerator(seed: seed, name: "leaves \(size)")
      let order = size * (copies + others) + shared
      matrix = Matrix(rows: order, columns: order) { _, _ in 0 }
      func pattern() -> [[Int]] {
        // A path, so that the rows are one subtree, and more.
        (0..<size).map { column in
          (0..<column).filter { $0 == column - 1 || random.uniform() < 0.3 }
        }
      }
      let common = pattern()
      for part in 0..<copies + others {
        let own = part < copies ? common : pattern()
        for column in 0..<size {
          append(own[column].map { part * size + $0 }, &random, isNegative: column % 3 == 1)
        }
      }
      for row in 0..<shared {
        var links = (0..<shared).filter { $0 < row }.map { order - shared + $0 }
        for part in 0..<copies + others {
          // Every part is linked to one shared row at least, by its last row.
          let isLinked = part % shared == row || random.uniform() < share
          if isLinked { links.append(part * size + size - 1) }
        }
        append(links.sorted(), &random, isNegative: row % 2 == 0)
      }
    }

    private mutating func append(
      _ above: [Int], _ random: inout SeededGenerator, isNegative: Bool
    ) {
      let column = starts.count - 1
      for row in above {
        rows.append(row)
        values.append(random.normal())
      }
      diagonal.append(rows.count)
      rows.append(column)
      values.append((isNegative ? -1 : 1) * (200 + random.uniform()))
      for entry in starts[column]..<rows.count {
        (matrix[rows[entry], column], matrix[column, rows[entry]]) = (values[entry], values[entry])
      }
      starts.append(rows.count)
    }

    func factorization() -> SparseLDL {
      let ldl = SparseLDL(order: order, columnStarts: starts, rowIndices: rows)
      for entry in rows.indices { ldl.values[Int(ldl.place[entry])] = values[entry] }
      return ldl
    }
  }

  @Test(arguments: [(2, 37, 3), (5, 14, 2), (7, 11, 4), (16, 9, 1), (20, 8, 0)])
  func `leaves that are alike are found, and the factors multiply back to the matrix`(
    size: Int, copies: Int, others: Int
  ) throws {
    let sample = Sample(size: size, copies: copies, others: others, shared: 6, seed: 3)
    let ldl = sample.factorization()
    // Most of the copies, whole or, where AMD takes their rows in another order, in parts.
    #expect(ldl.groupedCount >= copies * size / 3)
    #expect(ldl.groupedCount % 4 == 0)
    #expect(Set((0..<sample.order).map { Int(ldl.permutation[$0]) }).count == sample.order)
    // Twice: nothing of the first time is left.
    #expect(ldl.factor() == sample.order && ldl.factor() == sample.order)
    var random = SeededGenerator(seed: 4)
    let arena = Arena()
    for width in 1...2 {
      let b = arena.numbers(width * sample.order)
      let x = arena.numbers(width * sample.order)
      let residual = arena.numbers(width * sample.order)
      let delta = arena.numbers(sample.order)
      let rights = (0..<width).map { _ in (0..<sample.order).map { _ in random.normal() } }
      for (side, right) in rights.enumerated() {
        for (row, value) in right.enumerated() {
          b[width * Int(ldl.position[row]) + side] = value
        }
      }
      x.update(from: b, count: width * sample.order)
      ldl.solvePermuted(x, width: width)
      ldl.residual(b, minus: delta, x, into: residual, width: width)
      for (side, right) in rights.enumerated() {
        let solution = (0..<sample.order).map { x[width * Int(ldl.position[$0]) + side] }
        let product = Array(sample.matrix * Vector(solution))
        #expect(maximumAbsoluteDifference(product, right) <= 1e-14)
        for row in 0..<sample.order {
          let found = residual[width * Int(ldl.position[row]) + side]
          #expect(abs(found - (right[row] - product[row])) <= 1e-14)
        }
      }
      // With δ: what was added to the diagonal is taken out.
      for k in 0..<sample.order { delta[k] = Double(k % 5) - 2 }
      ldl.residual(b, minus: delta, x, into: residual, width: width)
      for k in 0..<sample.order * width {
        #expect(abs(residual[k] - delta[k / width] * x[k]) <= 1e-13)
      }
    }
    // Sylvester: the diagonal dominates.
    let negative = (0..<sample.order).count { sample.values[sample.diagonal[$0]] < 0 }
    #expect((0..<sample.order).count { ldl.pivots[$0] < 0 } == negative)
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>)
  func `two right sides are solved as each alone, to the bit`(seed: UInt64) {
    let sample = Sample(size: 6, copies: 13, others: 2, shared: 5, seed: seed)
    let ldl = sample.factorization()
    #expect(ldl.groupedCount >= 24 && ldl.factor() == sample.order)
    var random = SeededGenerator(seed: 5)
    let (n, arena) = (sample.order, Arena())
    let (both, of, zeros) = (arena.numbers(2 * n), arena.numbers(2 * n), arena.numbers(n))
    let rights = (0..<2).map { _ in (0..<n).map { _ in random.normal() } }
    for k in 0..<n { (both[2 * k], both[2 * k + 1]) = (rights[0][k], rights[1][k]) }
    let original = arena.numbers((0..<2 * n).map { both[$0] })
    ldl.solvePermuted(both, width: 2)
    ldl.residual(original, minus: zeros, both, into: of, width: 2)
    for (side, right) in rights.enumerated() {
      let (alone, own) = (arena.numbers(right), arena.numbers(n))
      ldl.solvePermuted(alone, width: 1)
      ldl.residual(arena.numbers(right), minus: zeros, alone, into: own, width: 1)
      #expect((0..<n).allSatisfy { alone[$0] == both[2 * $0 + side] })
      #expect((0..<n).allSatisfy { own[$0] == of[2 * $0 + side] })
    }
  }

  @Test func `a pivot of a leaf that is exactly zero ends the factorization there`() {
    let sample = Sample(size: 3, copies: 24, others: 0, shared: 4, seed: 9)
    let ldl = sample.factorization()
    let (lane, column) = (2, 0)
    // The first column of a group: its pivot is its diagonal element.
    let place = 4 * column + lane
    ldl.values[Int(ldl.place[sample.diagonal[Int(ldl.permutation[place])]])] = 0
    #expect(ldl.factor() == place + 1)
    #expect(ldl.pivots[place] == 0)
    #expect((0..<place).allSatisfy { ldl.pivots[$0] != 0 })
  }

  @Test func `parts that are not alike are left to themselves`() {
    let sample = Sample(size: 9, copies: 3, others: 5, shared: 8, seed: 1)
    let ldl = sample.factorization()
    #expect(ldl.groupedCount % 4 == 0 && ldl.factor() == sample.order)
    let small = Sample(size: 2, copies: 20, others: 0, shared: 4, seed: 1).factorization()
    #expect(small.groupedCount == 0)
  }

  /// Rows of a regression: every part is linked to all of the shared rows.
  private func regression(parts: Int, shared: Int, seed: UInt64) -> Sample {
    Sample(size: 2, copies: parts, others: 0, shared: shared, share: 1, seed: seed)
  }

  @Test(arguments: [1, 3, 4, 7, 12, 40, 50])
  func `rows that all columns reach are one block, if there are few`(shared: Int) throws {
    let sample = regression(parts: 220, shared: shared, seed: 8)
    let ldl = sample.factorization()
    let isBlock = (3..<48).contains(shared)
    #expect(isBlock ? (shared..<48).contains(ldl.tailCount) : ldl.tailCount == 0)
    for _ in 0..<2 {
      #expect(ldl.factor() == sample.order)
      var random = SeededGenerator(seed: 6)
      let arena = Arena()
      let right = (0..<sample.order).map { _ in random.normal() }
      let x = arena.numbers(sample.order)
      for (row, value) in right.enumerated() { x[Int(ldl.position[row])] = value }
      ldl.solvePermuted(x, width: 1)
      let solution = (0..<sample.order).map { x[Int(ldl.position[$0])] }
      #expect(maximumAbsoluteDifference(Array(sample.matrix * Vector(solution)), right) <= 1e-13)
    }
  }

  @Test func `a pivot of the block that is exactly zero ends the factorization there`() {
    var sample = regression(parts: 40, shared: 5, seed: 2)
    // The last two rows alone: [2 2; 2 2] behind parts that are not linked to them.
    let order = sample.order
    for entry in sample.rows.indices {
      let column = sample.starts.lastIndex { $0 <= entry } ?? 0
      guard column >= order - 2 else { continue }
      sample.values[entry] = sample.rows[entry] >= order - 2 ? 2 : 0
    }
    let ldl = sample.factorization()
    #expect(ldl.tailCount >= 5)
    let pivots = ldl.factor()
    #expect(pivots <= order && pivots > order - 5 && ldl.pivots[pivots - 1] == 0)
    // Nothing of it is left for the next numbers.
    let other = regression(parts: 40, shared: 5, seed: 2)
    for entry in other.rows.indices { ldl.values[Int(ldl.place[entry])] = other.values[entry] }
    let fresh = other.factorization()
    #expect(ldl.factor() == order && fresh.factor() == order)
    #expect((0..<order).allSatisfy { ldl.pivots[$0] == fresh.pivots[$0] })
  }
}
