import DualLayer
import Foundation
import KLProjection
import TestSupport
import Testing

@Suite struct WitnessOracleTests {
  @Test(arguments: PenaltyCase.names)
  func `values and gaps are the reference's`(name: String) throws {
    let known = try PenaltyCase(name)
    let sample = try report(on: known["lambda_in"], known).samples[0]
    #expect(sample.status == .solved)
    let quality = sample.quality
    #expect(relativeDifference(quality.optimum, known.number("optimum")) < 1e-12)
    #expect(relativeDifference(quality.dualValue, known.number("dual_objective")) < 1e-13)
    #expect(relativeDifference(quality.suboptimality, known.number("gap")) < 1e-12)
    #expect(relativeDifference(quality.gapFromFine, known.number("kl_qp")) < 1e-13)
    if known.marginalization.isPartition {
      #expect(relativeDifference(quality.gapFromCoarse, known.number("kl_pq")) < 1e-13)
    } else {
      #expect(quality.gapFromCoarse.isNaN)
    }
    let gradient = known["grad_dual_lambda"].map(abs)
    #expect(abs(quality.residual - gradient.reduce(0, +)) < 1e-13)
    #expect(abs(quality.largestResidual - (gradient.max() ?? .nan)) < 1e-13)
  }

  @Test(arguments: PenaltyCase.names)
  func `the certified gaps are primal values of feasible points less the dual value`(
    name: String
  ) throws {
    let known = try PenaltyCase(name)
    let quality = try report(on: known["lambda_in"], known).samples[0].quality
    #expect(
      relativeDifference(
        quality.gapFromFine + quality.dualValue, known.number("primal_from_mu")) < 1e-13)
    if let primal = known.arrays["primal_from_nu"]?.first {
      #expect(relativeDifference(quality.gapFromCoarse + quality.dualValue, primal) < 1e-13)
    }
    #expect(quality.gap >= quality.suboptimality - 1e-13)
  }

  @Test(arguments: PenaltyCase.names)
  func `the projection's certificate says the same`(name: String) throws {
    let known = try PenaltyCase(name)
    let projection = MarginalProjection(
      known.marginalization, weights: try ProjectionWeights(fine: 0.5, coarse: 3))
    let (λ, φ, ψ) = (known["lambda_in"], known["phi_f"], known["phi_c"])
    let quality = try WitnessOracle(projection).report(
      on: SharedWitness(λ), fine: φ, coarse: ψ, as: .potentials
    ).samples[0].quality
    let certificate = try projection.certificate(for: λ, fine: φ, coarse: ψ, as: .potentials)
    #expect(relativeDifference(quality.dualValue, certificate.dualValue) < 1e-13)
    let residual = certificate.gradient.map(abs)
    #expect(abs(quality.residual - residual.reduce(0, +)) < 1e-13)
    #expect(abs(quality.largestResidual - (residual.max() ?? .nan)) < 1e-13)
    if let value = certificate.valueFromCoarse {
      #expect(relativeDifference(quality.gapFromCoarse + quality.dualValue, value) < 1e-13)
    }
    // Where λ's fine map has mass that no feasible point can have, only the certificate is finite.
    guard quality.gapFromFine.isFinite, !name.contains("zero") else { return }
    let value = certificate.valueFromFine
    #expect(relativeDifference(quality.gapFromFine + quality.dualValue, value) < 1e-13)
  }

  @Test(arguments: PenaltyCase.names)
  func `distances are those between the maps and multipliers`(name: String) throws {
    let known = try PenaltyCase(name)
    let quality = try report(on: known["lambda_in"], known).samples[0].quality
    let exact = try MarginalProjection(known.marginalization).project(
      fine: known["phi_f"], coarse: known["phi_c"], as: .potentials)[0]
    let fine = zip(known["mu_lambda"], exact.fine).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    let coarse = zip(known["p"], exact.coarse).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    #expect(abs(quality.fineDistance - fine) < 1e-12)
    #expect(abs(quality.coarseDistance - coarse) < 1e-12)
    let support = exact.coarseSupport
    let differences = support.indices.filter { support[$0] }.map {
      known["lambda_in"][$0] - known["lambda_star"][$0]
    }
    let mean = differences.reduce(0, +) / Double(differences.count)
    let distance = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }.squareRoot()
    #expect(relativeDifference(quality.witnessDistance, distance) < 1e-12)
  }

  @Test(arguments: [(1.0, 1.0), (2.0, 1.0), (0.1, 3.0)])
  func `on partitions the suboptimality is a Rényi divergence of the two sides`(
    fine: Double, coarse: Double
  ) throws {
    let known = try PenaltyCase("penalty_ragged_m30_n7")
    let weights = try ProjectionWeights(fine: fine, coarse: coarse)
    let witness = SharedWitness(known["lambda_in"])
    let quality = try WitnessOracle(MarginalProjection(known.marginalization, weights: weights))
      .report(
        on: witness, fine: known["phi_f"], coarse: known["phi_c"], as: .potentials
      ).samples[0].quality
    let sides = try Reparameterization(
      at: witness, fine: known["phi_f"], coarse: known["phi_c"], as: .potentials,
      on: known.marginalization, weights: weights)
    let total = fine + coarse
    let overlap = zip(sides.marginal, sides.coarse).reduce(0) {
      $0 + pow($1.0, fine / total) * pow($1.1, coarse / total)
    }
    #expect(relativeDifference(quality.suboptimality, -total * log(overlap)) < 1e-12)
    #expect(quality.suboptimality <= quality.gapFromFine)
    #expect(quality.suboptimality <= quality.gapFromCoarse)
  }

  @Test(arguments: PenaltyCase.names)
  func `the exact witness is optimal`(name: String) throws {
    let known = try PenaltyCase(name)
    // A window that is empty keeps the coarse mass that no multiplier can move.
    guard !name.contains("zero") else { return }
    let quality = try report(on: known["lambda_star"], known).samples[0].quality
    #expect(abs(quality.suboptimality) < 1e-13 * (1 + quality.optimum))
    #expect(quality.gap < 1e-25)
    #expect(quality.residual < 1e-12)
    #expect(quality.witnessDistance < 1e-11)
    #expect(quality.fineDistance < 1e-12)
    #expect(quality.coarseDistance < 1e-12)
  }

  @Test func `a constant added to a witness is no distance`() throws {
    let known = try PenaltyCase("penalty_8x8_4x4_mild")
    let quality = try report(on: known["lambda_star"].map { $0 + 3 }, known).samples[0].quality
    #expect(quality.witnessDistance < 1e-12)
    #expect(abs(quality.suboptimality) < 1e-13)
  }

  @Test func `a batch reports each sample as alone, and its mean and worst`() throws {
    let batch = try BatchOfThree()
    let oracle = try WitnessOracle(MarginalProjection(batch.marginalization))
    let report = try oracle.report(
      on: batch.witness, fine: batch.fine, coarse: batch.coarse, as: .potentials)
    for index in 0..<3 {
      let alone = try oracle.report(
        on: SharedWitness(batch.multiplier(index)), fine: batch.fineMap(index),
        coarse: batch.coarseMap(index), as: .potentials)
      #expect(alone.samples == [report.samples[index]])
    }
    let gaps = report.samples.map(\.quality.gapFromFine)
    #expect(abs(report.mean.gapFromFine - gaps.reduce(0, +) / 3) < 1e-15)
    #expect(report.worst.gapFromFine == gaps.max())
    #expect(report.worst.dualValue == report.samples.map(\.quality.dualValue).min())
  }

  @Test func `a bad sample has its status and is left out of mean and worst`() throws {
    let batch = try BatchOfThree()
    let oracle = try WitnessOracle(MarginalProjection(batch.marginalization))
    var coarse = batch.coarse
    coarse[16 + 2] = .nan
    let report = try oracle.report(
      on: batch.witness, fine: batch.fine, coarse: coarse, as: .potentials)
    #expect(report.samples[1].status == .invalid(.notANumber(operand: "coarse", index: 2)))
    #expect(report.samples[1].quality.dualValue.isNaN)
    #expect(report.solvedCount == 2)
    #expect(report.mean.gap > 0 && report.worst.gap.isFinite)
    #expect(report.description.hasPrefix("2 of 3 samples solved\n"))
  }

  @Test func `maps that cannot be reconciled are infeasible and infinitely far`() throws {
    let pooling = try Marginalization(labels: [0, 1], coarseCount: 2)
    let report = try WitnessOracle(MarginalProjection(pooling)).report(
      on: SharedWitness([0.0, 0.0]), fine: [1, 0], coarse: [0, 1], as: .probabilities)
    #expect(report.samples[0].status == .infeasible)
    #expect(report.samples[0].quality.optimum == .infinity)
    #expect(report.samples[0].quality.gap == .infinity)
    #expect(report.solvedCount == 0 && report.mean.gap.isNaN)
    #expect(report.description == "0 of 1 samples solved")
  }

  @Test func `Float maps are judged within 1e-5`() throws {
    let known = try PenaltyCase("penalty_8x8_4x4_peaky")
    let quality = try WitnessOracle(MarginalProjection(known.marginalization)).report(
      on: SharedWitness(known["lambda_in"].map { Float($0) }),
      fine: known["phi_f"].map { Float($0) }, coarse: known["phi_c"].map { Float($0) },
      as: .potentials
    ).samples[0].quality
    #expect(relativeDifference(quality.suboptimality, known.number("gap")) < 1e-5)
    #expect(relativeDifference(quality.gapFromFine, known.number("kl_qp")) < 1e-5)
  }

  @Test func `a report prints as a table`() throws {
    let known = try PenaltyCase("penalty_8x8_4x4_mild")
    let lines = try report(on: known["lambda_in"], known).description.split(separator: "\n")
    #expect(lines[0] == "1 of 1 samples solved")
    #expect(lines[2] == "optimum            2.062e-01   2.062e-01")
    #expect(lines.contains("dual value        -4.630e-01  -4.630e-01"))
    #expect(lines.contains("suboptimality      6.692e-01   6.692e-01"))
    #expect(lines.count == 12)
  }

  @Test func `windows that do not share mass fully are refused`() throws {
    let average = try Marginalization(matrix: [[0.5, 0.5]], fineCount: 2)
    #expect(throws: DualLayerError.notColumnStochastic) {
      try WitnessOracle(MarginalProjection(average))
    }
  }

  private func report(on λ: [Double], _ known: PenaltyCase) throws -> OracleReport {
    try WitnessOracle(MarginalProjection(known.marginalization)).report(
      on: SharedWitness(λ), fine: known["phi_f"], coarse: known["phi_c"], as: .potentials)
  }
}
