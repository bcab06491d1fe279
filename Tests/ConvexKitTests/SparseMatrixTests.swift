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
