import ConvexKit
import KLProjection
import TestSupport
import Testing

struct FaceTests {
  #if GLPK
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `the support is what a linear program finds, cell by cell`(seed: UInt64) throws {
      var random = SeededGenerator(seed: seed)
      let (m, n) = (9, 4)
      // Windows of ones, shares and holes; a fifth of both maps is zero.
      let values: [Double] = seed % 2 == 0 ? [0, 0, 1] : [0, 0, 0.5, 1, 0.25]
      let matrix = (0..<n).map { _ in
        (0..<m).map { _ in values[Int(random.uniform() * Double(values.count))] }
      }
      let fine = (0..<m).map { _ in random.uniform() < 0.2 ? 0 : random.uniform() }
      let coarse = (0..<n).map { _ in random.uniform() < 0.2 ? 0 : random.uniform() }
      guard fine.contains(where: { $0 > 0 }), coarse.contains(where: { $0 > 0 }) else { return }
      let result = try MarginalProjection(Marginalization(matrix: matrix, fineCount: m))
        .project(fine: fine, coarse: coarse)[0]

      // The most mass that cell j can have: Σμ = 1, Σ Aμ = 1, Aμ = 0 where ρ = 0, μ = 0 where τ = 0.
      let rows =
        [[Double](repeating: 1, count: m), (0..<m).map { j in matrix.reduce(0) { $0 + $1[j] } }]
        + matrix.indices.filter { coarse[$0] == 0 }.map { matrix[$0] }
      let constraints = try SparseMatrix(
        Matrix(rows: rows.count, columns: m) { rows[$0][$1] })
      let bounds = rows.indices.map { Bounds.equal(to: $0 < 2 ? 1 : 0) }
      for cell in 0..<m {
        let solution = try LinearProgram(
          maximize: Vector((0..<m).map { $0 == cell ? 1 : 0 }), rows: constraints,
          rowBounds: bounds, variableBounds: fine.map { Bounds(lower: 0, upper: $0 > 0 ? 1 : 0) }
        ).solve()
        let canCarry = solution.status == .solved && solution.objective > 1e-9
        #expect(result.fineSupport[cell] == canCarry)
        #expect((result.status == .infeasible) == (solution.status == .primalInfeasible))
      }
      for row in 0..<n {
        let isFed = (0..<m).contains { matrix[row][$0] > 0 && result.fineSupport[$0] }
        #expect(result.coarseSupport[row] == isFed)
      }
      if result.status != .infeasible {
        #expect(result.status == .solved && result.residual < 1e-13)
        #expect(abs(result.gap) < 1e-11 * (1 + result.optimum))
      }
    }
  #endif

  @Test func `average pooling is infeasible`() throws {
    let matrix = try Marginalization(matrix: [[0.25, 0.25, 0.25, 0.25]], fineCount: 4)
    let result = try MarginalProjection(matrix).project(fine: [1.0, 1, 1, 1], coarse: [1])[0]
    #expect(result.status == .infeasible)
  }

  @Test func `a face of one cell is solved`() throws {
    // Windows 0-1 and 1-2 of three cells; only the middle one is covered twice, and τ_2 = 0.
    let matrix = try Marginalization(matrix: [[1, 1, 0], [0, 1, 1]], fineCount: 3)
    let result = try MarginalProjection(matrix).project(fine: [0.5, 0.5, 0], coarse: [0.3, 0.7])[0]
    #expect(result.status == .solved)
    #expect(result.fine == [1, 0, 0] && result.coarse == [1, 0])
    #expect(result.fineSupport == [true, false, false] && result.coarseSupport == [true, false])
    #expect(result.witness == [0, 0])
    #expect(abs(result.optimum + Double.log(0.5) + Double.log(0.3)) < 1e-15)
  }
}
