import ConvexKit
import DualLayer
import KLProjection
import TestSupport
import Testing

@Suite struct HierarchyPenaltyTests {
  private static let projection = Result {
    try HierarchyProjection(shapes: [[4, 4], [2, 2], [1, 2]], weights: [1, 2, 0.5])
  }

  /// Potentials of two samples of every map.
  private static func maps(seed: UInt64) -> [[Double]] {
    var generator = SeededGenerator(seed: seed)
    return [16, 4, 2].map { size in (0..<2 * size).map { _ in 2 * generator.normal() } }
  }

  @Test func `of two maps it is the exact penalty of the pair`() throws {
    let pair = try HierarchyPenalty(HierarchyProjection(shapes: [[4, 4], [2, 2]]), alpha: 3)
    let exact = try ExactPenalty(
      MarginalProjection(Marginalization(fine: [4, 4], coarse: [2, 2])), alpha: 3)
    let maps = Array(Self.maps(seed: 1).prefix(2))
    let values = try pair.values(maps, as: .potentials)
    let expected = try exact.values(fine: maps[0], coarse: maps[1], as: .potentials)
    #expect(maximumAbsoluteDifference(values.values, expected.values) < 1e-12)
    let gradients = try pair.gradients(of: [1, -2], maps, as: .potentials)
    let reference = try exact.gradients(
      of: [1, -2], fine: maps[0], coarse: maps[1], as: .potentials)
    #expect(maximumAbsoluteDifference(gradients[0], reference.fine) < 1e-12)
    #expect(maximumAbsoluteDifference(gradients[1], reference.coarse) < 1e-12)
  }

  @Test func `gradients of penalty and solution are differences of them`() throws {
    let projection = try Self.projection.get()
    let penalty = try HierarchyPenalty(projection)
    let maps = Self.maps(seed: 2)
    var generator = SeededGenerator(seed: 3)
    let cotangents = (0..<32).map { _ in generator.normal() }
    let gradients = try penalty.gradients(of: [0.5, 0.5], maps, as: .potentials)
    let pulled = try projection.pullBackFinest(cotangents, maps, as: .potentials)
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    for t in maps.indices {
      let direction = maps[t].map { _ in generator.normal() }
      func moved(_ h: Double) -> [[Double]] {
        var moved = maps
        moved[t] = zip(maps[t], direction).map { $0 + h * $1 }
        return moved
      }
      func difference(_ value: ([[Double]]) throws -> Double) rethrows -> Double {
        try (value(moved(1e-5)) - value(moved(-1e-5))) / 2e-5
      }
      let ofPenalty = try difference { try penalty.values($0, as: .potentials).mean }
      #expect(abs(ofPenalty - dot(gradients[t], direction)) < 1e-7)
      let ofSolution = try difference {
        dot(cotangents, try projection.finest($0, as: .potentials))
      }
      #expect(abs(ofSolution - dot(pulled[t], direction)) < 1e-7)
    }
  }

  @Test func `what is no batch, and samples without a value, are refused by value`() throws {
    let projection = try Self.projection.get()
    #expect(throws: DualLayerError.invalidAlpha(0)) {
      try HierarchyPenalty(projection, alpha: 0)
    }
    let penalty = try HierarchyPenalty(projection)
    let maps = Self.maps(seed: 1)
    #expect(throws: DualLayerError.mapCount(expected: 3, actual: 2)) {
      try penalty.values(Array(maps.prefix(2)), as: .potentials)
    }
    #expect(
      throws: DualLayerError.raggedBatch(operand: "level 2", cells: 4, actual: 7)
    ) {
      try penalty.values([maps[0], Array(maps[1].dropLast()), maps[2]], as: .potentials)
    }
    #expect(
      throws: DualLayerError.sampleCountMismatch(operand: "level 3", expected: 2, actual: 1)
    ) {
      try penalty.values([maps[0], maps[1], Array(maps[2].prefix(2))], as: .potentials)
    }
    var wrong = maps
    wrong[1][5] = .nan
    let values = try penalty.values(wrong, as: .potentials)
    #expect(values.values[0].isFinite && values.values[1].isNaN)
    let error = ProjectionError.notANumber(operand: "level 2", index: 1)
    #expect(values.errors == [1: error])
    #expect(throws: DualLayerError.sample(1, error)) {
      try penalty.gradients(of: [1, 1], wrong, as: .potentials)
    }
    #expect(
      try penalty.gradients(of: [1, 0], wrong, as: .potentials)[0][16...].allSatisfy { $0 == 0 })
    #expect(throws: DualLayerError.sample(1, error)) {
      try projection.pullBackFinest([Double](repeating: 1, count: 32), wrong, as: .potentials)
    }
    let disjoint: [[Double]] = [
      [Double](repeating: 1 / 8, count: 8) + [Double](repeating: 0, count: 8),
      [0.25, 0.25, 0.25, 0.25], [0, 1],
    ]
    let infeasible: [[Double]] = [disjoint[0], [0, 0, 0.5, 0.5], [0.5, 0.5]]
    #expect(try penalty.values(infeasible, as: .probabilities).values == [.infinity])
    #expect(throws: DualLayerError.infinitePenalty(sample: 0)) {
      try penalty.gradients(of: [1], infeasible, as: .probabilities)
    }
    #expect(try projection.finest(infeasible, as: .probabilities).allSatisfy(\.isNaN))
    #expect(try penalty.values(disjoint, as: .probabilities).values[0].isFinite)
  }
}
