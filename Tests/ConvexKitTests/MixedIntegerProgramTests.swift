#if GLPK
  import ConvexKit
  import Foundation
  import TestSupport
  import Testing

  @Suite struct MixedIntegerProgramTests {
    private func matrix(_ rows: [[Double]]) throws -> SparseMatrix<Double> {
      try SparseMatrix(Matrix(rows: rows.count, columns: rows[0].count) { rows[$0][$1] })
    }

    /// maximize Σ v x over Σ w x ≤ capacity, x binary.
    private func knapsack(_ values: [Double], _ weights: [[Double]], _ capacities: [Double])
      throws -> MixedIntegerProgram
    {
      let box = Array(repeating: Bounds(lower: 0, upper: 1), count: values.count)
      return try MixedIntegerProgram(
        LinearProgram(
          maximize: Vector(values), rows: matrix(weights),
          rowBounds: capacities.map { .atMost($0) },
          variableBounds: box), integers: values.indices)
    }

    /// Twelve rows over 90 binary variables: far beyond what a second suffices for.
    private func hard() throws -> MixedIntegerProgram {
      var generator = SeededGenerator(seed: 3)
      let weights = (0..<12).map { _ in (0..<90).map { _ in (generator.uniform() * 1000).rounded() }
      }
      let values = (0..<90).map { j in
        (weights.reduce(0) { $0 + $1[j] } / 12 + 500 * generator.uniform()).rounded()
      }
      return try knapsack(values, weights, weights.map { ($0.reduce(0, +) / 2).rounded() })
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func `random knapsacks agree with enumeration, presolved or not, with cuts or without`(
      seed: UInt64
    ) throws {
      var generator = SeededGenerator(seed: seed)
      let n = 10
      let values = (0..<n).map { _ in (generator.uniform() * 50).rounded() - 5 }
      let weights = (0..<3).map { _ in (0..<n).map { _ in (generator.uniform() * 30).rounded() } }
      let capacities = weights.map { ($0.reduce(0, +) * 0.4).rounded() }
      func total(_ row: [Double], _ set: Int) -> Double {
        (0..<n).reduce(0.0) { sum, j in (set >> j) & 1 == 1 ? sum + row[j] : sum }
      }
      var best = -Double.infinity
      for set in 0..<(1 << n)
      where zip(weights, capacities).allSatisfy({ total($0, set) <= $1 }) {
        best = max(best, total(values, set))
      }
      let program = try knapsack(values, weights, capacities)
      for presolve in [false, true] {
        for cuts in [MixedIntegerSettings.Cuts.all, []] {
          let solution = try program.solve(MixedIntegerSettings(presolve: presolve, cuts: cuts))
          #expect(solution.status == .solved)
          #expect(solution.objective == best)
          #expect(solution.bound == best && solution.absoluteGap == 0)
          let x = try #require(solution.incumbent)
          #expect(x.allSatisfy { $0 == 0 || $0 == 1 })
          #expect(zip(program.relaxation.rows * x, capacities).allSatisfy { $0 <= $1 })
        }
      }
    }

    @Test func `integers of every bound and continuous variables meet in one minimum`() throws {
      // minimize x + y + z + 10 over 2 x + y ≥ 7.5, z ≥ y − 2.5, x ≤ 2.7 and y integers, z real:
      // x = 2, y = 4, z = 1.5 costs 17.5; x = 1 needs y = 6.
      let program = try MixedIntegerProgram(
        LinearProgram(
          minimize: [1, 1, 1], constant: 10, rows: matrix([[2, 1, 0], [0, -1, 1]]),
          rowBounds: [.atLeast(7.5), .atLeast(-2.5)],
          variableBounds: [Bounds(lower: 0.3, upper: 2.7), .free, .free]), integers: [1, 0])
      #expect(program.integers == [0, 1])
      let solution = try program.solve()
      #expect(solution.status == .solved)
      #expect(abs((solution.objective ?? .nan) - 17.5) < 1e-9)
      #expect(maximumAbsoluteDifference(solution.incumbent ?? [], [2, 4, 1.5]) < 1e-9)
      let relaxed = try program.relaxation.solve()
      #expect(relaxed.status == .solved && relaxed.objective < 17.5)
    }

    @Test func `a search stopped by its gap, nodes or time keeps its incumbent and bound`() throws {
      let program = try hard()
      let settings: [(MixedIntegerSettings, SolveStatus)] = [
        (MixedIntegerSettings(relativeGap: 0.02), .solved),
        (MixedIntegerSettings(absoluteGap: 500), .solved),
        (MixedIntegerSettings(nodeLimit: 60), .nodeLimit),
        (MixedIntegerSettings(timeLimit: 0.5), .timeLimit),
      ]
      for (settings, status) in settings {
        let start = Date()
        let solution = try program.solve(settings)
        #expect(solution.status == status)
        #expect(Date().timeIntervalSince(start) < 20)
        let x = try #require(solution.incumbent)
        #expect(x.allSatisfy { $0 == 0 || $0 == 1 })
        let objective = try #require(solution.objective)
        #expect(abs(objective - program.relaxation.objective.dot(x)) < 1e-6)
        #expect(solution.bound >= objective && solution.bound.isFinite)
        #expect(solution.relativeGap == (solution.bound - objective) / (objective + .ulpOfOne))
        #expect(solution.nodes > 0)
        if settings.relativeGap > 0 { #expect(solution.relativeGap <= settings.relativeGap) }
        if settings.absoluteGap > 0 { #expect(solution.absoluteGap <= settings.absoluteGap) }
      }
    }

    @Test func `incumbents are told as they improve, and cancelling keeps the last`() throws {
      let seen = Log()
      let program = try hard()
      for presolve in [true, false] {
        seen.clear()
        let solution = try program.solve(
          MixedIntegerSettings(
            timeLimit: 20, presolve: presolve, isCancelled: { seen.count >= 1 },
            observer: { seen.append($0) }))
        #expect(solution.status == .cancelled)
        let told = seen.all
        #expect(told.count >= 1)
        #expect(told.allSatisfy { $0.bound >= $0.objective && $0.relativeGap >= 0 })
        #expect(abs((solution.objective ?? .nan) - (told.last?.objective ?? .nan)) < 1e-6)
      }
      seen.clear()
      let longer = try program.solve(
        MixedIntegerSettings(timeLimit: 30, isCancelled: { seen.count >= 2 }) {
          seen.append($0)
        })
      #expect(longer.status == .cancelled)
      let told = seen.all
      #expect(told.count >= 2)
      #expect(zip(told, told.dropFirst()).allSatisfy { $0.objective < $1.objective })
      #expect(
        try program.solve(MixedIntegerSettings(isCancelled: { true })).status == .cancelled)
      #expect(try program.solve(MixedIntegerSettings(timeLimit: 0)).status == .timeLimit)
    }

    @Test func `no solution is told apart: no point, no integer point, no bound`() throws {
      let infeasible = try MixedIntegerProgram(
        LinearProgram(
          minimize: [1, 1], rows: matrix([[1, 1], [1, -1]]),
          rowBounds: [.atLeast(3), .equal(to: 0)],
          variableBounds: [Bounds(lower: 0, upper: 1), .nonnegative]), integers: [0, 1])
      let first = try infeasible.solve()
      #expect(first.status == .primalInfeasible && first.incumbent == nil)
      #expect(try #require(first.certificate).margin(for: infeasible.relaxation) > 1e-3)
      #expect(first.bound == .infinity && first.absoluteGap == .infinity)

      // 2 x + 2 y = 1 has points, but no integer ones.
      let parity = try MixedIntegerProgram(
        LinearProgram(
          minimize: [1, 1], rows: matrix([[2, 2]]), rowBounds: [.equal(to: 1)],
          variableBounds: Array(repeating: Bounds(lower: 0, upper: 9), count: 2)),
        integers: [0, 1])
      for presolve in [true, false] {
        let second = try parity.solve(MixedIntegerSettings(presolve: presolve))
        #expect(second.status == .primalInfeasible)
        #expect(second.certificate == nil && second.incumbent == nil)
      }
      let empty = try MixedIntegerProgram(
        LinearProgram(
          minimize: [1], rows: matrix([[1]]), rowBounds: [.free],
          variableBounds: [Bounds(lower: 0.2, upper: 0.8)]), integers: [0])
      #expect(try empty.solve().status == .primalInfeasible)

      let unbounded = try MixedIntegerProgram(
        LinearProgram(maximize: [1, 1], rows: matrix([[1, -1]]), rowBounds: [.atMost(2)]),
        integers: [0])
      let third = try unbounded.solve()
      #expect(third.status == .dualInfeasible && third.bound == .infinity)
      #expect(try #require(third.certificate).margin(for: unbounded.relaxation) > 1e-3)
    }

    @Test func `rounding that leaves the rows is mended by the other variables`() throws {
      // x ≤ 1e7 y, y binary, x ≥ 0.5: y = 5e-8 passes for an integer unless its rows are looked at.
      let program = try MixedIntegerProgram(
        LinearProgram(
          minimize: [0, 1], rows: matrix([[1, -1e7]]), rowBounds: [.atMost(0)],
          variableBounds: [Bounds(lower: 0.5, upper: 9), Bounds(lower: 0, upper: 1)]),
        integers: [1])
      for presolve in [true, false] {
        let solution = try program.solve(MixedIntegerSettings(presolve: presolve))
        let x = try #require(solution.incumbent)
        if solution.status == .solved {
          #expect(x[0] <= 1e7 * x[1] && x[1] == 1)
        } else {
          #expect(solution.status == .numericalTrouble)
        }
      }
    }

    @Test func `a program without integers is its relaxation`() throws {
      let program = try MixedIntegerProgram(
        LinearProgram(
          minimize: [2, 3], rows: matrix([[1, 1], [1, 3]]), rowBounds: [.atLeast(4), .atLeast(6)]),
        integers: [])
      let solution = try program.solve()
      #expect(solution.status == .solved)
      #expect(abs((solution.objective ?? .nan) - 9) < 1e-12)
    }

    @Test func `many threads search at once`() throws {
      let program = try knapsack([6, 10, 12, 7], [[1, 2, 3, 2]], [5])
      let parity = try knapsack([1, 1], [[2, 2], [-2, -2]], [1, -1])
      Parallel.forEachRange(count: 48, threads: 8) { range in
        for index in range {
          if index % 3 == 0 {
            #expect((try? parity.solve())?.status == .primalInfeasible)
          } else {
            #expect((try? program.solve())?.objective == 23)
          }
        }
      }
    }

    @Test func `integers that are no variables, and settings out of range, are refused`() throws {
      let relaxation = try LinearProgram(
        minimize: [1], rows: matrix([[1]]), rowBounds: [.atLeast(1)])
      for variable in [1, -1] {
        let error = LinearProgramError.variableOutOfRange(
          operand: "integers", variable: variable, count: 1)
        #expect(throws: error) { try MixedIntegerProgram(relaxation, integers: [variable]) }
      }
      let program = try MixedIntegerProgram(relaxation, integers: [0])
      for settings in [
        MixedIntegerSettings(relativeGap: -1), MixedIntegerSettings(integrality: 0),
      ] {
        #expect(throws: LinearProgramError.self) { try program.solve(settings) }
      }
    }
  }

  /// What an observer was told, from any thread.
  private final class Log: @unchecked Sendable {
    private let lock = NSLock()
    private var entries: [MixedIntegerProgress] = []

    var all: [MixedIntegerProgress] { lock.withLock { entries } }
    var count: Int { all.count }
    func append(_ entry: MixedIntegerProgress) { lock.withLock { entries.append(entry) } }
    func clear() { lock.withLock { entries = [] } }
  }
#endif
