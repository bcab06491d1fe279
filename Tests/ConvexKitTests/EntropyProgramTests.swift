import Foundation
import TestSupport
import Testing

@testable import ConvexKit

/// Projections in relative entropy whose targets are far above 1, which made Clarabel stop early
/// (oxfordcontrol/Clarabel.rs#197).
///
/// ```
/// minimize  Σ_i x_i log(x_i/t_i) − x_i + t_i   subject to   C x = d,   0 ≤ x ≤ u
/// ```
///
/// with (−e_i, x_i, t_i) in the exponential cone: x log(x/t) ≤ e. The Lagrangian's minimum over the
/// box is x_i = min(t_i e^{−(Cᵀν)_i}, u_i).
@Suite struct EntropyProgramTests {
  private let n = 30
  /// The objective is 1/u-strongly convex, u < e: a gap of 1e-8 of an optimum of some hundreds allows
  /// x an error of √(2 u · 3e-6) = 4e-3, and a tenth of that is asked for.
  private let accuracy = 4e-4

  /// A program beside its data.
  private struct Projection {
    var targets: [Double]
    var bounds: [Double]
    var equalities: [[Double]]
    var sums: [Double]

    /// x first, then e.
    func program() throws -> ConeProgram {
      let n = targets.count
      var rows: [[Double]] = []
      var b: [Double] = []
      func add(_ entries: [Int: Double], _ value: Double) {
        var row = [Double](repeating: 0, count: 2 * n)
        for (column, entry) in entries { row[column] = entry }
        rows.append(row)
        b.append(value)
      }
      for (row, sum) in zip(equalities, sums) {
        rows.append(row + [Double](repeating: 0, count: n))
        b.append(sum)
      }
      for i in 0..<n { add([i: -1], 0) }
      for i in 0..<n { add([i: 1], bounds[i]) }
      for i in 0..<n {
        add([n + i: 1], 0)
        add([i: -1], 0)
        add([:], targets[i])
      }
      return try ConeProgram(
        minimize: Vector((0..<2 * n).map { $0 < n ? -1 : 1 }),
        constraints: SparseMatrix(Matrix(rows: rows.count, columns: 2 * n) { rows[$0][$1] }),
        rightHandSide: Vector(b),
        cones: [.zero(equalities.count), .nonnegative(2 * n)]
          + Array(repeating: .exponential, count: n))
    }

    /// Σ x log(x/t) − x.
    func value(_ x: [Double]) -> Double {
      zip(x, targets).reduce(0) { $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0) - $1.0 }
    }

    /// The dual's value at multipliers ν of C x = d: a lower bound of the optimum.
    func bound(_ multipliers: [Double]) -> Double {
      let x = minimizer(multipliers)
      let gaps = zip(equalities, sums).map { row, sum in
        zip(row, x).reduce(-sum) { $0 + $1.0 * $1.1 }
      }
      return value(x) + zip(multipliers, gaps).reduce(0) { $0 + $1.0 * $1.1 }
    }

    func minimizer(_ multipliers: [Double]) -> [Double] {
      targets.indices.map { i in
        let weight = zip(multipliers, equalities).reduce(0) { $0 + $1.0 * $1.1[i] }
        return min(targets[i] * exp(-weight), bounds[i])
      }
    }
  }

  private func draw(_ scale: Double, equalities: Int, _ seed: UInt64) -> Projection {
    var random = SeededGenerator(seed: seed, name: "entropy")
    let targets = (0..<n).map { _ in scale * exp(random.uniform(in: -1..<1)) }
    let bounds = (0..<n).map { _ in exp(random.uniform(in: -1..<1)) }
    var rows = [[Double](repeating: 1, count: n)]
    for _ in 1..<equalities { rows.append((0..<n).map { _ in random.uniform() }) }
    let inside = bounds.map { $0 * random.uniform(in: 0.1..<0.9) }
    let sums = rows.map { row in zip(row, inside).reduce(0) { $0 + $1.0 * $1.1 } }
    return Projection(targets: targets, bounds: bounds, equalities: rows, sums: sums)
  }

  @Test(arguments: [1e2, 1e3, 1e4, 1e5, 1e6], 0..<4 as Range<UInt64>)
  func `on a box with one sum x is the clipped multiple of the targets`(
    _ scale: Double, _ seed: UInt64
  ) throws {
    let projection = draw(scale, equalities: 1, seed)
    // Bisection on ν: the sum of the minimizer decreases.
    var (low, high) = (-5.0, 50.0)
    for _ in 0..<200 {
      let middle = (low + high) / 2
      let isAbove = projection.minimizer([middle]).reduce(0, +) > projection.sums[0]
      (low, high) = isAbove ? (middle, high) : (low, middle)
    }
    let expected = projection.minimizer([low])
    let solution = try projection.program().solve()
    #expect(solution.status == .solved)
    #expect(maximumAbsoluteDifference(solution.primal.prefix(n), expected) <= accuracy)
    #expect(relativeDifference(solution.objective, projection.value(expected)) <= 1e-8)
    #expect(abs(solution.dual[0] - low) <= accuracy)
  }

  @Test(arguments: [1e2, 1e3, 1e4, 1e5, 1e6], 0..<4 as Range<UInt64>)
  func `with several equalities the multipliers certify the optimum`(
    _ scale: Double, _ seed: UInt64
  ) throws {
    let projection = draw(scale, equalities: 6, seed)
    let program = try projection.program()
    let solution = program.solve()
    #expect(solution.status == .solved)
    #expect(solution.residuals.largest <= 1e-8)
    let x = Array(solution.primal.prefix(n))
    let multipliers = Array(solution.dual.prefix(6))
    let value = projection.value(x)
    let bound = projection.bound(multipliers)
    #expect(abs(value - bound) <= 1e-7 * max(1, abs(value)))
    #expect(maximumAbsoluteDifference(projection.minimizer(multipliers), x) <= accuracy)
    #expect(ConeAudit(program).isMember(solution.slack, tolerance: 1e-8))
  }
}
