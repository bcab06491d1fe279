import TestSupport
import Testing

@testable import ConvexKit

/// What must hold for every program that has a solution, on random ones.
@Suite struct ConeSolverPropertyTests {
  private static let seeds = Array(0..<12)
  /// Of tests that take few solves each.
  private static let manySeeds = Array(0..<60)
  private let settings = ConeSettings(method: .interiorPoint)
  /// How far apart solutions of one program may be: a gap of g allows x an error of √g.
  private let apart = 1e-4

  /// A random program of every kind of cone; every second one has a quadratic term.
  private func draw(_ seed: Int) throws -> RandomConeProgram {
    var random = SeededGenerator(seed: UInt64(seed), name: "cone programs")
    let cones = seed % 3 == 0 ? RandomConeProgram.symmetric : RandomConeProgram.mixed
    return try RandomConeProgram(cones, variables: 14, rank: seed % 2 == 0 ? 0 : 5, &random)
  }

  private func expectSame(
    _ a: ConeSolution, _ b: ConeSolution, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(a.status == .solved && b.status == .solved, sourceLocation: sourceLocation)
    #expect(relativeDifference(a.objective, b.objective) <= 1e-8, sourceLocation: sourceLocation)
  }

  @Test(arguments: seeds)
  func `the optimality conditions hold when recomputed from the data`(_ seed: Int) throws {
    let program = try draw(seed).program()
    let solution = program.solve(settings)
    #expect(solution.status == .solved)
    let audit = ConeAudit(program)
    let (x, s, z) = (solution.primal, solution.slack, solution.dual)
    #expect(audit.primalResidual(x, s) <= 1e-8)
    #expect(audit.dualResidual(x, z) <= 1e-8)
    #expect(audit.isMember(s, tolerance: 1e-8) && audit.isDualMember(z, tolerance: 1e-8))
    #expect(relativeDifference(audit.objective(x), audit.dualObjective(x, z)) <= 1e-8)
    #expect(relativeDifference(s.dot(z), 0) <= 1e-7 * max(1, abs(solution.objective)))
  }

  @Test(arguments: seeds)
  func `feasible points are no better and dual points no higher than the optimum`(
    _ seed: Int
  ) throws {
    let drawn = try draw(seed)
    let program = try drawn.program()
    let solution = program.solve(settings)
    var random = SeededGenerator(seed: UInt64(seed), name: "feasible points")
    let slackness = 1e-7 * max(1, abs(solution.objective))
    for _ in 0..<5 {
      // Another q moves the solution to another feasible point, another b to another dual one.
      var other = drawn
      other.linear = drawn.linear + Vector(drawn.linear.map { _ in 0.1 * random.normal() })
      let point = try other.program().solve(settings)
      guard point.status == .solved else { continue }
      #expect(program.objective(point.primal) >= solution.objective - slackness)
      var moved = drawn
      moved.rightHandSide =
        drawn.rightHandSide + Vector(drawn.rightHandSide.map { _ in 0.1 * random.normal() })
      let dual = try moved.program().solve(settings)
      guard dual.status == .solved else { continue }
      let value = ConeAudit(program).dualObjective(dual.primal, dual.dual)
      #expect(value <= solution.objective + slackness)
    }
  }

  @Test(arguments: manySeeds, [1e-3, 1e3])
  func `scaling rows changes neither the optimum nor x`(_ seed: Int, _ scale: Double) throws {
    let drawn = try draw(seed)
    var random = SeededGenerator(seed: UInt64(seed), name: "row scales")
    var scaled = drawn
    var row = 0
    for cone in drawn.cones {
      var factor = 1.0
      for k in 0..<cone.dimension {
        // The rows of a curved cone share a factor.
        if k == 0 || cone == .nonnegative(cone.dimension) || cone == .zero(cone.dimension) {
          factor = random.uniform() < 0.5 ? 1 : scale
        }
        scaled.dense[row] = scaled.dense[row].map { factor * $0 }
        scaled.rightHandSide[row] *= factor
        row += 1
      }
    }
    let one = try drawn.program().solve(settings)
    let other = try scaled.program().solve(settings)
    expectSame(one, other)
    #expect(maximumAbsoluteDifference(one.primal, other.primal) <= apart)
  }

  @Test(arguments: manySeeds, [1e-3, 1e3])
  func `scaling columns divides x`(_ seed: Int, _ scale: Double) throws {
    let drawn = try draw(seed)
    var random = SeededGenerator(seed: UInt64(seed), name: "column scales")
    let factors = drawn.linear.map { _ in random.uniform() < 0.5 ? 1 : scale }
    var scaled = drawn
    for row in scaled.dense.indices {
      for column in factors.indices { scaled.dense[row][column] *= factors[column] }
    }
    for column in factors.indices {
      scaled.linear[column] *= factors[column]
      let p = scaled.quadratic
      for entry in p.columnStarts[column]..<p.columnStarts[column + 1] {
        scaled.quadratic.values[entry] *= factors[column] * factors[p.rowIndices[entry]]
      }
    }
    let one = try drawn.program().solve(settings)
    let other = try scaled.program().solve(settings)
    expectSame(one, other)
    let x = zip(factors, other.primal).map { $0 * $1 }
    #expect(maximumAbsoluteDifference(one.primal.elements, x) <= apart)
  }

  @Test(arguments: manySeeds, [1e-4, 1e3])
  func `scaling b and q multiplies x, s and z`(_ seed: Int, _ scale: Double) throws {
    let drawn = try draw(seed)
    var scaled = drawn
    scaled.linear = scale * drawn.linear
    scaled.rightHandSide = scale * drawn.rightHandSide
    let one = try drawn.program().solve(settings)
    let other = try scaled.program().solve(settings)
    #expect(one.status == .solved && other.status == .solved)
    // Gaps below 1 count as absolute ones, and the optimum grows with the square.
    let tolerance = 1e-8 * max(1, 1 / (scale * scale))
    #expect(relativeDifference(other.objective / (scale * scale), one.objective) <= tolerance)
    let apart = max(apart, tolerance.squareRoot())
    for (a, b) in [(one.primal, other.primal), (one.slack, other.slack)] {
      #expect(maximumAbsoluteDifference(a, (1 / scale) * b) <= apart)
    }
  }

  @Test(arguments: manySeeds, [1e-4, 1e4])
  func `scaling the cost multiplies the optimum and z`(_ seed: Int, _ scale: Double) throws {
    let drawn = try draw(seed)
    var scaled = drawn
    scaled.linear = scale * drawn.linear
    for entry in scaled.quadratic.values.indices { scaled.quadratic.values[entry] *= scale }
    let one = try drawn.program().solve(settings)
    let other = try scaled.program().solve(settings)
    #expect(other.status == .solved)
    let tolerance = 1e-8 * max(1, 1 / scale)
    #expect(relativeDifference(other.objective / scale, one.objective) <= tolerance)
    let apart = tolerance.squareRoot()
    #expect(maximumAbsoluteDifference(one.primal, other.primal) <= apart)
    let z = (1 / scale) * other.dual
    #expect(maximumAbsoluteDifference(one.dual, z) <= apart * max(1, one.dual.infinityNorm))
  }

  @Test(arguments: seeds)
  func `the order of rows and of cones is of no account`(_ seed: Int) throws {
    let drawn = try draw(seed)
    var random = SeededGenerator(seed: UInt64(seed), name: "orders")
    var starts: [Int] = []
    for cone in drawn.cones { starts.append((starts.last ?? 0) + cone.dimension) }
    starts = [0] + starts.dropLast()
    var order: [Int] = []
    var permuted = drawn
    let cones = Array(drawn.cones.indices).shuffled(using: &random)
    permuted.cones = cones.map { drawn.cones[$0] }
    for index in cones {
      let rows = Array(starts[index]..<starts[index] + drawn.cones[index].dimension)
      switch drawn.cones[index] {
      case .zero, .nonnegative: order += rows.shuffled(using: &random)
      case .secondOrder: order += rows.prefix(1) + rows.dropFirst().shuffled(using: &random)
      default: order += rows
      }
    }
    permuted.dense = order.map { drawn.dense[$0] }
    permuted.rightHandSide = Vector(order.map { drawn.rightHandSide[$0] })
    let one = try drawn.program().solve(settings)
    let other = try permuted.program().solve(settings)
    expectSame(one, other)
    #expect(maximumAbsoluteDifference(one.primal, other.primal) <= apart)
    let slack = order.map { one.slack[$0] }
    #expect(maximumAbsoluteDifference(slack, other.slack.elements) <= apart)
  }

  @Test(arguments: seeds)
  func `a row whose b is infinite is no constraint`(_ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), name: "infinite rows")
    let cones: [Cone] = [.nonnegative(8), .secondOrder(5), .nonnegative(3), .exponential]
    var drawn = try RandomConeProgram(cones, variables: 6, rank: 6, &random)
    let infinite = [1, 6, 14]
    for row in infinite { drawn.rightHandSide[row] = .infinity }
    var shorter = drawn
    shorter.cones = [.nonnegative(6), .secondOrder(5), .nonnegative(2), .exponential]
    let kept = drawn.dense.indices.filter { !infinite.contains($0) }
    shorter.dense = kept.map { drawn.dense[$0] }
    shorter.rightHandSide = Vector(kept.map { drawn.rightHandSide[$0] })
    let one = try drawn.program().solve(settings)
    let other = try shorter.program().solve(settings)
    expectSame(one, other)
    #expect(one.primal == other.primal)
    #expect(kept.map { one.slack[$0] } == other.slack.elements)
    #expect(kept.map { one.dual[$0] } == other.dual.elements)
    for row in infinite { #expect(one.slack[row] == .infinity && one.dual[row] == 0) }
  }
}
