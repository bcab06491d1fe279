import ConvexKit
import KLProjection
import TestSupport
import Testing

struct HierarchyTests {
  private func hierarchy(_ item: KLCase, _ arrays: KLArrays) throws -> HierarchyProjection {
    let sizes = try (1...3).map { try arrays["mu_\($0)"].count }
    return try HierarchyProjection(
      [
        Marginalization(labels: arrays.integers("labels_1"), coarseCount: sizes[1]),
        Marginalization(labels: arrays.integers("labels_2"), coarseCount: sizes[2]),
      ], weights: item.weights)
  }

  @Test(arguments: KLCase.cases("hierarchy"))
  func `three levels match the reference`(_ item: KLCase) throws {
    let arrays = try item.arrays()
    let potentials = try (1...3).map { try arrays["phi_\($0)"] }
    let result = try hierarchy(item, arrays).project(potentials, as: .potentials)[0]
    #expect(result.status == .solved)
    #expect(result.residual < 1e-14)
    let optimum = try arrays["objective"][0]
    #expect(abs(result.optimum - optimum) < 1e-12 * optimum)
    #expect(abs(result.gap) < 1e-12 * max(1, optimum))
    for t in 0..<3 {
      #expect(maximumAbsoluteDifference(result.maps[t], try arrays["mu_\(t + 1)"]) < 1e-12)
      if arrays.has("log_mu_\(t + 1)") {
        let pairs = zip(result.logMaps[t], try arrays["log_mu_\(t + 1)"])
        #expect(pairs.allSatisfy { abs($0 - $1) < 1e-12 * (1 + abs($1)) })
      }
      let support =
        arrays.has("mu_support_\(t + 1)") ? try arrays["mu_support_\(t + 1)"] : []
      #expect(
        result.supports[t].enumerated().allSatisfy { index, isCarrying in
          isCarrying == (support.isEmpty || support[index] == 1)
        })
    }
    for t in 0..<2 {
      let λ = try arrays["lambda_\(t + 1)"]
      let largest = λ.reduce(0) { max($0, abs($1)) }
      #expect(maximumAbsoluteDifference(result.witnesses[t], λ) < 1e-12 * (1 + largest))
    }
    guard item.gradients == true else { return }
    let gradients = try result.pullBack((1...3).map { try arrays["mu_bar_\($0)"] })
    let value = try result.optimumGradient()
    for t in 0..<3 {
      #expect(maximumAbsoluteDifference(gradients[t], try arrays["vjp_phi_\(t + 1)"]) < 1e-12)
      #expect(maximumAbsoluteDifference(value[t], try arrays["dvalue_phi_\(t + 1)"]) < 1e-12)
    }
  }

  @Test func `two levels are the projection between two maps`() throws {
    let weights = [0.7, 2]
    let hierarchy = try HierarchyProjection(shapes: [[6, 6], [2, 3]], weights: weights)
    let pair = MarginalProjection(
      try Marginalization(fine: [6, 6], coarse: [2, 3]),
      weights: try ProjectionWeights(fine: 0.7, coarse: 2))
    var random = SeededGenerator(seed: 6)
    let fine = (0..<36).map { _ in random.uniform() }
    let coarse = (0..<6).map { _ in random.uniform() }
    let result = try hierarchy.project([fine, coarse])[0]
    let expected = try pair.project(fine: fine, coarse: coarse)[0]
    #expect(maximumAbsoluteDifference(result.maps[0], expected.fine) < 1e-15)
    #expect(maximumAbsoluteDifference(result.maps[1], expected.coarse) < 1e-15)
    #expect(maximumAbsoluteDifference(result.witnesses[0], expected.witness) < 1e-14)
    #expect(abs(result.optimum - expected.optimum) < 1e-15)
    let cotangents = [fine.map { $0 * $0 }, coarse.map { 1 / $0 }]
    let gradients = try result.pullBack(cotangents)
    let expectedGradient = try expected.pullBack(fine: cotangents[0], coarse: cotangents[1])
    #expect(maximumAbsoluteDifference(gradients[0], expectedGradient.fine) < 1e-14)
    #expect(maximumAbsoluteDifference(gradients[1], expectedGradient.coarse) < 1e-14)
  }

  @Test func `five levels are stationary, consistent and certified`() throws {
    let hierarchy = try HierarchyProjection(
      shapes: [[48], [24], [12], [4], [1]], weights: [1, 0.2, 5, 1, 2])
    var random = SeededGenerator(seed: 7)
    let maps = hierarchy.sizes.map { size in (0..<size).map { _ in 4 * random.normal() } }
    let result = try hierarchy.project(maps, as: .potentials)[0]
    #expect(result.status == .solved && result.residual < 1e-15)
    #expect(abs(result.gap) < 1e-13 * result.optimum)
    // Central differences of the optimum and of a linear functional of the maps.
    let direction = maps.map { $0.map { _ in random.normal() } }
    func moved(_ step: Double) throws -> HierarchicalProjection<Double> {
      try hierarchy.project(
        zip(maps, direction).map { zip($0, $1).map { $0 + step * $1 } }, as: .potentials)[0]
    }
    func dot(_ a: [[Double]], _ b: [[Double]]) -> Double {
      zip(a.joined(), b.joined()).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let (up, down) = (try moved(1e-4), try moved(-1e-4))
    let slope = (up.optimum - down.optimum) / 2e-4
    #expect(abs(dot(try result.optimumGradient(), direction) - slope) < 1e-6)
    let product = (dot(up.maps, direction) - dot(down.maps, direction)) / 2e-4
    #expect(abs(dot(try result.pullBack(direction), direction) - product) < 1e-6)
  }

  @Test func `a batch has one result per sample, and a bad one has its own error`() throws {
    let hierarchy = try HierarchyProjection(shapes: [[4], [2], [1]])
    let results = try hierarchy.project([
      [1.0, 2, 3, 4, 1, -2, 3, 4, 1, 1, 0, 0], [1, 1, 1, 1, 0, 1], [1, 1, 1],
    ])
    #expect(results[0].status == .solved)
    #expect(
      results[1].status == .invalid(.negative(operand: "level 1", index: 1, value: -2)))
    #expect(results[2].status == .infeasible && results[2].maps[0] == [0, 0, 0, 0])
    #expect(throws: ProjectionError.notSolved(residual: .infinity)) {
      try results[2].pullBack([[0, 0, 0, 0], [0, 0], [0]])
    }
    let alone = try hierarchy.project([[1.0, 2, 3, 4], [1, 1], [1]])[0]
    #expect(results[0].maps == alone.maps && results[0].witnesses == alone.witnesses)
  }

  @Test func `levels that do not fit are refused`() throws {
    let pooling = try Marginalization(fine: [4], coarse: [2])
    #expect(
      throws: ProjectionError.shapeMismatch(operand: "level 2", expected: [2], actual: [4])
    ) { try HierarchyProjection([pooling, pooling]) }
    #expect(throws: ProjectionError.empty(operand: "levels")) { try HierarchyProjection([]) }
    #expect(
      throws: ProjectionError.shapeMismatch(operand: "weights", expected: [2], actual: [3])
    ) { try HierarchyProjection([pooling], weights: [1, 1, 1]) }
    #expect(
      throws: ProjectionError.notPositive(operand: "weights", index: 1, value: 0)
    ) { try HierarchyProjection([pooling], weights: [1, 0]) }
    let overlapping = try Marginalization(matrix: [[1, 0.5], [0, 0.5]], fineCount: 2)
    #expect(throws: ProjectionError.notPartition(operand: "level 1")) {
      try HierarchyProjection([overlapping])
    }
    let hierarchy = try HierarchyProjection([pooling])
    #expect(throws: ProjectionError.empty(operand: "level 1")) {
      try hierarchy.project([[], [0.5, 0.5]])
    }
    #expect(throws: ProjectionError.shapeMismatch(operand: "maps", expected: [2], actual: [1])) {
      try hierarchy.project([[0.5, 0.5, 1, 1]])
    }
    #expect(
      throws: ProjectionError.shapeMismatch(operand: "level 2", expected: [1, 2], actual: [3])
    ) { try hierarchy.project([[0.5, 0.5, 1, 1], [1, 1, 1]]) }
    let result = try hierarchy.project([[0.5, 0.5, 1, 1], [1, 1]])[0]
    #expect(
      throws: ProjectionError.shapeMismatch(
        operand: "cotangents", expected: [4, 2], actual: [2, 4])
    ) { try result.pullBack([[0, 0], [0, 0, 0, 0]]) }
  }
}
