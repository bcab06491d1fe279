import ConvexKit
import Foundation
import Testing

@Suite struct ConeProgramRayTests {
  /// Programs whose objective falls along one ray, on the boundary of curved cones: no multiplier holds
  /// back the iterates of the embedding there, which stalls in a part of these programs.
  @Test(
    "rays on the boundary", arguments: [Cone.exponential, .power(alpha: 0.3), .secondOrder(3)])
  func boundary(cone: Cone) throws {
    for seed in 0..<40 {
      var random = SeededGenerator(seed: UInt64(seed))
      let count = Int.random(in: 1...4, using: &random)
      let (n, m) = (Int.random(in: 2...6, using: &random), 3 * count + 2)
      let direction = (0..<n).map { _ in random.normal() }
      var (slack, inside) = ([Double](), [Double]())
      for _ in 0..<count {
        slack += Self.boundaryPoint(of: cone, &random)
        inside += Self.innerPoint(of: cone)
      }
      slack += [1, 0]
      inside += [1, 1]
      // A d + s = 0 for the direction d and the slack s; P d = 0 and qᵀd = −1.
      let length = direction.reduce(0) { $0 + $1 * $1 }
      var rows = (0..<m).map { _ in (0..<n).map { _ in random.normal() } }
      for i in 0..<m {
        let value = zip(rows[i], direction).reduce(slack[i]) { $0 + $1.0 * $1.1 }
        for j in 0..<n { rows[i][j] -= value * direction[j] / length }
      }
      var q = (0..<n).map { _ in random.normal() }
      let slope = zip(q, direction).reduce(1) { $0 + $1.0 * $1.1 }
      for j in 0..<n { q[j] -= slope * direction[j] / length }
      var quadratic: SymmetricSparseMatrix?
      if seed % 2 == 0 {
        var v = (0..<n).map { _ in random.normal() }
        let value = zip(v, direction).reduce(0) { $0 + $1.0 * $1.1 }
        for j in 0..<n { v[j] -= value * direction[j] / length }
        quadratic = try SymmetricSparseMatrix(
          order: n, columnStarts: (0...n).map { $0 * ($0 + 1) / 2 },
          rowIndices: (0..<n).flatMap { Array(0...$0) },
          values: (0..<n).flatMap { j in (0...j).map { v[$0] * v[j] } })
      }
      let entries = rows.indices.flatMap { i in (0..<n).map { (i, $0, rows[i][$0]) } }
      let program = try ConeProgram(
        minimize: Vector(q), quadratic: quadratic,
        constraints: SparseMatrix(rows: m, columns: n, entries: entries),
        rightHandSide: Vector(inside),
        cones: [Cone](repeating: cone, count: count) + [.nonnegative(2)])
      let solution = program.solve()
      #expect(solution.status == .dualInfeasible, "\(cone), seed \(seed)")
      #expect(try #require(solution.certificate).violation(for: program) <= 1e-8, "seed \(seed)")
      #expect(abs(program.linear.dot(solution.primal) + 1) <= 1e-12, "seed \(seed)")
      let rowsOfRay = program.constraints * solution.primal + solution.slack
      #expect(rowsOfRay.infinityNorm <= 1e-7, "seed \(seed)")
    }
  }

  private static func boundaryPoint(of cone: Cone, _ random: inout SeededGenerator) -> [Double] {
    switch cone {
    case .exponential:
      let (x, y) = (random.normal(), exp(random.normal()))
      return [x, y, y * exp(x / y)]
    case .power(let alpha):
      let (x, y) = (exp(random.normal()), exp(random.normal()))
      return [x, y, -pow(x, alpha) * pow(y, 1 - alpha)]
    default:
      let (u, v) = (random.normal(), random.normal())
      return [hypot(u, v), u, v]
    }
  }

  private static func innerPoint(of cone: Cone) -> [Double] {
    switch cone {
    case .exponential: [0, 1, 2]
    case .power: [1, 1, 0.1]
    default: [1, 0.1, 0.2]
    }
  }
}
