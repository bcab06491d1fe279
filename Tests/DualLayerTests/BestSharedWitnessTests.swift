import DualLayer
import KLProjection
import TestSupport
import Testing

@Suite struct BestSharedWitnessTests {
  @Test(arguments: ["penalty_ragged_m30_n7", "penalty_8x8_4x4_tent3"])
  func `for one sample it is the exact witness`(name: String) throws {
    let known = try PenaltyCase(name)
    let best = try SharedWitness.best(
      fine: known["phi_f"], coarse: known["phi_c"], as: .potentials, on: known.marginalization,
      tolerance: 1e-13)
    #expect(maximumAbsoluteDifference(best.values, known["lambda_star"]) < 1e-9)
  }

  @Test func `for a batch it has the largest mean dual value`() throws {
    let batch = try BatchOfThree()
    let weights = try ProjectionWeights(fine: 0.5, coarse: 2)
    let oracle = try WitnessOracle(MarginalProjection(batch.marginalization, weights: weights))
    func meanDual(_ λ: [Double]) throws -> Double {
      try oracle.report(
        on: SharedWitness(λ), fine: batch.fine, coarse: batch.coarse, as: .potentials
      ).mean.dualValue
    }
    let best = try SharedWitness.best(
      fine: batch.fine, coarse: batch.coarse, as: .potentials, on: batch.marginalization,
      weights: weights)
    let value = try meanDual(best.values)
    #expect(abs(best.values.reduce(0, +)) < 1e-12)
    for cell in 0..<16 {
      for step in [-0.1, 0.1] {
        var moved = best.values
        moved[cell] += step
        #expect(try meanDual(moved) < value)
      }
    }
  }

  @Test func `a bad sample is named`() throws {
    let batch = try BatchOfThree()
    var fine = batch.fine
    fine[130] = .nan
    #expect(throws: DualLayerError.sample(2, .notANumber(operand: "fine", index: 2))) {
      try SharedWitness.best(
        fine: fine, coarse: batch.coarse, as: .potentials, on: batch.marginalization)
    }
  }
}
