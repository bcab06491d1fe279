import Foundation
import TestSupport
import Testing

@testable import ConvexKit

/// Scalings and step lengths of the blocks of cones.
@Suite struct ConeBlockTests {
  /// A block beside interior points of its cones and their duals.
  private final class Bench {
    let block: any ConeBlock
    let s, z, ds, dz, y, h: UnsafeMutablePointer<Double>
    let count: Int
    private let arena = Arena()

    init(_ cones: [Cone], _ random: inout SeededGenerator) throws {
      block = try #require(ConeBlocks.make(cones).first)
      count = block.rows.count
      (s, z, y) = (arena.numbers(count), arena.numbers(count), arena.numbers(count))
      (ds, dz) = (arena.numbers(count), arena.numbers(count))
      h = arena.numbers(count * (count + 3))
      var row = 0
      for cone in cones {
        for (target, isDual) in [(s, false), (z, true)] {
          for (k, value) in InteriorPoints.random(cone, isDual: isDual, &random).enumerated() {
            target[row + k] = value
          }
        }
        row += cone.dimension
      }
      for i in 0..<count { (ds[i], dz[i]) = (random.normal(), random.normal()) }
    }

    var step: BlockStep { BlockStep(s: s, z: z, ds: ds, dz: dz) }
    var mu: Double { (0..<count).reduce(0) { $0 + s[$1] * z[$1] } / Double(block.degree) }

    /// The extra unknowns of the linear system, rᵀv/c of every ray, from what the block writes.
    private func extra(_ v: UnsafeMutablePointer<Double>) -> UnsafeMutablePointer<Double> {
      let extra = arena.numbers(count)
      block.writeHessian(into: h)
      switch block.pattern {
      case .diagonal: break
      case .densePlusRankOne:
        for cone in 0..<count / 3 {
          let ray = h + 2 * count + 4 * cone
          extra[cone] = ray.triple(at: 0).dot(v.triple(at: 3 * cone)) / -ray[3]
        }
      case .diagonalPlusRankTwo(let d):
        for cone in 0..<count / d {
          let terms = h + (3 * cone + 1) * d
          for k in 0..<d {
            extra[2 * cone] -= terms[k] * v[cone * d + k]
            extra[2 * cone + 1] += terms[d + k] * v[cone * d + k]
          }
        }
      }
      return extra
    }

    /// H v.
    func times(_ v: [Double]) -> [Double] {
      let source = arena.numbers(count)
      for i in 0..<count { source[i] = v[i] }
      block.multiplyHessian(source, extra(source), into: y)
      return (0..<count).map { y[$0] }
    }
  }

  private static let symmetric: [[Cone]] = [
    [.nonnegative(7)], [.secondOrder(2)], [.secondOrder(4), .secondOrder(4)], [.secondOrder(5)],
    [.secondOrder(6)], [.secondOrder(30), .secondOrder(30)],
  ]
  private static let others: [[Cone]] = [
    [.exponential, .exponential], Array(repeating: .exponential, count: 7),
    [.power(alpha: 0.03), .power(alpha: 0.5)],
    [.power(alpha: 0.97), .power(alpha: 0.3)],
    [0.03, 0.2, 0.5, 0.6, 0.97].map { .power(alpha: $0) },
  ]

  private func array(_ v: UnsafeMutablePointer<Double>, _ count: Int) -> [Double] {
    (0..<count).map { v[$0] }
  }

  private func relative(_ a: [Double], _ b: [Double]) -> Double {
    maximumAbsoluteDifference(a, b) / b.reduce(0) { max($0, abs($1)) }
  }

  @Test(arguments: symmetric, 0..<10)
  func `the Nesterov-Todd scaling maps z to s`(_ cones: [Cone], _ seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(seed), name: "scaling")
    let bench = try Bench(cones, &random)
    let (s, z) = (array(bench.s, bench.count), array(bench.z, bench.count))
    #expect(bench.block.updateScaling(bench.s, bench.z, mu: bench.mu, .primalDual))
    #expect(relative(bench.times(z), s) <= 1e-12)
  }

  @Test(arguments: [2, 3, 8], [1e-4, 1e-8, 1e-12])
  func `a second-order cone's scaling keeps its digits beside the boundary`(
    _ d: Int, _ depth: Double
  ) throws {
    var random = SeededGenerator(seed: UInt64(d), name: "boundary")
    let bench = try Bench([.secondOrder(d)], &random)
    let tail = (1..<d).map { _ in random.normal() }
    let length = Vector(tail).euclideanNorm
    (bench.s[0], bench.z[0]) = (length + depth, 10 * length + 3 * depth)
    for k in 1..<d { (bench.s[k], bench.z[k]) = (tail[k - 1], -10 * tail[k - 1]) }
    let (s, z) = (array(bench.s, d), array(bench.z, d))
    #expect(bench.block.updateScaling(bench.s, bench.z, mu: bench.mu, .primalDual))
    let found = bench.times(z)
    // A unit in the last place of s₀ is this share of its depth.
    #expect(relative(found, s) <= 1e-14 / depth)
    // D − v vᵀ is positive definite, with all of its digits: that is what is factored.
    bench.block.writeHessian(into: bench.h)
    var schur = 1.0
    for k in 0..<d { schur -= bench.h[d + k] * bench.h[d + k] / bench.h[k] }
    #expect(schur > 0)
  }

  @Test(arguments: others, 0..<10)
  func `the primal-dual scaling maps z to s and one shadow to the other`(
    _ cones: [Cone], _ seed: Int
  ) throws {
    var random = SeededGenerator(seed: UInt64(seed), name: "barrier scaling")
    let bench = try Bench(cones, &random)
    let (s, z) = (array(bench.s, bench.count), array(bench.z, bench.count))
    #expect(bench.block.updateScaling(bench.s, bench.z, mu: bench.mu, .primalDual))
    #expect(relative(bench.times(z), s) <= 1e-11)
    // z′ = −∇f(s) goes to s′ = −∇f*(z).
    var (shadowDual, shadow): ([Double], [Double]) = ([], [])
    for (index, cone) in cones.enumerated() {
      let barrier = try #require(InteriorPoints.barrier(cone))
      let dual = try #require(barrier.dualPoint(bench.s.triple(at: 3 * index)))
      let primal = barrier.gradient(bench.z.triple(at: 3 * index))
      for k in 0..<3 {
        shadowDual.append(dual[k])
        shadow.append(-primal[k])
      }
    }
    #expect(relative(bench.times(shadowDual), shadow) <= 1e-9)
  }

  @Test(arguments: others)
  func `the dual scaling is the barrier's Hessian`(_ cones: [Cone]) throws {
    var random = SeededGenerator(seed: 7, name: "dual scaling")
    let bench = try Bench(cones, &random)
    #expect(bench.block.updateScaling(bench.s, bench.z, mu: 0.5, .dual))
    for index in cones.indices {
      let barrier = try #require(InteriorPoints.barrier(cones[index]))
      let hessian = barrier.hessian(bench.z.triple(at: 3 * index))
      for k in 0..<3 {
        var unit = [Double](repeating: 0, count: bench.count)
        unit[3 * index + k] = 1
        var axis = Triple()
        axis[k] = 1
        let (found, expected) = (bench.times(unit), 0.5 * (hessian * axis))
        for i in 0..<3 { #expect(relativeDifference(found[3 * index + i], expected[i]) <= 1e-14) }
      }
    }
  }

  @Test(arguments: symmetric + others)
  func `written entries are the matrix that multiplies`(_ cones: [Cone]) throws {
    var random = SeededGenerator(seed: 11, name: "entries")
    let bench = try Bench(cones, &random)
    #expect(bench.block.updateScaling(bench.s, bench.z, mu: bench.mu, .primalDual))
    bench.block.writeHessian(into: bench.h)
    let dimension = cones[0].dimension
    for index in cones.indices {
      let written = entries(bench, index, dimension)
      for column in 0..<dimension {
        var unit = [Double](repeating: 0, count: bench.count)
        unit[index * dimension + column] = 1
        let found = bench.times(unit)
        let block = Array(found[index * dimension..<(index + 1) * dimension])
        #expect(relative(written[column], block) <= 1e-12)
      }
    }
  }

  /// The columns of one cone's H, dense, from what the block writes.
  private func entries(_ bench: Bench, _ index: Int, _ d: Int) -> [[Double]] {
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: d), count: d)
    switch bench.block.pattern {
    case .diagonal:
      for k in 0..<d { matrix[k][k] = bench.h[index * d + k] }
    case .densePlusRankOne:
      let rest = bench.h + 6 * index
      let ray = bench.h + 2 * bench.count + 4 * index
      for column in 0..<3 {
        for row in 0...column {
          let entry = rest[column * (column + 1) / 2 + row] - ray[row] * ray[column] / ray[3]
          (matrix[column][row], matrix[row][column]) = (entry, entry)
        }
      }
    case .diagonalPlusRankTwo:
      let start = bench.h + 3 * index * d
      let (diagonal, v, ray) = (start, start + d, start + 2 * d)
      for column in 0..<d {
        for row in 0..<d {
          matrix[column][row] =
            ray[row] * ray[column] - v[row] * v[column] + (row == column ? diagonal[row] : 0)
        }
      }
    }
    return matrix
  }

  @Test(arguments: [3, 5, 6, 12])
  func `a second-order cone's scaling is an automorphism of the cone`(_ d: Int) throws {
    // H J H = η⁴ J, η⁴ = det s/det z, J = diag(1, −I).
    var random = SeededGenerator(seed: 3, name: "automorphism")
    let bench = try Bench([.secondOrder(d)], &random)
    #expect(bench.block.updateScaling(bench.s, bench.z, mu: bench.mu, .primalDual))
    func determinant(_ v: UnsafeMutablePointer<Double>) -> Double {
      (1..<d).reduce(v[0] * v[0]) { $0 - v[$1] * v[$1] }
    }
    let fourth = determinant(bench.s) / determinant(bench.z)
    for column in 0..<d {
      var unit = [Double](repeating: 0, count: d)
      unit[column] = 1
      var once = bench.times(unit)
      for k in 1..<d { once[k] = -once[k] }
      var expected = [Double](repeating: 0, count: d)
      expected[column] = column == 0 ? fourth : -fourth
      #expect(maximumAbsoluteDifference(bench.times(once), expected) <= 1e-10 * (1 + fourth))
    }
  }

  @Test(arguments: symmetric, 0..<10)
  func `the longest step ends on the boundary of a symmetric cone`(
    _ cones: [Cone], _ seed: Int
  ) throws {
    var random = SeededGenerator(seed: UInt64(seed), name: "step")
    let bench = try Bench(cones, &random)
    let length = bench.block.stepLength(bench.step, limit: 1e6)
    let end = bench.y
    var margin = Double.infinity
    for (v, dv) in [(bench.s, bench.ds), (bench.z, bench.dz)] {
      for i in 0..<bench.count { end[i] = v[i] + length * dv[i] }
      margin = min(margin, bench.block.margin(end))
    }
    let isLimited = length < 1e6
    #expect(isLimited ? abs(margin) <= 1e-9 * (1 + length) : margin > 0)
    #expect(bench.block.stepLength(bench.step, limit: length / 2) == length / 2)
  }

  @Test(arguments: others, 0..<10)
  func `the longest step of the other cones ends within a backtracking step of the boundary`(
    _ cones: [Cone], _ seed: Int
  ) throws {
    var random = SeededGenerator(seed: UInt64(seed), name: "step")
    let bench = try Bench(cones, &random)
    func isInside(_ length: Double) throws -> Bool {
      for (index, cone) in cones.enumerated() {
        let barrier = try #require(InteriorPoints.barrier(cone))
        let row = 3 * index
        let s = bench.s.triple(at: row) + length * bench.ds.triple(at: row)
        let z = bench.z.triple(at: row) + length * bench.dz.triple(at: row)
        if !barrier.contains(s) || !barrier.contains(dual: z) { return false }
      }
      return true
    }
    let length = bench.block.stepLength(bench.step, limit: 1e3)
    #expect(length > 0)
    #expect(try isInside(length))
    #expect(try length == 1e3 || !isInside(length / 0.9))
    #expect(bench.block.proximity(bench.step, length).isFinite)
    #expect(length == 1e3 || bench.block.proximity(bench.step, length / 0.9) == .infinity)
  }

  @Test(arguments: symmetric + others)
  func `at the center s is z and the proximity is that of the central path`(_ cones: [Cone]) throws
  {
    var random = SeededGenerator(seed: 5, name: "center")
    let bench = try Bench(cones, &random)
    bench.block.setToCenter(bench.s, bench.z)
    for i in 0..<bench.count { (bench.ds[i], bench.dz[i]) = (0, 0) }
    #expect(array(bench.s, bench.count) == array(bench.z, bench.count))
    #expect(abs(bench.mu - 1) <= 1e-15)
    #expect(abs(bench.block.proximity(bench.step, 1)) <= 1e-13)
  }
}
