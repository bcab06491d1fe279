import TestSupport
import Testing

@testable import ConvexKit

/// Programs at the edges of what a program is, each with its known answer.
@Suite struct ConeProgramSizeTests {
  private static let methods: [ConeSettings.Method] = [.automatic, .interiorPoint]

  private func program(
    _ linear: Vector<Double>, _ quadratic: SymmetricSparseMatrix? = nil, _ rows: [[Double]] = [],
    _ b: Vector<Double> = [], _ cones: [Cone] = []
  ) throws -> ConeProgram {
    try ConeProgram(
      minimize: linear, quadratic: quadratic,
      constraints: SparseMatrix(
        Matrix(rows: rows.count, columns: linear.count) { rows[$0][$1] }),
      rightHandSide: b, cones: cones)
  }

  private func solve(_ program: ConeProgram, _ method: ConeSettings.Method) -> ConeSolution {
    let solution = program.solve(ConeSettings(method: method))
    if let certificate = solution.certificate {
      #expect(certificate.violation(for: program) <= 1e-7)
    }
    return solution
  }

  @Test(arguments: methods)
  func `without constraints it is a linear system`(_ method: ConeSettings.Method) throws {
    // [2 1; 1 2] x = (1, −1).
    let p = try SymmetricSparseMatrix(
      order: 2, columnStarts: [0, 1, 3], rowIndices: [0, 0, 1], values: [2, 1, 2])
    let solution = try solve(program([-1, 1], p), method)
    #expect(solution.status == .solved)
    #expect(maximumAbsoluteDifference(solution.primal, [1, -1]) <= 1e-9)
    #expect(abs(solution.objective + 1) <= 1e-9)
    #expect(solution.slack.isEmpty && solution.dual.isEmpty)
  }

  @Test(arguments: methods)
  func `without constraints and without curvature it is unbounded, or zero`(
    _ method: ConeSettings.Method
  ) throws {
    let unbounded = try solve(program([0, -3]), method)
    #expect(unbounded.status == .dualInfeasible)
    guard case .dualInfeasible(let ray, _) = unbounded.certificate else {
      Issue.record("no ray")
      return
    }
    #expect(maximumAbsoluteDifference(ray, [0, 1.0 / 3]) <= 1e-9)
    let flat = try solve(program([0, 0]), method)
    #expect(flat.status == .solved && flat.objective == 0)
    // Curvature in one direction, slope in the other.
    let half = try solve(program([1, 1], SymmetricSparseMatrix(diagonal: [1, 0])), method)
    #expect(half.status == .dualInfeasible)
  }

  @Test(arguments: methods)
  func `empty rows are true, or prove that nothing is feasible`(
    _ method: ConeSettings.Method
  ) throws {
    func answer(_ b: Vector<Double>) throws -> SolveStatus {
      try solve(
        program([1], nil, [[-1], [0], [0]], b, [.nonnegative(2), .zero(1)]), method
      ).status
    }
    #expect(try answer([-2, 0, 0]) == .solved)
    #expect(try answer([-2, 5, 0]) == .solved)
    #expect(try answer([-2, .infinity, 0]) == .solved)
    #expect(try answer([-2, -1, 0]) == .primalInfeasible)
    #expect(try answer([-2, 0, 1]) == .primalInfeasible)
    #expect(try answer([-2, 0, -1e-3]) == .primalInfeasible)
  }

  @Test(arguments: methods)
  func `empty rows of curved cones are constants`(_ method: ConeSettings.Method) throws {
    // (1, x) in the second-order cone: x ≥ −1; and (−e, 1, 1) in the exponential cone: e ≥ 0.
    let solution = try solve(
      program(
        [1, 1], nil, [[0, 0], [-1, 0], [0, 1], [0, 0], [0, 0]], [1, 0, 0, 1, 1],
        [.secondOrder(2), .exponential]), method)
    #expect(solution.status == .solved)
    #expect(maximumAbsoluteDifference(solution.primal, [-1, 0]) <= 1e-7)
    let infeasible = try solve(program([0], nil, [[0], [0]], [1, 2], [.secondOrder(2)]), method)
    #expect(infeasible.status == .primalInfeasible)
  }

  @Test(arguments: methods)
  func `a column without entries is free of charge or unbounded`(
    _ method: ConeSettings.Method
  ) throws {
    let free = try solve(program([1, 0], nil, [[-1, 0]], [-2], [.nonnegative(1)]), method)
    #expect(free.status == .solved && abs(free.objective - 2) <= 1e-8)
    let paid = try solve(program([1, -1], nil, [[-1, 0]], [-2], [.nonnegative(1)]), method)
    #expect(paid.status == .dualInfeasible)
  }

  @Test(arguments: methods)
  func `rows whose b are all infinite leave no constraint`(_ method: ConeSettings.Method) throws {
    let rows = [[1.0], [-1.0]]
    let p = SymmetricSparseMatrix(diagonal: [2])
    let solution = try solve(
      program([-4], p, rows, [.infinity, .infinity], [.nonnegative(2)]), method)
    #expect(solution.status == .solved && abs(solution.primal[0] - 2) <= 1e-9)
    #expect(solution.slack == [.infinity, .infinity] && solution.dual == [0, 0])
    let unbounded = try solve(
      program([-4], nil, rows, [.infinity, .infinity], [.nonnegative(2)]), method)
    #expect(unbounded.status == .dualInfeasible)
  }

  @Test(arguments: methods)
  func `a quadratic term of explicit zeros is none`(_ method: ConeSettings.Method) throws {
    let zeros = SymmetricSparseMatrix(diagonal: [0, 0])
    let solution = try solve(
      program([1, 2], zeros, [[-1, 0], [0, -1]], [-3, -4], [.nonnegative(2)]), method)
    #expect(solution.status == .solved)
    #expect(maximumAbsoluteDifference(solution.primal, [3, 4]) <= 1e-7)
    #expect(maximumAbsoluteDifference(solution.dual, [1, 2]) <= 1e-7)
  }

  @Test(arguments: methods)
  func `a point that equalities fix is found whatever the cost`(
    _ method: ConeSettings.Method
  ) throws {
    let solution = try solve(
      program([7, -5], nil, [[1, 1], [1, -1]], [3, 1], [.zero(2)]), method)
    #expect(solution.status == .solved)
    #expect(maximumAbsoluteDifference(solution.primal, [2, 1]) <= 1e-8)
    #expect(solution.slack.infinityNorm <= 1e-8)
    // Aᵀz = −q.
    #expect(maximumAbsoluteDifference(solution.dual, [-1, -6]) <= 1e-7)
  }

  @Test func `a second-order cone of one row is the half-line`() throws {
    let one = try program([1], nil, [[-1]], [-2], [.secondOrder(1)]).solve()
    #expect(one.status == .solved && abs(one.primal[0] - 2) <= 1e-7)
    let none = try program([1], nil, [[0], [-1]], [-1, 0], [.secondOrder(1), .nonnegative(1)])
    #expect(none.solve().status == .primalInfeasible)
  }
}
