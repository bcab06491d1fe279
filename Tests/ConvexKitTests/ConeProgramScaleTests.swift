import Foundation
import Testing

@testable import ConvexKit

/// Programs with large costs, large right sides or many bounds, whose optimum is known in closed form.
@Suite struct ConeProgramScaleTests {
  private func program(
    _ linear: [Double], quadratic: [Double]? = nil, _ rows: [[Double]], _ b: [Double],
    _ cones: [Cone]
  ) throws -> ConeProgram {
    let n = linear.count
    return try ConeProgram(
      minimize: Vector(linear),
      quadratic: quadratic.map { diagonal in
        try SymmetricSparseMatrix(
          order: n, columnStarts: Array(0...n), rowIndices: Array(0..<n), values: diagonal)
      },
      constraints: SparseMatrix(Matrix(rows: rows.count, columns: n) { rows[$0][$1] }),
      rightHandSide: Vector(b), cones: cones)
  }

  private func solve(_ program: ConeProgram) -> ConeSolution {
    program.solve(ConeSettings(method: .interiorPoint))
  }

  @Test(arguments: [1e6, 1e9, 1e12])
  func `a large cost makes no ray of a bounded variable`(_ cost: Double) throws {
    // x² − c x, x ≤ 1.
    let quadratic = solve(try program([-cost], quadratic: [2], [[1]], [1], [.nonnegative(1)]))
    #expect(quadratic.status == .solved)
    #expect(abs(quadratic.objective - (1 - cost)) <= 1e-8 * cost)
    #expect(abs(quadratic.primal[0] - 1) <= 1e-8)
    // −c x₁, ‖x‖ ≤ 1.
    let ball = solve(
      try program([-cost, 0], [[0, 0], [-1, 0], [0, -1]], [1, 0, 0], [.secondOrder(3)]))
    #expect(ball.status == .solved)
    #expect(abs(ball.objective + cost) <= 1e-8 * cost)
  }

  @Test(arguments: [1e6, 1e9, 1e12])
  func `a large right side makes no certificate of a feasible program`(_ size: Double) throws {
    // t ≥ |x|, x ≥ size.
    let solution = solve(
      try program(
        [0, 1], [[0, -1], [-1, 0], [-1, 0]], [0, 0, -size], [.secondOrder(2), .nonnegative(1)]))
    #expect(solution.status == .solved)
    #expect(abs(solution.objective - size) <= 1e-8 * size)
  }

  @Test func `what large numbers do not hide: rays and certificates are still found`() throws {
    // −c x₁ with x₁ free above, and x ≥ b beside x ≤ −b.
    let unbounded = solve(
      try program([-1e9, 0], [[-1, 0], [0, 1]], [0, 1], [.nonnegative(1), .secondOrder(1)]))
    #expect(unbounded.status == .dualInfeasible)
    let infeasible = solve(
      try program([1], [[-1], [1]], [-1e9, -1e9], [.nonnegative(1), .secondOrder(1)]))
    #expect(infeasible.status == .primalInfeasible)
  }

  @Test(arguments: [1.0, 1e4, 1e6, 1e7, 1e8])
  func `entropy of masses in the millions`(_ mass: Double) throws {
    // Σ x log x, Σ x = mass: x = mass/n.
    let n = 5
    var rows = [[Double](repeating: 1, count: n) + [Double](repeating: 0, count: n)]
    var b = [mass]
    for i in 0..<n {
      rows.append((0..<2 * n).map { $0 == n + i ? 1 : 0 })
      rows.append((0..<2 * n).map { $0 == i ? -1 : 0 })
      rows.append([Double](repeating: 0, count: 2 * n))
      b += [0, 0, 1]
    }
    let solution = solve(
      try program(
        (0..<2 * n).map { $0 < n ? 0 : 1 }, rows, b,
        [.zero(1)] + Array(repeating: .exponential, count: n)))
    let optimum = mass * log(mass / Double(n))
    #expect(solution.status == .solved)
    #expect(abs(solution.objective - optimum) <= 1e-8 * max(1, abs(optimum)))
    for i in 0..<n { #expect(abs(solution.primal[i] * Double(n) / mass - 1) <= 1e-4) }
  }

  /// Its steps came to nothing in the neighborhood of the central path, which the bounds had used up.
  @Test func `many bounds beside one exponential cone`() throws {
    let a = [
      1.3, 0.1, 0.2, -1.7, 0.8, 1.3, 0.5, -0.6, 0.1, 0.8, -0.8, -1.1, -1.0, 0.7, -0.4, -1.9, 1.8,
      -0.8, 1.8, -0.2, 0.2,
    ]
    let b = [
      3.4, 0.7, 1.2, -2.4, 3.7, 4.0, 1.7, -0.8, 1.0, 2.9, -1.4, -1.9, -2.2, 3.4, -0.3, -3.1, 4.8,
      -1.6, 5.0, -0.52, 0.52,
    ]
    // The last two rows say x = 2.6.
    let solution = solve(
      try program([0.8], a.map { [$0] }, b, [.exponential, .nonnegative(18)]))
    #expect(solution.status == .solved)
    #expect(abs(solution.objective - 2.08) <= 1e-8)
  }

  /// Right sides from 0.003 to 59000 in two cones: it is solved in their own units only.
  @Test func `power cones whose entries have many sizes`() throws {
    let a = [-0.16, -2000, 0.7, -0.0025, 110, 0.014]
    let b = [0.2, 59000, -0.9, 0.0032, 320, -0.007]
    let solver = ConeSolver(
      try program(
        [2.6], a.map { [$0] }, b, [.power(alpha: 0.82), .power(alpha: 0.82)]),
      settings: ConeSettings(method: .interiorPoint))
    for _ in 0..<2 {
      let solution = solver.solve()
      #expect(solution.status == .solved)
      // (0.0032 + 0.0025 x)^0.82 (320 − 110 x)^0.18 = |0.007 + 0.014 x|, by bisection.
      #expect(abs(solution.objective + 2.650667683426897) <= 1e-8)
    }
  }

  /// Units of a power cone's entries that leave it what it is, by 10 to the ±4 each.
  @Test(arguments: 0..<12) func `power cones in other units`(seed: Int) throws {
    // Σ p x + r y, x^α y^{1−α} ≥ |z|, Σ z = 1: the smallest (p/α)^α (r/(1−α))^{1−α}.
    var random = SeededGenerator(seed: UInt64(seed))
    let k = 8
    let alpha = (0..<k).map { _ in random.uniform(in: 0.05..<0.95) }
    let p = (0..<k).map { _ in random.uniform(in: 0.5..<2) }
    let r = (0..<k).map { _ in random.uniform(in: 0.5..<2) }
    var rows = [(0..<3 * k).map { $0 < 2 * k ? 0.0 : 1.0 }]
    for i in 0..<k {
      let c = pow(10, random.uniform(in: -4..<4))
      let d = pow(10, random.uniform(in: -4..<4))
      let units = [c, d, pow(c, alpha[i]) * pow(d, 1 - alpha[i])]
      for (part, unit) in units.enumerated() {
        rows.append((0..<3 * k).map { $0 == part * k + i ? -unit : 0 })
      }
    }
    let cost = p + r + [Double](repeating: 0, count: k)
    let right = [1] + [Double](repeating: 0, count: 3 * k)
    let cones = [Cone.zero(1)] + alpha.map { Cone.power(alpha: $0) }
    let solution = solve(try program(cost, rows, right, cones))
    let optimum = (0..<k).reduce(Double.infinity) { least, i in
      let share = alpha[i]
      let first = pow(p[i] / share, share)
      let second = pow(r[i] / (1 - share), 1 - share)
      return min(least, first * second)
    }
    #expect(solution.status == .solved)
    #expect(abs(solution.objective - optimum) <= 1e-8)
    #expect(solution.iterations <= 30)
  }

  /// The second-order term sent its iterates in a circle of four.
  @Test func `a quadratic program whose iterates went in circles`() throws {
    let quadratic = [1e4, 1e5]
    let linear = [7576.4, 4108.8]
    let solution = solve(
      try program(
        linear, quadratic: quadratic, [[0.8, -0.8], [0.2, -0.5], [-0.4, -0.1]], [-0.3, 1.2, 0.5],
        [.nonnegative(3)]))
    #expect(solution.status == .solved)
    // No constraint is active.
    for j in 0..<2 { #expect(abs(solution.primal[j] + linear[j] / quadratic[j]) <= 1e-7) }
    #expect(abs(solution.objective + 2954.5030352) <= 1e-6)
  }
}
