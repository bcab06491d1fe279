import DualLayer
import KLProjection

/// Three reference cases on the same cells as one batch, with a multiplier each.
struct BatchOfThree {
  let cases: [PenaltyCase]
  let witness: AmortizedWitness<Double>

  init() throws {
    cases = try ["mild", "peaky", "lambda0"].map { try PenaltyCase("penalty_8x8_4x4_\($0)") }
    let multipliers = cases[0]["lambda_in"] + cases[1]["lambda_in"] + cases[0]["lambda_star"]
    witness = try AmortizedWitness(multipliers, coarseCount: 16)
  }

  var marginalization: Marginalization { cases[0].marginalization }
  var fine: [Double] { cases.flatMap { $0["phi_f"] } }
  var coarse: [Double] { cases.flatMap { $0["phi_c"] } }

  func fineMap(_ index: Int) -> [Double] { cases[index]["phi_f"] }
  func coarseMap(_ index: Int) -> [Double] { cases[index]["phi_c"] }
  func multiplier(_ index: Int) -> [Double] {
    Array(witness.values[index * 16..<(index + 1) * 16])
  }

  func penalty(_ divergence: Divergence) throws -> WitnessPenalty {
    try WitnessPenalty(marginalization, divergence: divergence, alpha: 1)
  }
}
