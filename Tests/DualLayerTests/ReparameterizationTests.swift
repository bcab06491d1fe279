import DualLayer
import KLProjection
import TestSupport
import Testing

@Suite struct ReparameterizationTests {
  @Test(arguments: PenaltyCase.names)
  func `both sides of Eq. 5 are the reference's`(name: String) throws {
    let known = try PenaltyCase(name)
    let sides = try Reparameterization(
      at: SharedWitness(known["lambda_in"]), fine: known["phi_f"], coarse: known["phi_c"],
      as: .potentials, on: known.marginalization)
    #expect(sides.errors.isEmpty)
    #expect(maximumAbsoluteDifference(sides.coarse, known["p"]) < 1e-14)
    #expect(maximumAbsoluteDifference(sides.marginal, known["q"]) < 1e-14)
    #expect(maximumAbsoluteDifference(sides.fine, known["mu_lambda"]) < 1e-14)
  }

  @Test(arguments: PenaltyCase.names)
  func `q less p is the gradient of the dual`(name: String) throws {
    let known = try PenaltyCase(name)
    let sides = try Reparameterization(
      at: SharedWitness(known["lambda_in"]), fine: known["phi_f"], coarse: known["phi_c"],
      as: .potentials, on: known.marginalization)
    let gradient = zip(sides.marginal, sides.coarse).map { $0 - $1 }
    #expect(maximumAbsoluteDifference(gradient, known["grad_dual_lambda"]) < 1e-14)
  }

  @Test func `weights divide the multiplier`() throws {
    let known = try PenaltyCase("penalty_8x8_4x4_tent3")
    let weights = try ProjectionWeights(fine: 0.5, coarse: 4)
    let λ = known["lambda_in"]
    let sides = try Reparameterization(
      at: SharedWitness(λ), fine: known["phi_f"], coarse: known["phi_c"], as: .potentials,
      on: known.marginalization, weights: weights)
    let fine = try Reparameterization(
      at: SharedWitness(λ.map { 2 * $0 }), fine: known["phi_f"], coarse: known["phi_c"],
      as: .potentials, on: known.marginalization)
    let coarse = try Reparameterization(
      at: SharedWitness(λ.map { $0 / 4 }), fine: known["phi_f"], coarse: known["phi_c"],
      as: .potentials, on: known.marginalization)
    #expect(maximumAbsoluteDifference(sides.fine, fine.fine) < 1e-16)
    #expect(maximumAbsoluteDifference(sides.coarse, coarse.coarse) < 1e-16)
  }

  @Test func `each sample is normalized on its own and a bad one has zeros`() throws {
    let batch = try BatchOfThree()
    var coarse = batch.coarse
    coarse[16] = .infinity
    let sides = try Reparameterization(
      at: batch.witness, fine: batch.fine, coarse: coarse, as: .potentials,
      on: batch.marginalization)
    #expect(sides.errors == [1: .infinite(operand: "coarse", index: 0)])
    for (values, cells) in [(sides.fine, 64), (sides.coarse, 16), (sides.marginal, 16)] {
      let sums = (0..<3).map { values[$0 * cells..<($0 + 1) * cells].reduce(0, +) }
      #expect(maximumAbsoluteDifference(sums, [1, 0, 1]) < 1e-14)
    }
  }
}
