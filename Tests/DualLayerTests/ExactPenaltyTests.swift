import DualLayer
import Foundation
import KLProjection
import TestSupport
import Testing

@Suite struct ExactPenaltyTests {
  @Test(arguments: PenaltyCase.names)
  func `the value is the reference's optimum`(name: String) throws {
    let known = try PenaltyCase(name)
    let penalty = try ExactPenalty(MarginalProjection(known.marginalization), alpha: 1)
    let values = try penalty.values(
      fine: known["phi_f"], coarse: known["phi_c"], as: .potentials)
    #expect(values.errors.isEmpty)
    #expect(relativeDifference(values.mean, known.number("optimum")) < 1e-12)
  }

  @Test(arguments: PenaltyCase.names)
  func `the gradient is the envelope theorem's`(name: String) throws {
    let known = try PenaltyCase(name)
    let projection = MarginalProjection(
      known.marginalization, weights: try ProjectionWeights(fine: 2, coarse: 0.5))
    let (φ, ψ) = (known["phi_f"], known["phi_c"])
    let exact = try projection.project(fine: φ, coarse: ψ, as: .potentials)[0]
    let gradients = try ExactPenalty(projection, alpha: 3).gradients(
      of: [0.5], fine: φ, coarse: ψ, as: .potentials)
    let fine = zip(known["tau"], exact.fine).map { 3 * 0.5 * 2 * ($0 - $1) }
    let coarse = zip(known["rho"], exact.coarse).map { 3 * 0.5 * 0.5 * ($0 - $1) }
    #expect(maximumAbsoluteDifference(gradients.fine, fine) < 1e-12)
    #expect(maximumAbsoluteDifference(gradients.coarse, coarse) < 1e-12)
  }

  @Test(arguments: ["penalty_ragged_m30_n7", "penalty_8x8_4x4_tent3"], [true, false])
  func `gradients are central differences`(name: String, fromPotentials: Bool) throws {
    let known = try PenaltyCase(name)
    let projection = MarginalProjection(
      known.marginalization, weights: try ProjectionWeights(fine: 0.7, coarse: 2.5))
    let penalty = try ExactPenalty(projection, alpha: 2)
    let form: AttentionForm = fromPotentials ? .potentials : .probabilities
    let fine = known[fromPotentials ? "phi_f" : "tau"]
    let coarse = known[fromPotentials ? "phi_c" : "rho"]
    let gradients = try penalty.gradients(of: [1], fine: fine, coarse: coarse, as: form)
    for (index, gradient) in gradients.fine.enumerated() {
      let step = fromPotentials ? 1e-5 : 1e-5 * fine[index]
      let difference = try centralDifference(of: fine, index, step: step) {
        try penalty.values(fine: $0, coarse: coarse, as: form).mean
      }
      #expect(abs(difference - gradient) < 1e-6 * max(1, abs(gradient)))
    }
    for (index, gradient) in gradients.coarse.enumerated() {
      let step = fromPotentials ? 1e-5 : 1e-5 * coarse[index]
      let difference = try centralDifference(of: coarse, index, step: step) {
        try penalty.values(fine: fine, coarse: $0, as: form).mean
      }
      #expect(abs(difference - gradient) < 1e-6 * max(1, abs(gradient)))
    }
  }

  @Test func `with unit weights it is twice the Bhattacharyya distance, and below Eq. 6`() throws {
    let known = try PenaltyCase("penalty_8x8_4x4_mild")
    let penalty = try ExactPenalty(MarginalProjection(known.marginalization))
    #expect(penalty.alpha == 10)
    let value = try penalty.values(
      fine: known["tau"], coarse: known["rho"], as: .probabilities
    ).mean
    let marginal = known.marginalization.marginal(of: known["tau"])
    let overlap = zip(marginal, known["rho"]).reduce(0) { $0 + ($1.0 * $1.1).squareRoot() }
    #expect(relativeDifference(value, -20 * log(overlap)) < 1e-12)
    for divergence in Divergence.allCases {
      let eq6 = try WitnessPenalty(known.marginalization, divergence: divergence).values(
        fine: known["tau"], coarse: known["rho"], as: .probabilities,
        witness: SharedWitness(coarseCount: 16))
      #expect(value < eq6.mean)
    }
  }

  @Test func `Float is within 1e-5`() throws {
    let known = try PenaltyCase("penalty_32x32_16x16_mild")
    let penalty = try ExactPenalty(MarginalProjection(known.marginalization), alpha: 1)
    let (φ, ψ) = (known["phi_f"].map { Float($0) }, known["phi_c"].map { Float($0) })
    let value = try penalty.values(fine: φ, coarse: ψ, as: .potentials).mean
    #expect(relativeDifference(value, known.number("optimum")) < 1e-5)
    let gradients = try penalty.gradients(of: [1], fine: φ, coarse: ψ, as: .potentials)
    let known64 = try penalty.gradients(
      of: [1], fine: known["phi_f"], coarse: known["phi_c"], as: .potentials)
    #expect(maximumAbsoluteDifference(gradients.fine.map { Double($0) }, known64.fine) < 1e-5)
    #expect(maximumAbsoluteDifference(gradients.coarse.map { Double($0) }, known64.coarse) < 1e-5)
  }

  @Test func `a batch gives each sample what it gets alone`() throws {
    let batch = try BatchOfThree()
    let penalty = try ExactPenalty(MarginalProjection(batch.marginalization))
    let values = try penalty.values(fine: batch.fine, coarse: batch.coarse, as: .potentials)
    let gradients = try penalty.gradients(
      of: [1, -2, 3], fine: batch.fine, coarse: batch.coarse, as: .potentials)
    for (index, cotangent) in [1.0, -2, 3].enumerated() {
      let (φ, ψ) = (batch.fineMap(index), batch.coarseMap(index))
      #expect(
        try penalty.values(fine: φ, coarse: ψ, as: .potentials).values == [values.values[index]])
      let alone = try penalty.gradients(of: [cotangent], fine: φ, coarse: ψ, as: .potentials)
      #expect(alone.fine == Array(gradients.fine[index * 64..<(index + 1) * 64]))
      #expect(alone.coarse == Array(gradients.coarse[index * 16..<(index + 1) * 16]))
    }
  }

  @Test func `infeasible, unsolved and bad samples have no gradient and leave the rest alone`()
    throws
  {
    let pooling = try Marginalization(labels: [0, 0, 1, 1], coarseCount: 2)
    let penalty = try ExactPenalty(MarginalProjection(pooling), alpha: 1)
    let fine = [0.5, 0.5, 0, 0, 0.25, 0.25, 0.25, 0.25, -1, 0.5, 0.5, 1]
    let coarse = [0, 1, 0.5, 0.5, 0.5, 0.5]
    let values = try penalty.values(fine: fine, coarse: coarse, as: .probabilities)
    #expect(values.values[0] == .infinity)
    #expect(values.values[1] == 0)
    #expect(values.values[2].isNaN)
    let bad = ProjectionError.negative(operand: "fine", index: 0, value: -1)
    #expect(values.errors == [2: bad])
    func gradients(_ cotangents: [Double]) throws -> MapGradients<Double> {
      try penalty.gradients(of: cotangents, fine: fine, coarse: coarse, as: .probabilities)
    }
    #expect(throws: DualLayerError.infinitePenalty(sample: 0)) { try gradients([1, 1, 1]) }
    #expect(throws: DualLayerError.sample(2, bad)) { try gradients([0, 1, 1]) }
    #expect(try gradients([0, 1, 0]).fine.allSatisfy { abs($0) < 1e-15 })

    let tents = try PenaltyCase("penalty_8x8_4x4_tent3")
    let impatient = try ExactPenalty(
      MarginalProjection(
        tents.marginalization, settings: ProjectionSettings(maximumIterations: 0)))
    let stopped = try impatient.values(
      fine: tents["phi_f"], coarse: tents["phi_c"], as: .potentials)
    guard case .notSolved(let residual)? = stopped.errors[0] else {
      Issue.record("\(stopped)")
      return
    }
    #expect(residual > 0 && stopped.mean.isNaN)
    #expect(throws: DualLayerError.sample(0, .notSolved(residual: residual))) {
      try impatient.gradients(
        of: [1], fine: tents["phi_f"], coarse: tents["phi_c"], as: .potentials)
    }
  }

  @Test func `a factor that is not positive and arrays that are no batch are refused`() throws {
    let projection = try MarginalProjection(fine: [4, 4], coarse: [2, 2])
    #expect(throws: DualLayerError.invalidAlpha(-1)) { try ExactPenalty(projection, alpha: -1) }
    #expect(throws: DualLayerError.raggedBatch(operand: "fine", cells: 16, actual: 3)) {
      try ExactPenalty(projection).values(
        fine: [1, 2, 3.0], coarse: [1, 2, 3, 4], as: .potentials)
    }
  }
}
