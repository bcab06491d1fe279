import Synchronization
import TestSupport
import Testing

@testable import ConvexKit

/// Solvers that are used again, batches, threads, and ways to stop early.
@Suite struct ConeSolverReuseTests {
  private static let seeds = Array(0..<6)
  private let settings = ConeSettings(method: .interiorPoint)

  private func draw(_ seed: Int, rank: Int = 4) throws -> RandomConeProgram {
    var random = SeededGenerator(seed: UInt64(seed), name: "reuse")
    // The same places of A for every seed.
    return try RandomConeProgram(
      seed < 3 ? RandomConeProgram.mixed : RandomConeProgram.symmetric, variables: 12, density: 2,
      rank: rank, &random)
  }

  /// Equal to the bit, but for the time it took.
  private func expectIdentical(
    _ a: ConeSolution, _ b: ConeSolution, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var timeless = a
    timeless.seconds = b.seconds
    #expect(timeless == b, sourceLocation: sourceLocation)
  }

  @Test(arguments: seeds)
  func `a solver with new numbers gives what a new solver gives, to the bit`(_ seed: Int) throws {
    let first = try draw(seed).program()
    var other = try draw(seed)
    var random = SeededGenerator(seed: UInt64(seed), name: "new numbers")
    other.linear = other.linear + Vector(other.linear.map { _ in 0.1 * random.normal() })
    for row in other.dense.indices { other.rightHandSide[row] += 0.01 * random.normal() }
    for row in other.dense.indices {
      other.dense[row] = other.dense[row].map { $0 * (1 + 0.01 * random.normal()) }
    }
    for entry in other.quadratic.values.indices { other.quadratic.values[entry] *= 1.5 }
    let second = try other.program()
    let solver = ConeSolver(first, settings: settings)
    expectIdentical(solver.solve(), first.solve(settings))
    try solver.update(
      quadratic: second.quadratic.values, linear: second.linear,
      constraints: second.constraints.values, rightHandSide: second.rightHandSide)
    #expect(solver.program == second)
    expectIdentical(solver.solve(), second.solve(settings))
    expectIdentical(solver.solve(), second.solve(settings))
    try solver.update(
      quadratic: first.quadratic.values, linear: first.linear,
      constraints: first.constraints.values, rightHandSide: first.rightHandSide)
    expectIdentical(solver.solve(), first.solve(settings))
  }

  @Test func `one operand can be updated alone, and infinities may move`() throws {
    let first = try draw(3).program()
    let solver = ConeSolver(first, settings: settings)
    _ = solver.solve()
    var b = first.rightHandSide
    b[0] = .infinity
    try solver.update(rightHandSide: b)
    let loosened = try ConeProgram(
      minimize: first.linear, quadratic: first.quadratic, constraints: first.constraints,
      rightHandSide: b, cones: first.cones)
    expectIdentical(solver.solve(), loosened.solve(settings))
    try solver.update(rightHandSide: first.rightHandSide)
    expectIdentical(solver.solve(), first.solve(settings))
    try solver.update(linear: 2 * first.linear)
    #expect(solver.program.linear == 2 * first.linear)
    #expect(solver.program.rightHandSide == first.rightHandSide)
  }

  @Test func `a batch gives what single programs give, on any number of threads`() throws {
    var programs = try Self.seeds.map { try draw($0).program() }
    programs += try ConeCase.all(tagged: "infeasible").map(\.program)
    let single = programs.map { $0.solve() }
    for threads in [1, 2, 5] {
      let batch = ConeProgram.solve(programs, threads: threads)
      #expect(batch.count == programs.count)
      for (one, other) in zip(single, batch) { expectIdentical(one, other) }
    }
    #expect(ConeProgram.solve([]).isEmpty)
  }

  /// What an observer is told.
  private final class Record: Sendable {
    private let told = Mutex<[ConeProgress]>([])
    var progress: [ConeProgress] { told.withLock { $0 } }
    var observer: @Sendable (ConeProgress) -> Void {
      { progress in self.told.withLock { $0.append(progress) } }
    }
  }

  @Test(arguments: try ConeCase.all().filter { !$0.has("mid") })
  func `the observer is told of every iteration once`(_ test: ConeCase) throws {
    let record = Record()
    var settings = settings
    settings.observer = record.observer
    let solution = test.program.solve(settings)
    // An empty row that nothing satisfies is found before the first iteration.
    if record.progress.isEmpty {
      #expect(solution.status == .primalInfeasible && solution.iterations == 0)
    } else {
      #expect(record.progress.map(\.iteration) == Array(0...solution.iterations))
    }
    #expect(record.progress.first?.stepLength ?? 0 == 0)
    #expect(record.progress.dropFirst().allSatisfy { $0.stepLength > 0 && $0.stepLength <= 1 })
  }

  /// The smallest of the largest residuals that an observer was told of.
  private func least(_ record: Record) -> Double {
    record.progress.map { max($0.relativeGap, $0.relativePrimal, $0.relativeDual) }.min() ?? .nan
  }

  @Test(arguments: seeds, [0, 1, 3, 6])
  func `when the iterations run out the best point stays`(_ seed: Int, _ limit: Int) throws {
    let record = Record()
    var settings = settings
    settings.iterationLimit = limit
    settings.observer = record.observer
    let solution = try draw(seed).program().solve(settings)
    #expect(solution.status == .iterationLimit || solution.status == .solvedToReducedAccuracy)
    #expect(solution.iterations == limit)
    #expect(relativeDifference(solution.residuals.largest, least(record)) <= 1e-6)
  }

  @Test(arguments: seeds)
  func `no time at all is the status timeLimit with the first point`(_ seed: Int) throws {
    var settings = settings
    settings.timeLimit = 0
    let solution = try draw(seed).program().solve(settings)
    #expect(solution.status == .timeLimit && solution.iterations == 0)
    #expect(solution.primal.allSatisfy(\.isFinite) && solution.dual.allSatisfy(\.isFinite))
    #expect(solution.residuals.largest.isFinite)
  }

  @Test(arguments: seeds)
  func `a caller can stop, and keeps the best point`(_ seed: Int) throws {
    let asked = Mutex(0)
    let record = Record()
    var settings = settings
    settings.observer = record.observer
    settings.isCancelled = {
      asked.withLock { count in
        count += 1
        return count > 3
      }
    }
    let solution = try draw(seed).program().solve(settings)
    #expect(solution.status == .cancelled || solution.status == .solvedToReducedAccuracy)
    #expect(solution.iterations == 3)
    #expect(relativeDifference(solution.residuals.largest, least(record)) <= 1e-6)
  }

  @Test func `tolerances that nothing reaches end as reduced accuracy or trouble`() throws {
    var settings = settings
    settings.tolerances = ConeTolerances(feasibility: 0, gap: 0, infeasibility: 0)
    settings.aim = 0
    let solution = try draw(0).program().solve(settings)
    #expect(solution.status == .solvedToReducedAccuracy)
    #expect(solution.residuals.largest <= 1e-9)
  }
}
