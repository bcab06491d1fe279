import CKernels
import TestSupport
import Testing

@testable import ConvexKit

/// Symmetric quasi-definite systems [D Aᵀ; A −E] with seeded numbers, one or two right sides.
@Suite struct RegularizedLDLTests {
  private let n = 23
  private let m = 17
  private var order: Int { n + m }

  private struct System {
    let matrix: Matrix<Double>
    let factors: RegularizedLDL
  }

  // Where D is semidefinite every third of its elements is 0, as of a variable without a quadratic.
  private func system(seed: UInt64, semidefinite: Bool) throws -> System {
    var random = SeededGenerator(seed: seed)
    var matrix = Matrix<Double>(rows: order, columns: order) { _, _ in 0 }
    var (starts, rows, diagonal, values) = ([0], [Int](), [Int](), [Double]())
    for column in 0..<order {
      if column >= n {
        for row in 0..<n where random.uniform() < 0.3 {
          rows.append(row)
          values.append(random.normal())
        }
      }
      diagonal.append(rows.count)
      rows.append(column)
      let size = 0.5 + random.uniform()
      values.append(column >= n ? -size : semidefinite && column % 3 == 0 ? 0 : size)
      for entry in starts[column]..<rows.count {
        (matrix[rows[entry], column], matrix[column, rows[entry]]) = (values[entry], values[entry])
      }
      starts.append(rows.count)
    }
    let ldl = SparseLDL(order: order, columnStarts: starts, rowIndices: rows)
    for entry in rows.indices { ldl.values[Int(ldl.place[entry])] = values[entry] }
    let signs = (0..<order).map { $0 < n ? 1.0 : -1.0 }
    let factors = RegularizedLDL(ldl, diagonal: diagonal, signs: signs)
    try #require(factors.factor())
    return System(matrix: matrix, factors: factors)
  }

  private func set(_ b: [Double], _ factors: RegularizedLDL, side: Int, of width: Int) {
    for row in 0..<order {
      factors.right[width * Int(factors.ldl.position[row]) + side] = b[row]
    }
  }

  private func solution(_ factors: RegularizedLDL, side: Int, of width: Int) -> [Double] {
    (0..<order).map { factors.solution[width * Int(factors.ldl.position[$0]) + side] }
  }

  @Test(arguments: [false, true], 1...5 as ClosedRange<UInt64>)
  func `solutions satisfy the system to rounding`(semidefinite: Bool, seed: UInt64) throws {
    let system = try system(seed: seed, semidefinite: semidefinite)
    var random = SeededGenerator(seed: 100 + seed)
    let expected = (0..<order).map { _ in random.normal() }
    let right = system.matrix * Vector(expected)
    set(Array(right), system.factors, side: 0, of: 1)
    let residual = system.factors.solve()
    #expect(residual[0] <= 1e-13 && residual[1] == 0)
    for (x, y) in zip(solution(system.factors, side: 0, of: 1), expected) {
      #expect(abs(x - y) <= 1e-11)
    }
  }

  @Test(arguments: [0, 1e-6], 1...5 as ClosedRange<UInt64>)
  func `two right sides are solved as each alone, to the bit`(
    tolerance: Double, seed: UInt64
  ) throws {
    let factors = try system(seed: seed, semidefinite: true).factors
    var random = SeededGenerator(seed: 200 + seed)
    // Of sizes so different that one is refined when the other is done.
    let rights = [1e6, 1e-3].map { size in (0..<order).map { _ in size * random.normal() } }
    var alone: [(solution: [Double], residual: Double)] = []
    for right in rights {
      set(right, factors, side: 0, of: 1)
      let residual = factors.solve(to: tolerance)[0]
      alone.append((solution(factors, side: 0, of: 1), residual))
    }
    for (side, right) in rights.enumerated() { set(right, factors, side: side, of: 2) }
    let residuals = factors.solve(width: 2, to: tolerance)
    for side in 0...1 {
      #expect(solution(factors, side: side, of: 2) == alone[side].solution)
      #expect(residuals[side] == alone[side].residual)
    }
  }

  @Test(arguments: [0.05, 0.3, 1], 1...4 as ClosedRange<UInt64>)
  func `the factors multiply back to the matrix`(density: Double, seed: UInt64) throws {
    var random = SeededGenerator(seed: seed, name: "factors")
    var matrix = Matrix<Double>(rows: order, columns: order) { _, _ in 0 }
    var (starts, rows, values) = ([0], [Int](), [Double]())
    for column in 0..<order {
      for row in 0..<column where random.uniform() < density {
        rows.append(row)
        values.append(random.normal())
      }
      rows.append(column)
      values.append((column % 3 == 0 ? -1 : 1) * (Double(order) + random.uniform()))
      for entry in starts[column]..<rows.count {
        (matrix[rows[entry], column], matrix[column, rows[entry]]) = (values[entry], values[entry])
      }
      starts.append(rows.count)
    }
    let ldl = SparseLDL(order: order, columnStarts: starts, rowIndices: rows)
    for entry in rows.indices { ldl.values[Int(ldl.place[entry])] = values[entry] }
    // Twice: nothing of the first time is left.
    #expect(ldl.factor() == order && ldl.factor() == order)
    // The product with x by the factors is that by the matrix.
    let right = (0..<order).map { _ in random.normal() }
    let b = UnsafeMutablePointer<Double>.allocate(capacity: order)
    defer { b.deallocate() }
    for row in 0..<order { b[Int(ldl.position[row])] = right[row] }
    ldl.solvePermuted(b, width: 1)
    let x = (0..<order).map { b[Int(ldl.position[$0])] }
    #expect(maximumAbsoluteDifference(Array(matrix * Vector(x)), right) <= 1e-13)
    // Sylvester: as many negative pivots as negative eigenvalues; the diagonal dominates.
    #expect((0..<order).count { ldl.pivots[$0] < 0 } == (order + 2) / 3)
  }

  @Test func `a pivot that is exactly zero ends the factorization`() {
    let ldl = SparseLDL(order: 3, columnStarts: [0, 1, 3, 5], rowIndices: [0, 0, 1, 1, 2])
    // In the order that AMD takes the last two rows of a chain are singular together.
    for (entry, value) in [1.0, 1, 1, 0, 2].enumerated() {
      ldl.values[Int(ldl.place[entry])] = value
    }
    let pivots = ldl.factor()
    #expect(ldl.pivots[pivots - 1] == 0)
    #expect(ldl.firstPivotNotPositive([1, 1, 1, 0, 2])?.value == 0)
    #expect(ldl.firstPivotNotPositive([2, 1, 2, 1, 2]) == nil)
  }

  @Test func `late rows come right behind the last of theirs, the others stay in order`() throws {
    let (n, extras) = (20, 4)
    var (starts, rows, late) = ([0], [Int](), [LateRow]())
    for column in 0..<n {
      rows += Array(max(0, column - 3)...column)
      starts.append(rows.count)
    }
    for extra in 0..<extras {
      let own = 5 * extra..<5 * extra + 2
      rows += Array(own) + [n + extra]
      starts.append(rows.count)
      late.append(LateRow(row: n + extra, after: own))
    }
    let order = n + extras
    let free = SparseLDL(order: order, columnStarts: starts, rowIndices: rows)
    let bound = SparseLDL(order: order, columnStarts: starts, rowIndices: rows, late: late)
    func sequence(_ ldl: SparseLDL) -> [Int] { (0..<order).map { Int(ldl.permutation[$0]) } }
    #expect(sequence(bound).sorted() == Array(0..<order))
    #expect(sequence(bound).filter { $0 < n } == sequence(free).filter { $0 < n })
    var moved = 0
    for late in late {
      let before = try #require(late.after.map { free.position[$0] }.max())
      let last = try #require(late.after.map { bound.position[$0] }.max())
      #expect(bound.position[late.row] > last)
      guard free.position[late.row] < before else { continue }
      moved += 1
      #expect(bound.position[late.row] == last + 1)
    }
    #expect(moved > 0)
  }

  @Test func `a right side that is no number leaves the other one alone`() throws {
    let factors = try system(seed: 7, semidefinite: false).factors
    let ones = [Double](repeating: 1, count: order)
    var bad = ones
    bad[order / 2] = .nan
    set(ones, factors, side: 0, of: 1)
    let residual = factors.solve()[0]
    let expected = solution(factors, side: 0, of: 1)
    set(bad, factors, side: 0, of: 2)
    set(ones, factors, side: 1, of: 2)
    let residuals = factors.solve(width: 2)
    #expect(residuals[0].isNaN && residuals[1] == residual)
    #expect(solution(factors, side: 1, of: 2) == expected)
  }

  @Test(arguments: [1, 2], [0, 1, 7, 8, 9, 31])
  func `the largest element of each vector, wherever it is`(width: Int, order: Int) {
    for place in 0..<order * width {
      for (element, expected) in [(-3.0, 3.0), (.infinity, .infinity)] {
        var v = [Double](repeating: 0.5, count: order * width)
        v[place] = element
        var largest = [-1.0, -1.0]
        ckernels_largest(Int32(order), Int32(width), v, &largest)
        for side in 0..<width {
          #expect(largest[side] == (place % width == side ? expected : 0.5))
        }
        v[place] = .nan
        ckernels_largest(Int32(order), Int32(width), v, &largest)
        for side in 0..<width { #expect(largest[side].isNaN == (place % width == side)) }
      }
    }
  }
}
