import ConvexKit
import TestSupport
import Testing

@Suite struct SparseMatrixTests {
  private let dense = Matrix<Double>(
    rows: 3, columns: 4, elements: [1, 0, 0, 0, 0, 5, 2, 0, 0, 3, 0, 6])

  @Test func `products agree with the dense matrix`() throws {
    let a = try SparseMatrix(dense)
    #expect(a.rowStarts == [0, 3, 3, 5])
    #expect(a.columnIndices == [0, 2, 3, 1, 3])
    #expect(a.values == [1, 2, 3, 5, 6])
    #expect(a * [1, 2, 3, 4] == [19, 0, 34])
    #expect(a.transposeTimes([1, 2, 3]) == [1, 15, 2, 21])
    #expect(a.transposed * [1, 2, 3] == [1, 15, 2, 21])
    #expect(a.transposed.transposed == a)
  }

  @Test func `the adjoint identity holds in float and double`() throws {
    func check<Scalar: LinearAlgebraScalar>(_ tolerance: Scalar) throws {
      var generator = SeededGenerator(seed: 2)
      let a = try SparseMatrix(
        Matrix<Scalar>(rows: 20, columns: 30) { _, _ in
          generator.uniform() < 0.7 ? 0 : Scalar(generator.normal())
        })
      let x = Vector((0..<30).map { _ in Scalar(generator.normal()) })
      let y = Vector((0..<20).map { _ in Scalar(generator.normal()) })
      #expect(abs((a * x).dot(y) - x.dot(a.transposeTimes(y))) < tolerance)
    }
    try check(1e-13 as Double)
    try check(1e-4 as Float)
  }

  @Test func `a matrix without rows or columns multiplies`() throws {
    let a = try SparseMatrix<Double>(
      rows: 0, columns: 2, rowStarts: [0], columnIndices: [], values: [])
    #expect((a * [1, 2]).isEmpty)
    #expect(a.transposeTimes([]) == [0, 0])
    #expect(a.transposed.rows == 2)
  }

  @Test func `entries in any order make the matrix, and add up where they meet`() throws {
    var generator = SeededGenerator(seed: 5)
    let (rows, columns) = (7, 11)
    var dense = Matrix<Double>(rows: rows, columns: columns) { _, _ in 0 }
    var entries: [(row: Int, column: Int, value: Double)] = []
    for _ in 0..<60 {
      let (i, j) = (Int(generator.uniform() * 6), Int(generator.uniform() * 11))
      let value = (generator.normal() * 8).rounded() + 0.5
      entries.append((i, j, value))
      dense[i, j] += value
    }
    let a = try SparseMatrix(rows: rows, columns: columns, entries: entries)
    for i in 0..<rows {
      let range = a.rowStarts[i]..<a.rowStarts[i + 1]
      #expect(zip(a.columnIndices[range], a.columnIndices[range].dropFirst()).allSatisfy(<))
      for j in 0..<columns {
        let stored = range.filter { a.columnIndices[$0] == j }.reduce(0) { $0 + a.values[$1] }
        #expect(stored == dense[i, j])
        #expect(
          range.contains { a.columnIndices[$0] == j }
            == entries.contains { $0.row == i && $0.column == j })
      }
    }
    let none = try SparseMatrix<Float>(rows: 2, columns: 0, entries: [])
    #expect(none.rowStarts == [0, 0, 0] && none.values.isEmpty)
  }

  @Test func `entries that are no matrix are refused by their place`() {
    func expect(
      _ error: LinearAlgebraError, _ entries: [(row: Int, column: Int, value: Double)],
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(throws: error, sourceLocation: sourceLocation) {
        try SparseMatrix(rows: 2, columns: 3, entries: entries)
      }
    }
    expect(.rowOutOfRange(row: 2, rows: 2), [(0, 0, 1), (2, 0, 1)])
    expect(.rowOutOfRange(row: -1, rows: 2), [(-1, 0, 1)])
    expect(.columnOutOfRange(row: 1, column: 3, columns: 3), [(1, 3, 1)])
    expect(.notFinite(operand: "entries", index: 1), [(0, 0, 1), (0, 1, .nan)])
    let large = Double.greatestFiniteMagnitude
    expect(.notFinite(operand: "values", index: 1), [(0, 0, 1), (1, 1, large), (1, 1, large)])
  }

  @Test func `rows that are no matrix are refused by their place`() {
    func expect(
      _ error: LinearAlgebraError, _ starts: [Int], _ columns: [Int], _ values: [Double],
      sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(throws: error, sourceLocation: sourceLocation) {
        try SparseMatrix(
          rows: 2, columns: 3, rowStarts: starts, columnIndices: columns, values: values)
      }
    }
    expect(
      .shapeMismatch(operand: "rowStarts", expected: [3], actual: [2]), [0, 1], [0], [1])
    expect(
      .shapeMismatch(operand: "columnIndices", expected: [2], actual: [1]), [0, 1, 2], [0],
      [1, 1])
    expect(.shapeMismatch(operand: "values", expected: [3], actual: [1]), [0, 1, 3], [0], [1])
    expect(.rowStartsDescend(row: 0), [1, 1, 1], [0], [1])
    expect(.rowStartsDescend(row: 2), [0, 2, 1], [0], [1])
    expect(.columnOutOfRange(row: 1, column: 3, columns: 3), [0, 1, 2], [0, 3], [1, 1])
    expect(.columnOutOfRange(row: 0, column: -1, columns: 3), [0, 1, 2], [-1, 1], [1, 1])
    expect(.columnsNotAscending(row: 1, column: 1), [0, 0, 2], [1, 1], [1, 1])
    expect(.columnsNotAscending(row: 0, column: 0), [0, 2, 2], [2, 0], [1, 1])
    expect(.notFinite(operand: "values", index: 1), [0, 1, 2], [0, 1], [1, .nan])
  }
}
