#if GLPK
  import ConvexKit
  import TestSupport
  import Testing

  @Suite struct LinearProgramSensitivityTests {
    private func expect(
      _ ranges: [Bounds?], _ expected: [Bounds?], sourceLocation: SourceLocation = #_sourceLocation
    ) {
      #expect(ranges.count == expected.count, sourceLocation: sourceLocation)
      for (range, expected) in zip(ranges, expected) {
        #expect((range == nil) == (expected == nil), sourceLocation: sourceLocation)
        guard let range, let expected else { continue }
        #expect(
          maximumAbsoluteDifference([range.lower, range.upper], [expected.lower, expected.upper])
            < 1e-9, "\(range), expected \(expected)", sourceLocation: sourceLocation)
      }
    }

    @Test func `ranges of a maximum are those computed by hand`() throws {
      // maximize 3x + 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18 at (2, 6): the vertex stays while the
      // objective's slope is between those of its edges, 3x + 2y and y.
      let program = try LinearProgram(
        maximize: [3, 5],
        rows: SparseMatrix(Matrix(rows: 3, columns: 2) { [[1.0, 0], [0, 2], [3, 2]][$0][$1] }),
        rowBounds: [.atMost(4), .atMost(12), .atMost(18)])
      let found = try program.sensitivity()
      #expect(found.solution.status == .solved && found.solution.objective == 36)
      expect(found.objectiveRanges, [Bounds(lower: 0, upper: 7.5), .atLeast(2)])
      expect(found.rowRanges, [nil, Bounds(lower: 6, upper: 18), Bounds(lower: 12, upper: 24)])
      expect(found.variableRanges, [nil, nil])
    }

    @Test func `ranges of a minimum, with a variable at its bound`() throws {
      // minimize 2x + 3y + 5z, x + y + z ≥ 4, x + 3y ≥ 6 at (3, 1, 0): x = (3b₁ − b₂ − 3z)/2,
      // y = (b₂ − b₁ + z)/2, and z's reduced cost is 5 − 3/2.
      let program = try LinearProgram(
        minimize: [2, 3, 5],
        rows: SparseMatrix(Matrix(rows: 2, columns: 3) { [[1.0, 1, 1], [1, 3, 0]][$0][$1] }),
        rowBounds: [.atLeast(4), .atLeast(6)])
      let found = try program.sensitivity()
      expect(
        found.objectiveRanges,
        [Bounds(lower: 1, upper: 3), Bounds(lower: 2, upper: 6), .atLeast(1.5)])
      expect(found.rowRanges, [Bounds(lower: 2, upper: 6), Bounds(lower: 4, upper: 12)])
      expect(found.variableRanges, [nil, nil, Bounds(lower: -2, upper: 2)])
      // From the optimal basis nothing is left to do.
      let again = try program.sensitivity(LinearProgramSettings(basis: found.solution.basis))
      #expect(again.solution.iterations == 0)
      expect(again.rowRanges, found.rowRanges)
    }

    @Test func `a cost at the end of its range keeps the optimum, one beyond changes it`() throws {
      var generator = SeededGenerator(seed: 11)
      let rows = try SparseMatrix(
        Matrix<Double>(rows: 8, columns: 6) { _, _ in generator.uniform() })
      let cost = Vector((0..<6).map { _ in 1 + generator.uniform() })
      let bounds = (0..<8).map { _ in Bounds.atLeast(1 + generator.uniform()) }
      let program = try LinearProgram(minimize: cost, rows: rows, rowBounds: bounds)
      let found = try program.sensitivity()
      for (j, range) in found.objectiveRanges.enumerated() {
        for (end, outward) in [(range.lower, -1.0), (range.upper, 1.0)] where end.isFinite {
          for (step, stays) in [(-1e-6, true), (1e-3, false)] {
            var moved = cost
            moved[j] = end + outward * step
            let other = try LinearProgram(minimize: moved, rows: rows, rowBounds: bounds).solve()
            let value = moved.dot(found.solution.primal)
            #expect((abs(other.objective - value) < 1e-9) == stays)
          }
        }
      }
    }

    @Test func `a program without an optimum has no ranges`() throws {
      let program = try LinearProgram(
        minimize: [-1], rows: SparseMatrix(Matrix(rows: 1, columns: 1) { _, _ in -1.0 }),
        rowBounds: [.atMost(0)])
      #expect(throws: LinearProgramError.notSolved(status: .dualInfeasible)) {
        try program.sensitivity()
      }
    }
  }
#endif
