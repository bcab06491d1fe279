import TestSupport
import Testing

@testable import ConvexKit

/// Data that cannot be a cone program, each refused by value.
@Suite struct ConeProgramErrorTests {
  private func matrix(_ rows: [[Double]], columns: Int) throws -> SparseMatrix<Double> {
    try SparseMatrix(Matrix(rows: rows.count, columns: columns) { rows[$0][$1] })
  }

  private func symmetric(_ rows: [[Double]]) throws -> SymmetricSparseMatrix {
    try SymmetricSparseMatrix(matrix(rows, columns: rows.count))
  }

  /// x ≥ 0 in two variables, with changes.
  private func program(
    linear: Vector<Double> = [1, 1], quadratic: SymmetricSparseMatrix? = nil,
    rows: [[Double]] = [[-1, 0], [0, -1]], columns: Int = 2, b: Vector<Double> = [0, 0],
    cones: [Cone] = [.nonnegative(2)]
  ) throws -> ConeProgram {
    try ConeProgram(
      minimize: linear, quadratic: quadratic, constraints: matrix(rows, columns: columns),
      rightHandSide: b, cones: cones)
  }

  @Test func `shapes that do not fit are refused with both`() throws {
    #expect(throws: ConeProgramError.noVariables) {
      try program(linear: [], rows: [[], []], columns: 0)
    }
    #expect(
      throws: ConeProgramError.shapeMismatch(operand: "P", expected: [2, 2], actual: [3, 3])
    ) { try program(quadratic: SymmetricSparseMatrix(zero: 3)) }
    #expect(
      throws: ConeProgramError.shapeMismatch(operand: "A", expected: [2, 2], actual: [2, 3])
    ) { try program(rows: [[1, 0, 0], [0, 1, 0]], columns: 3) }
    #expect(throws: ConeProgramError.shapeMismatch(operand: "b", expected: [2], actual: [3])) {
      try program(b: [0, 0, 0])
    }
    #expect(throws: ConeProgramError.shapeMismatch(operand: "cones", expected: [2], actual: [5])) {
      try program(cones: [.nonnegative(2), .exponential])
    }
    #expect(throws: ConeProgramError.shapeMismatch(operand: "cones", expected: [2], actual: [0])) {
      try program(cones: [])
    }
  }

  @Test(arguments: [Double.nan, .infinity, -.infinity])
  func `numbers that are not finite are refused by operand and place`(_ value: Double) throws {
    func expectNotFinite(_ operand: String, _ index: Int, _ body: () throws -> ConeProgram) throws {
      let error = #expect(throws: ConeProgramError.self) { try body() }
      guard case .notFinite(let found, let place, let number) = error else {
        Issue.record("\(String(describing: error))")
        return
      }
      #expect(found == operand && place == index)
      #expect(number == value || (number.isNaN && value.isNaN))
    }
    try expectNotFinite("q", 1) { try program(linear: [1, value]) }
    for cone: Cone in [.zero(2), .secondOrder(2)] {
      try expectNotFinite("b", 1) { try program(b: [0, value], cones: [cone]) }
    }
    if value == .infinity {
      #expect(try program(b: [0, value]).rightHandSide[1] == .infinity)
    } else {
      try expectNotFinite("b", 1) { try program(b: [0, value]) }
    }
    try expectNotFinite("P", 0) {
      try program(quadratic: SymmetricSparseMatrix(diagonal: [value, 1]))
    }
    // Matrices of entries are refused where they are made.
    #expect(throws: LinearAlgebraError.notFinite(operand: "values", index: 0)) {
      try program(rows: [[value, 0], [0, 1]])
    }
    #expect(throws: LinearAlgebraError.notFinite(operand: "values", index: 1)) {
      try SymmetricSparseMatrix(
        order: 2, columnStarts: [0, 1, 2], rowIndices: [0, 1], values: [1, value])
    }
  }

  @Test func `cones without rows and exponents out of range are refused`() throws {
    let empty: [Cone] = [.zero(0), .nonnegative(0), .secondOrder(0), .nonnegative(-1)]
    for cone in empty {
      #expect(throws: ConeProgramError.emptyCone(index: 1)) {
        try program(cones: [.nonnegative(2), cone])
      }
    }
    for alpha in [0, 1, -0.5, 1.5, Double.infinity] {
      #expect(throws: ConeProgramError.powerOutOfRange(cone: 0, alpha: alpha)) {
        try program(
          rows: [[1, 0], [0, 1], [0, 0]], b: [0, 0, 0], cones: [.power(alpha: alpha)])
      }
    }
    let error = #expect(throws: ConeProgramError.self) {
      try program(rows: [[1, 0], [0, 1], [0, 0]], b: [0, 0, 0], cones: [.power(alpha: .nan)])
    }
    guard case .powerOutOfRange(cone: 0, let alpha) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(alpha.isNaN)
  }

  @Test func `a matrix that is not symmetric, or not a triangle, is no quadratic term`() throws {
    #expect(
      throws: LinearAlgebraError.notSymmetric(row: 0, column: 1, value: 2, transposed: 1)
    ) { try symmetric([[2, 2], [1, 2]]) }
    #expect(
      throws: LinearAlgebraError.notSymmetric(row: 0, column: 1, value: 0, transposed: 1)
    ) { try symmetric([[2, 0], [1, 2]]) }
    #expect(throws: LinearAlgebraError.belowDiagonal(row: 1, column: 0)) {
      try SymmetricSparseMatrix(
        order: 2, columnStarts: [0, 2, 3], rowIndices: [0, 1, 1], values: [1, 1, 1])
    }
    #expect(
      throws: LinearAlgebraError.shapeMismatch(
        operand: "symmetric matrix", expected: [1, 1], actual: [1, 2])
    ) { try SymmetricSparseMatrix(matrix([[1, 2]], columns: 2)) }
    // Equal to rounding is symmetric.
    #expect(try symmetric([[1, 0.1 + 0.2], [0.3, 1]]).values == [1, 0.1 + 0.2, 1])
  }

  @Test func `indefinite quadratic terms are refused with the column that shows it`() throws {
    #expect(throws: ConeProgramError.notConvex(column: 1, pivot: -1e-3)) {
      try program(quadratic: SymmetricSparseMatrix(diagonal: [1, -1e-3]))
    }
    // A zero on the diagonal with an entry beside it.
    #expect(throws: ConeProgramError.notConvex(column: 1, pivot: -1)) {
      try program(quadratic: symmetric([[0, 1], [1, 3]]))
    }
    let indefinite: [[[Double]]] = [
      [[1, 2], [2, 1]], [[1, 1 + 1e-6], [1 + 1e-6, 1]], [[1e8, 1.1], [1.1, 1e-8]],
    ]
    for rows in indefinite {
      let error = #expect(throws: ConeProgramError.self) {
        try program(quadratic: symmetric(rows))
      }
      guard case .notConvex(let column, let pivot) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
      #expect((0..<2).contains(column) && pivot < 0)
    }
  }

  @Test func `semidefinite quadratic terms are accepted`() throws {
    let semidefinite: [[[Double]]] = [
      [[0, 0], [0, 0]], [[1, 1], [1, 1]], [[1, -1], [-1, 1]], [[0, 0], [0, 3]],
      [[1e-12, 0], [0, 1e12]], [[1e12, 1], [1, 1e-12]], [[4, 2], [2, 1]],
    ]
    for rows in semidefinite {
      #expect(try program(quadratic: symmetric(rows)).quadratic.order == 2)
    }
    // Gram matrices F Fᵀ of low rank, over many magnitudes.
    var random = SeededGenerator(seed: 1, name: "semidefinite")
    for rank in 1...6 {
      let f = (0..<12).map { row in
        (0..<rank).map { _ in random.normal() * [1e-5, 1, 1e5][row % 3] }
      }
      let gram = f.map { a in f.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } } }
      let program = try ConeProgram(
        minimize: Vector(repeating: 0, count: 12), quadratic: symmetric(gram),
        constraints: matrix([], columns: 12), rightHandSide: [], cones: [])
      #expect(program.solve().status == .solved)
    }
  }

  @Test func `updates with other numbers of entries or bad numbers keep the old numbers`() throws {
    let first = try program(quadratic: symmetric([[2, 1], [1, 2]]))
    let solver = ConeSolver(first)
    let before = solver.solve()
    #expect(throws: ConeProgramError.structureChanged(operand: "P")) {
      try solver.update(quadratic: [1, 1])
    }
    #expect(throws: ConeProgramError.structureChanged(operand: "A")) {
      try solver.update(constraints: [1, 1, 1])
    }
    #expect(throws: ConeProgramError.notConvex(column: 0, pivot: -1)) {
      try solver.update(quadratic: [-1, 0, 1])
    }
    #expect(throws: ConeProgramError.notFinite(operand: "A", index: 0, value: .infinity)) {
      try solver.update(constraints: [.infinity, 1])
    }
    #expect(throws: ConeProgramError.notFinite(operand: "q", index: 1, value: .infinity)) {
      try solver.update(linear: [1, .infinity])
    }
    #expect(throws: ConeProgramError.notFinite(operand: "b", index: 0, value: -.infinity)) {
      try solver.update(rightHandSide: [-.infinity, 0])
    }
    #expect(throws: ConeProgramError.shapeMismatch(operand: "b", expected: [2], actual: [1])) {
      try solver.update(rightHandSide: [1])
    }
    #expect(throws: ConeProgramError.self) { try solver.update(linear: [1, 2, 3]) }
    #expect(solver.program == first)
    var after = solver.solve()
    after.seconds = before.seconds
    #expect(after == before)
  }

  @Test(arguments: [
    (ConeProgramError.noVariables, "nothing to minimize"),
    (.shapeMismatch(operand: "cones", expected: [3], actual: [2]), "the cones take [2] rows"),
    (.shapeMismatch(operand: "A", expected: [3, 2], actual: [3, 1]), "A has shape [3, 1]"),
    (.notFinite(operand: "q", index: 4, value: .nan), "element 4 of q is nan"),
    (.notFinite(operand: "b", index: 0, value: -.infinity), "but for +inf in a nonnegative cone"),
    (.emptyCone(index: 2), "cone 2 has no rows; leave it out"),
    (.powerOutOfRange(cone: 1, alpha: 1), "above 0 and below 1"),
    (.notConvex(column: 7, pivot: -2), "column 7 meets -2.0"),
    (.structureChanged(operand: "P"), "make a new solver"),
  ])
  func `descriptions are one line with the remedy`(_ error: ConeProgramError, _ part: String) {
    #expect(error.description.contains(part), "\(error.description)")
    #expect(!error.description.contains("\n"))
  }
}
