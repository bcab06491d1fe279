#if GLPK
  import Foundation
  import TestSupport
  import Testing

  @testable import ConvexKit

  @Suite struct LinearProgramMethodTests {
    /// maximize Σ 2^{n−j} x_j over 2 Σ_{k<j} 2^{j−k} x_k + x_j ≤ 5^j: 5ⁿ, after up to 2ⁿ − 1 steps.
    private func kleeMinty(_ n: Int) throws -> LinearProgram {
      let rows = Matrix<Double>(rows: n, columns: n) { i, j in
        j < i ? Double(1 << (i - j + 1)) : j == i ? 1 : 0
      }
      return try LinearProgram(
        maximize: Vector((1...n).map { Double(1 << (n - $0)) }), rows: SparseMatrix(rows),
        rowBounds: (1...n).map { .atMost(Double.exponent5($0)) })
    }

    private func transport(_ n: Int, seed: UInt64) throws -> LinearProgram {
      var generator = SeededGenerator(seed: seed)
      let rows = try SparseMatrix(
        Matrix<Double>(rows: 2 * n, columns: n * n) { r, c in
          (r < n ? c / n == r : c % n == r - n) ? 1 : 0
        })
      return try LinearProgram(
        minimize: Vector((0..<n * n).map { _ in generator.uniform() }), rows: rows,
        rowBounds: Array(repeating: .equal(to: 1), count: 2 * n))
    }

    @Test(arguments: LinearProgramSettings.Method.allCases)
    func `every method finds the same optimum with multipliers that prove it`(
      method: LinearProgramSettings.Method
    ) throws {
      let program = try transport(8, seed: 4)
      let expected = try program.solve()
      for presolve in [false, true] {
        let settings = LinearProgramSettings(method: method, presolve: presolve)
        let solution = try program.solve(settings)
        #expect(solution.status == .solved)
        #expect(abs(solution.objective - expected.objective) < 1e-6)
        #expect(solution.residuals.largest < 1e-6)
        #expect((solution.basis == nil) == (method == .interiorPoint))
      }
    }

    @Test(arguments: LinearProgramSettings.Method.allCases)
    func `every method tells infeasible from unbounded, with a proof`(
      method: LinearProgramSettings.Method
    ) throws {
      let rows = try SparseMatrix(Matrix(rows: 2, columns: 2) { [[1.0, -1], [-1, 2]][$0][$1] })
      let infeasible = try LinearProgram(
        minimize: [1, 1], rows: rows, rowBounds: [.atMost(-1), .atMost(-1)],
        variableBounds: [.nonnegative, .nonnegative])
      let unbounded = try LinearProgram(
        minimize: [-1, -1], rows: rows, rowBounds: [.atMost(2), .atLeast(-4)])
      for presolve in [false, true] {
        let settings = LinearProgramSettings(method: method, presolve: presolve)
        // x − y ≤ −1 and −x + 2y ≤ −1 add up to y ≤ −2.
        let first = try infeasible.solve(settings)
        #expect(first.status == .primalInfeasible)
        #expect(try #require(first.certificate).margin(for: infeasible) > 1e-3)
        let second = try unbounded.solve(settings)
        #expect(second.status == .dualInfeasible)
        #expect(try #require(second.certificate).margin(for: unbounded) > 1e-3)
      }
    }

    @Test func `exact arithmetic ends at the vertex of a Klee-Minty cube`() throws {
      let n = 12
      let solution = try kleeMinty(n).solve(LinearProgramSettings(method: .exact))
      #expect(solution.status == .solved)
      #expect(solution.objective == Double.exponent5(n))
      #expect(solution.primal.dropLast().allSatisfy { $0 == 0 })
    }

    @Test func `exact arithmetic solves what rounding hides`() throws {
      // Hilbert's matrix of order 10 has condition 1e13. Times the least common multiple of its
      // denominators it is integral, and so are H 1 ≤ H x and the costs Hᵀ1: x = 1.
      let n = 10
      let multiple = 232_792_560
      let rows = try SparseMatrix(
        Matrix<Double>(rows: n, columns: n) { i, j in Double(multiple / (i + j + 1)) })
      let ones = Vector<Double>(repeating: 1, count: n)
      let program = try LinearProgram(
        minimize: rows.transposeTimes(ones), rows: rows,
        rowBounds: (rows * ones).map { .atLeast($0) })
      let solution = try program.solve(LinearProgramSettings(method: .exact))
      #expect(solution.status == .solved)
      #expect(solution.primal == ones && solution.rowDuals == ones)
      #expect(solution.residuals.largest == 0)
    }

    @Test func `exact arithmetic takes decimals as the fractions they stand for`() throws {
      // x = 0.1, y = 0.2, x + y = 0.3 contradict each other as binary numbers.
      let rows = try SparseMatrix(
        Matrix(rows: 3, columns: 2) { [[1.0, 0], [0, 1], [1, 1]][$0][$1] })
      let program = try LinearProgram(
        minimize: [1, 1], rows: rows,
        rowBounds: [.equal(to: 0.1), .equal(to: 0.2), .equal(to: 0.3)])
      let solution = try program.solve(LinearProgramSettings(method: .exact))
      #expect(solution.status == .solved)
      #expect(maximumAbsoluteDifference(solution.primal, [0.1, 0.2]) < 1e-16)
    }

    @Test func `a start from the optimal basis takes no iterations, from a near one few`() throws {
      let program = try transport(12, seed: 1)
      let cold = try program.solve()
      let basis = try #require(cold.basis)
      #expect(
        (basis.rows + basis.variables).filter { $0 == .basic }.count == program.rows.rows)
      #expect(try program.solve(LinearProgramSettings(basis: basis)).iterations == 0)
      var cost = program.objective
      cost[3] += 0.01
      let near = try LinearProgram(
        minimize: cost, rows: program.rows, rowBounds: program.rowBounds)
      let warm = try near.solve(LinearProgramSettings(method: .primalSimplex, basis: basis))
      #expect(warm.status == .solved && warm.iterations < cold.iterations / 4)
      #expect(abs(warm.objective - (try near.solve().objective)) < 1e-9)
    }

    @Test func `a basis of another size is refused, a singular one replaced`() throws {
      let program = try transport(4, seed: 2)
      let optimum = try program.solve().objective
      let (m, n) = (program.rows.rows, program.rows.columns)
      func solve(_ rows: Int, _ variables: Int, _ place: LinearProgramBasis.Place) throws -> Double
      {
        let basis = LinearProgramBasis(
          rows: Array(repeating: .fixed, count: rows),
          variables: (0..<variables).map { $0 < m ? .basic : place })
        return try program.solve(LinearProgramSettings(basis: basis)).objective
      }
      #expect(
        throws: LinearProgramError.shapeMismatch(
          operand: "basis.rows", expected: m, actual: m - 1)
      ) { try solve(m - 1, n, .lower) }
      #expect(
        throws: LinearProgramError.shapeMismatch(
          operand: "basis.variables", expected: n, actual: n + 1)
      ) { try solve(m, n + 1, .lower) }
      // The first m columns of a transport matrix hold a cycle; and too many basic ones.
      #expect(abs(try solve(m, n, .lower) - optimum) < 1e-9)
      #expect(abs(try solve(m, n, .basic) - optimum) < 1e-9)
    }

    @Test(arguments: LinearProgramSettings.Method.allCases)
    func `a cancelled solve says so`(method: LinearProgramSettings.Method) throws {
      let program = try transport(14, seed: 3)
      for presolve in [false, true] {
        var settings = LinearProgramSettings(
          method: method, presolve: presolve, isCancelled: { true })
        #expect(try program.solve(settings).status == .cancelled)
        settings.isCancelled = { false }
        #expect(try program.solve(settings).status == .solved)
        settings.timeLimit = 0
        #expect(try program.solve(settings).status == .timeLimit)
      }
    }

    @Test func `cancelling takes effect in the middle of a long solve`() throws {
      var generator = SeededGenerator(seed: 9)
      let n = 200
      let rows = try SparseMatrix(
        Matrix<Double>(rows: n, columns: n) { _, _ in
          generator.uniform() < 0.3 ? generator.uniform() : 0
        })
      let program = try LinearProgram(
        maximize: Vector((0..<n).map { _ in 1 + generator.uniform() }), rows: rows,
        rowBounds: Array(repeating: .atMost(1), count: n))
      let whole = try program.solve()
      #expect(whole.status == .solved)
      // Rational arithmetic does not end at this size.
      for method in LinearProgramSettings.Method.allCases where method != .exact {
        let asked = Counter()
        let stopped = try program.solve(
          LinearProgramSettings(method: method, isCancelled: { asked.next() >= 2 }))
        #expect(stopped.status == .cancelled, "\(method): \(asked.value)")
        if method != .interiorPoint {
          #expect(stopped.basis != nil)
        }
      }
    }

    @Test func `solving from within a question is refused, and the outer solve goes on`() throws {
      let program = try transport(4, seed: 2)
      let refused = Counter()
      let solution = try program.solve(
        LinearProgramSettings(isCancelled: {
          do { _ = try program.solve() } catch { _ = refused.next() }
          return false
        }))
      #expect(solution.status == .solved)
      #expect(refused.value > 0)
    }
  }

  extension Double {
    /// 5ᵏ.
    fileprivate static func exponent5(_ k: Int) -> Double {
      (0..<k).reduce(1) { product, _ in 5 * product }
    }
  }

  private final class Counter: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    var value: Int { lock.withLock { count } }

    func next() -> Int {
      lock.withLock {
        count += 1
        return count
      }
    }
  }
#endif
