#if GLPK
  import ConvexKit
  import TestSupport
  import Testing

  @Suite struct LinearProgramTests {
    private func matrix(_ rows: [[Double]], columns: Int) throws -> SparseMatrix<Double> {
      try SparseMatrix(Matrix(rows: rows.count, columns: columns) { i, j in rows[i][j] })
    }

    @Test func `a diet of two foods ends at the known vertex`() throws {
      // minimize 2x + 3y, x + y ≥ 4, x + 3y ≥ 6: the corner (3, 1) with duals (3/2, 1/2).
      let program = try LinearProgram(
        minimize: [2, 3], rows: matrix([[1, 1], [1, 3]], columns: 2),
        rowBounds: [.atLeast(4), .atLeast(6)])
      let solution = try program.solve()
      #expect(solution.status == .solved)
      #expect(maximumAbsoluteDifference(solution.primal, [3, 1]) < 1e-12)
      #expect(maximumAbsoluteDifference(solution.rowDuals, [1.5, 0.5]) < 1e-12)
      #expect(maximumAbsoluteDifference(solution.reducedCosts, [0, 0]) < 1e-12)
      #expect(abs(solution.objective - 9) < 1e-12)
      #expect(solution.residuals.largest < 1e-14)
      #expect(solution.certificate == nil)
    }

    @Test func `a maximum has duals of the opposite sign and the same stationarity`() throws {
      // maximize 3x + 5y, x ≤ 4, 2y ≤ 12, 3x + 2y ≤ 18: (2, 6), 36, duals (0, 3/2, 1).
      let program = try LinearProgram(
        maximize: [3, 5], rows: matrix([[1, 0], [0, 2], [3, 2]], columns: 2),
        rowBounds: [.atMost(4), .atMost(12), .atMost(18)])
      let solution = try program.solve()
      #expect(solution.status == .solved)
      #expect(maximumAbsoluteDifference(solution.primal, [2, 6]) < 1e-12)
      #expect(maximumAbsoluteDifference(solution.rowDuals, [0, 1.5, 1]) < 1e-12)
      #expect(abs(solution.objective - 36) < 1e-12)
      #expect(solution.residuals.largest < 1e-14)
    }

    @Test func `ranges, equalities, free and boxed variables meet in one program`() throws {
      // minimize x − y + z, x + y = 1, 2 ≤ y − z ≤ 5, x free, 0 ≤ y ≤ 3, z ≥ −4: from x = 1 − y the
      // objective is 1 − 2y + z, least at y = 3, z = −2.
      let program = try LinearProgram(
        minimize: [1, -1, 1], rows: matrix([[1, 1, 0], [0, 1, -1]], columns: 3),
        rowBounds: [.equal(to: 1), Bounds(lower: 2, upper: 5)],
        variableBounds: [.free, Bounds(lower: 0, upper: 3), .atLeast(-4)])
      let solution = try program.solve()
      #expect(solution.status == .solved)
      #expect(maximumAbsoluteDifference(solution.primal, [-2, 3, -2]) < 1e-12)
      #expect(abs(solution.objective + 7) < 1e-12)
      #expect(solution.residuals.largest < 1e-14)
    }

    @Test func `an assignment is integral and its dual prices it`() throws {
      // Costs (i − j)² + i j mod 3 on 5 × 5: every permutation is a vertex, the best is enumerated.
      let cost = { (i: Int, j: Int) in Double((i - j) * (i - j) + i * j % 3) }
      let n = 5
      let rows = try SparseMatrix(
        Matrix<Double>(rows: 2 * n, columns: n * n) { r, c in
          (r < n ? c / n == r : c % n == r - n) ? 1 : 0
        })
      let solution = try LinearProgram(
        minimize: Vector((0..<n * n).map { cost($0 / n, $0 % n) }), rows: rows,
        rowBounds: Array(repeating: .equal(to: 1), count: 2 * n)
      ).solve()
      #expect(solution.status == .solved)
      #expect(solution.primal.allSatisfy { abs($0 - $0.rounded()) < 1e-12 })
      func best(_ row: Int, _ taken: Set<Int>) -> Double {
        if row == n { return 0 }
        return (0..<n).filter { !taken.contains($0) }
          .map { cost(row, $0) + best(row + 1, taken.union([$0])) }.min() ?? .infinity
      }
      #expect(abs(solution.objective - best(0, [])) < 1e-12)
      #expect(solution.residuals.largest < 1e-12)
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `random programs satisfy strong duality and complementary slackness`(seed: UInt64) throws {
      var generator = SeededGenerator(seed: seed)
      let (m, n) = (Int(8 + seed % 5), Int(6 + seed % 7))
      let dense = Matrix<Double>(rows: m, columns: n) { _, _ in
        generator.uniform() < 0.4 ? 0 : generator.normal()
      }
      let rows = try SparseMatrix(dense)
      // Feasible by x, bounded by a dual feasible pair: c = Aᵀy + z with z ≥ 0, y ≥ 0.
      let inside = Vector((0..<n).map { _ in generator.uniform() })
      let slack = Vector((0..<m).map { _ in generator.uniform() < 0.5 ? 0 : generator.uniform() })
      let y = Vector((0..<m).map { _ in generator.uniform() })
      let z = Vector((0..<n).map { _ in generator.uniform() })
      let c = rows.transposeTimes(y) + z
      let right = rows * inside - slack
      let solution = try LinearProgram(
        minimize: c, rows: rows, rowBounds: right.map { .atLeast($0) }
      ).solve()
      #expect(solution.status == .solved)
      // Recomputed here, from the raw data.
      let activity = dense * solution.primal
      #expect(zip(activity, right).allSatisfy { $0 >= $1 - 1e-9 })
      #expect(solution.primal.allSatisfy { $0 >= -1e-9 })
      #expect(solution.rowDuals.allSatisfy { $0 >= -1e-9 })
      #expect(solution.reducedCosts.allSatisfy { $0 >= -1e-9 })
      let stationarity = rows.transposeTimes(solution.rowDuals) + solution.reducedCosts - c
      #expect(stationarity.infinityNorm < 1e-9)
      for i in 0..<m { #expect(abs(solution.rowDuals[i] * (activity[i] - right[i])) < 1e-9) }
      for j in 0..<n { #expect(abs(solution.reducedCosts[j] * solution.primal[j]) < 1e-9) }
      #expect(abs(solution.objective - right.dot(solution.rowDuals)) < 1e-9)
      // Weak duality with the pair that built the program.
      #expect(right.dot(y) <= solution.objective + 1e-9)
      #expect(solution.objective <= c.dot(inside) + 1e-9)
    }

    @Test func `an infeasible program comes with multipliers that prove it`() throws {
      // x + y ≥ 3 and x − y = 0 and x ≤ 1 leave nothing.
      let program = try LinearProgram(
        minimize: [1, 1], rows: matrix([[1, 1], [1, -1]], columns: 2),
        rowBounds: [.atLeast(3), .equal(to: 0)],
        variableBounds: [Bounds(lower: 0, upper: 1), .nonnegative])
      let solution = try program.solve()
      #expect(solution.status == .primalInfeasible)
      let certificate = try #require(solution.certificate)
      #expect(certificate.margin(for: program) > 0.1)
      guard case .infeasible(let y) = certificate else {
        Issue.record("not multipliers: \(certificate)")
        return
      }
      // yᵀA x ≥ 3 y₁ for every feasible x, but at most (y₁ + y₂)⁺ + 0 in the box.
      #expect(3 * y[0] > y[0] + y[1] && y[0] - y[1] <= 1e-12)
    }

    @Test func `an unbounded program comes with a ray that proves it`() throws {
      // minimize −x − y, x − y ≤ 2, −x + 2y ≥ −4: (1, 1) improves forever.
      let program = try LinearProgram(
        minimize: [-1, -1], rows: matrix([[1, -1], [-1, 2]], columns: 2),
        rowBounds: [.atMost(2), .atLeast(-4)])
      let solution = try program.solve()
      #expect(solution.status == .dualInfeasible)
      let certificate = try #require(solution.certificate)
      #expect(certificate.margin(for: program) > 0.1)
      let maximize = try LinearProgram(
        maximize: [1, 1], rows: program.rows, rowBounds: program.rowBounds)
      let other = try maximize.solve()
      #expect(other.status == .dualInfeasible)
      #expect(try #require(other.certificate).margin(for: maximize) > 0.1)
    }

    @Test func `a certificate of another program proves nothing`() throws {
      let feasible = try LinearProgram(
        minimize: [1], rows: matrix([[1]], columns: 1), rowBounds: [.atLeast(1)])
      let certificates: [LinearProgramCertificate] = [
        .infeasible(rowMultipliers: [1]), .infeasible(rowMultipliers: [-1]),
        .infeasible(rowMultipliers: [0]), .unbounded(ray: [1]), .unbounded(ray: [-1]),
        .unbounded(ray: [0]),
      ]
      for certificate in certificates { #expect(certificate.margin(for: feasible) <= 0) }
    }

    @Test func `programs without rows, columns or entries are solved`() throws {
      let none = try LinearProgram(
        minimize: [],
        rows: SparseMatrix(
          rows: 0, columns: 0, rowStarts: [0], columnIndices: [],
          values: []), rowBounds: [])
      #expect(try none.solve().status == .solved)
      let box = try LinearProgram(
        minimize: [1, -1], rows: matrix([], columns: 2), rowBounds: [],
        variableBounds: [.atLeast(-2), .atMost(5)])
      #expect(try box.solve().primal == [-2, 5])
      let free = try LinearProgram(minimize: [-1], rows: matrix([], columns: 1), rowBounds: [])
      #expect(try free.solve().status == .dualInfeasible)
      let empty = try LinearProgram(
        minimize: [1], rows: matrix([[0]], columns: 1), rowBounds: [.atLeast(1)])
      #expect(try empty.solve().status == .primalInfeasible)
      let nothing = try LinearProgram(
        minimize: [], rows: matrix([[], []], columns: 0), rowBounds: [.atMost(1), .free])
      #expect(try nothing.solve().status == .solved)
    }

    @Test func `limits stop the simplex method with a status`() throws {
      var generator = SeededGenerator(seed: 5)
      let n = 60
      let rows = try SparseMatrix(
        Matrix<Double>(rows: n, columns: n) { _, _ in generator.uniform() })
      let program = try LinearProgram(
        maximize: Vector(repeating: 1, count: n), rows: rows,
        rowBounds: Array(repeating: .atMost(1), count: n))
      #expect(
        try program.solve(LinearProgramSettings(iterationLimit: 2)).status == .iterationLimit)
      #expect(try program.solve(LinearProgramSettings(timeLimit: 0)).status == .timeLimit)
      #expect(try program.solve().status == .solved)
      let strict = LinearProgramSettings(tolerance: 0)
      #expect(try program.solve(strict).status == .numericalTrouble)
    }

    @Test func `many threads solve and fail at once and give the same answers`() throws {
      let good = try LinearProgram(
        minimize: [2, 3], rows: matrix([[1, 1], [1, 3]], columns: 2),
        rowBounds: [.atLeast(4), .atLeast(6)])
      let bad = try LinearProgram(
        minimize: [1], rows: matrix([[1], [1]], columns: 1), rowBounds: [.atLeast(1), .atMost(0)])
      let expected = try good.solve()
      Parallel.forEachRange(count: 64, threads: 8) { range in
        for index in range {
          if index % 3 == 0 {
            #expect((try? bad.solve())?.status == .primalInfeasible)
          } else {
            #expect((try? good.solve()) == expected)
          }
        }
      }
    }

    @Test func `data that is no program is refused by operand and index`() throws {
      let rows = try matrix([[1, 1], [1, 3]], columns: 2)
      let bounds = [Bounds.free, .free]
      func expect(
        _ error: LinearProgramError, _ objective: Vector<Double>, _ rowBounds: [Bounds],
        _ variableBounds: [Bounds]?, sourceLocation: SourceLocation = #_sourceLocation
      ) {
        #expect(throws: error, sourceLocation: sourceLocation) {
          try LinearProgram(
            minimize: objective, rows: rows, rowBounds: rowBounds, variableBounds: variableBounds)
        }
      }
      expect(.shapeMismatch(operand: "objective", expected: 2, actual: 1), [1], bounds, nil)
      expect(.shapeMismatch(operand: "rowBounds", expected: 2, actual: 1), [1, 1], [.free], nil)
      expect(
        .shapeMismatch(operand: "variableBounds", expected: 2, actual: 0), [1, 1], bounds, [])
      expect(.notFinite(operand: "objective", index: 1), [1, .infinity], bounds, nil)
      expect(
        .notFinite(operand: "rowBounds", index: 1), [1, 1], [.free, .atLeast(.nan)], nil)
      expect(
        .notFinite(operand: "variableBounds", index: 0), [1, 1], bounds,
        [.atLeast(.infinity), .free])
      expect(
        .notFinite(operand: "variableBounds", index: 1), [1, 1], bounds,
        [.free, .atMost(-.infinity)])
      expect(
        .emptyBounds(operand: "rowBounds", index: 0, lower: 2, upper: 1), [1, 1],
        [Bounds(lower: 2, upper: 1), .free], nil)
    }
  }
#endif
