import ConvexKit
import DualLayer
import KLProjection
import TestSupport
import Testing

@Suite struct ProjectionLayerTests {
  @Test(arguments: ["penalty_ragged_m30_n7", "penalty_8x8_4x4_tent3"], [true, false])
  func `gradients are central differences of the solution`(
    name: String, fromPotentials: Bool
  ) throws {
    let known = try PenaltyCase(name)
    let layer = ProjectionLayer(
      MarginalProjection(
        known.marginalization, weights: try ProjectionWeights(fine: 0.7, coarse: 2.5)))
    let form: AttentionForm = fromPotentials ? .potentials : .probabilities
    let fine = known[fromPotentials ? "phi_f" : "tau"]
    let coarse = known[fromPotentials ? "phi_c" : "rho"]
    var generator = SeededGenerator(seed: 2, name: "projection layer")
    let dμ = fine.map { _ in generator.normal() }
    let dν = coarse.map { _ in generator.normal() }
    func value(_ fine: [Double], _ coarse: [Double]) throws -> Double {
      let solved = try layer.forward(fine: fine, coarse: coarse, as: form)
      return zip(solved.fine, dμ).reduce(0) { $0 + $1.0 * $1.1 }
        + zip(solved.coarse, dν).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let solved = try layer.forward(fine: fine, coarse: coarse, as: form)
    let gradients = try layer.pullBack(fine: dμ, coarse: dν, through: solved)
    for (index, gradient) in gradients.fine.enumerated() {
      let step = fromPotentials ? 1e-4 : 1e-4 * fine[index]
      let difference = try centralDifference(of: fine, index, step: step) {
        try value($0, coarse)
      }
      #expect(abs(difference - gradient) < 1e-6 * max(1, abs(gradient)))
    }
    for (index, gradient) in gradients.coarse.enumerated() {
      let step = fromPotentials ? 1e-4 : 1e-4 * coarse[index]
      let difference = try centralDifference(of: coarse, index, step: step) {
        try value(fine, $0)
      }
      #expect(abs(difference - gradient) < 1e-6 * max(1, abs(gradient)))
    }
  }

  @Test func `a batch gives each sample what it gets alone`() throws {
    let batch = try BatchOfThree()
    let layer = ProjectionLayer(MarginalProjection(batch.marginalization))
    let solved = try layer.forward(fine: batch.fine, coarse: batch.coarse, as: .potentials)
    let gradients = try layer.pullBack(
      fine: batch.coarse + batch.fine.prefix(144), coarse: batch.coarse, through: solved)
    let dμ = batch.coarse + batch.fine.prefix(144)
    for index in 0..<3 {
      let alone = try layer.forward(
        fine: batch.fineMap(index), coarse: batch.coarseMap(index), as: .potentials)
      #expect(alone.fine == solved[index].fine)
      let gradient = try layer.pullBack(
        fine: Array(dμ[index * 64..<(index + 1) * 64]), coarse: batch.coarseMap(index),
        through: alone)
      #expect(gradient.fine == Array(gradients.fine[index * 64..<(index + 1) * 64]))
      #expect(gradient.coarse == Array(gradients.coarse[index * 16..<(index + 1) * 16]))
    }
  }

  @Test func `a sample that is not solved is refused unless nothing is asked of it`() throws {
    let pooling = try Marginalization(labels: [0, 0, 1, 1], coarseCount: 2)
    let layer = ProjectionLayer(MarginalProjection(pooling))
    let solved = try layer.forward(
      fine: [0.5, 0.5, 0, 0, 0.1, 0.2, 0.3, 0.4, .nan, 0, 0, 1], coarse: [0, 1, 0.5, 0.5, 1, 1],
      as: .probabilities)
    #expect(solved.summaries[0].status == .infeasible)
    let bad = ProjectionError.notANumber(operand: "fine", index: 0)
    #expect(solved.summaries[2].status == .invalid(bad))
    var dμ = [Double](repeating: 0, count: 12)
    let dν = [Double](repeating: 0, count: 6)
    dμ[4] = 1
    let gradients = try layer.pullBack(fine: dμ, coarse: dν, through: solved)
    #expect(gradients.fine[4] != 0 && gradients.fine[..<4].allSatisfy { $0 == 0 })
    dμ[8] = 1
    #expect(throws: DualLayerError.sample(2, bad)) {
      try layer.pullBack(fine: dμ, coarse: dν, through: solved)
    }
    dμ[0] = 1
    let residual = solved.summaries[0].residual
    #expect(throws: DualLayerError.sample(0, .notSolved(residual: residual))) {
      try layer.pullBack(fine: dμ, coarse: dν, through: solved)
    }
  }

  @Test func `cotangents of another shape are refused`() throws {
    let layer = ProjectionLayer(try MarginalProjection(fine: [2, 2], coarse: [1, 1]))
    let solved = try layer.forward(fine: [1.0, 2, 3, 4], coarse: [1], as: .potentials)
    #expect(throws: DualLayerError.raggedBatch(operand: "fine", cells: 4, actual: 3)) {
      try layer.pullBack(fine: [1, 2, 3], coarse: [1], through: solved)
    }
    #expect(
      throws: DualLayerError.sampleCountMismatch(operand: "cotangents", expected: 1, actual: 2)
    ) {
      try layer.pullBack(
        fine: [Double](repeating: 1, count: 8), coarse: [1, 1], through: solved)
    }
  }

  @Test func `every error says what to do`() {
    let errors: [DualLayerError] = [
      .raggedBatch(operand: "fine", cells: 4, actual: 3),
      .sampleCountMismatch(operand: "coarse", expected: 2, actual: 1),
      .witnessSize(expected: 4, actual: 3), .notColumnStochastic, .invalidAlpha(0),
      .sample(1, .noMass(operand: "fine")), .infinitePenalty(sample: 2),
    ]
    for error in errors {
      #expect(!error.description.isEmpty && !error.description.contains("\n"))
    }
    #expect(
      errors[0].description == "fine has 3 values, no multiple of the 4 cells of a map")
    #expect(errors[5].description.hasPrefix("sample 1: fine has no mass"))
  }
}
