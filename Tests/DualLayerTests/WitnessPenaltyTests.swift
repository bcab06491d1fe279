import ConvexKit
import DualLayer
import KLProjection
import TestSupport
import Testing

@Suite struct WitnessPenaltyTests {
  @Test(arguments: PenaltyCase.names, Divergence.allCases)
  func `values and gradients from potentials are the reference's`(
    name: String, divergence: Divergence
  ) throws {
    let known = try PenaltyCase(name)
    let penalty = try known.penalty(divergence)
    let witness = SharedWitness(known["lambda_in"])
    let (φ, ψ) = (known["phi_f"], known["phi_c"])
    let key = PenaltyCase.key(divergence)

    let values = try penalty.values(fine: φ, coarse: ψ, as: .potentials, witness: witness)
    #expect(values.errors.isEmpty)
    #expect(relativeDifference(values.mean, known.number(key)) < 1e-13)
    guard known.number(key).isFinite else {
      #expect(throws: DualLayerError.infinitePenalty(sample: 0)) {
        try penalty.gradients(of: [1], fine: φ, coarse: ψ, as: .potentials, witness: witness)
      }
      return
    }
    let gradients = try penalty.gradients(
      of: [1], fine: φ, coarse: ψ, as: .potentials, witness: witness)
    #expect(maximumAbsoluteDifference(gradients.fine, known["grad_\(key)_phi_f"]) < 1e-13)
    #expect(maximumAbsoluteDifference(gradients.coarse, known["grad_\(key)_phi_c"]) < 1e-13)
    #expect(maximumAbsoluteDifference(gradients.witness, known["grad_\(key)_lambda"]) < 1e-13)
  }

  @Test(arguments: PenaltyCase.names)
  func `probabilities give the values that potentials give`(name: String) throws {
    let known = try PenaltyCase(name)
    let witness = SharedWitness(known["lambda_in"])
    for divergence in Divergence.allCases {
      let values = try known.penalty(divergence).values(
        fine: known["tau"], coarse: known["rho"], as: .probabilities, witness: witness)
      #expect(relativeDifference(values.mean, known.number(PenaltyCase.key(divergence))) < 1e-12)
    }
  }

  @Test(arguments: ["penalty_8x8_4x4_mild", "penalty_8x8_4x4_tent3", "penalty_ragged_m30_n7"])
  func `the gradient with respect to probabilities is that of potentials over them`(
    name: String
  ) throws {
    let known = try PenaltyCase(name)
    let witness = SharedWitness(known["lambda_in"])
    for divergence in Divergence.allCases {
      let key = PenaltyCase.key(divergence)
      let gradients = try known.penalty(divergence).gradients(
        of: [1], fine: known["tau"], coarse: known["rho"], as: .probabilities, witness: witness)
      let fine = zip(known["grad_\(key)_phi_f"], known["tau"]).map { $0 / $1 }
      let coarse = zip(known["grad_\(key)_phi_c"], known["rho"]).map { $0 / $1 }
      #expect(maximumAbsoluteDifference(gradients.fine, fine) < 1e-11)
      #expect(maximumAbsoluteDifference(gradients.coarse, coarse) < 1e-11)
      #expect(maximumAbsoluteDifference(gradients.witness, known["grad_\(key)_lambda"]) < 1e-13)
    }
  }

  @Test(arguments: PenaltyCase.names)
  func `Float potentials are within 1e-5`(name: String) throws {
    let known = try PenaltyCase(name)
    let witness = SharedWitness(known["lambda_in"].map { Float($0) })
    let φ = known["phi_f"].map { Float($0) }
    let ψ = known["phi_c"].map { Float($0) }
    for divergence in Divergence.allCases {
      let key = PenaltyCase.key(divergence)
      let penalty = try known.penalty(divergence)
      let values = try penalty.values(fine: φ, coarse: ψ, as: .potentials, witness: witness)
      #expect(relativeDifference(values.mean, known.number(key)) < 1e-5)
      guard known.number(key).isFinite else { continue }
      let gradients = try penalty.gradients(
        of: [1], fine: φ, coarse: ψ, as: .potentials, witness: witness)
      for (gradient, suffix) in [
        (gradients.fine, "phi_f"), (gradients.coarse, "phi_c"), (gradients.witness, "lambda"),
      ] {
        #expect(
          maximumAbsoluteDifference(gradient.map { Double($0) }, known["grad_\(key)_\(suffix)"])
            < 1e-5)
      }
    }
  }

  @Test(arguments: Divergence.allCases)
  func `the penalty vanishes at the optimal multiplier`(divergence: Divergence) throws {
    for known in try PenaltyCase.all {
      // Cells without mass have no multiplier; the two sides agree on the others.
      guard !known.name.contains("zero") else { continue }
      let values = try known.penalty(divergence, alpha: 10).values(
        fine: known["phi_f"], coarse: known["phi_c"], as: .potentials,
        witness: SharedWitness(known["lambda_star"]))
      #expect(abs(values.mean) < 1e-25, "\(known.name)")
    }
  }

  @Test func `a constant added to the multiplier or to potentials changes nothing`() throws {
    let known = try PenaltyCase("penalty_8x8_4x4_tent3")
    let values = try known.penalty().values(
      fine: known["phi_f"].map { $0 - 700 }, coarse: known["phi_c"].map { $0 + 300 },
      as: .potentials, witness: SharedWitness(known["lambda_in"].map { $0 + 5 }))
    #expect(relativeDifference(values.mean, known.number("kl_pq")) < 1e-12)
  }

  @Test(arguments: Divergence.allCases, [false, true])
  func `gradients are central differences, with weights and any windows`(
    divergence: Divergence, isPartition: Bool
  ) throws {
    let known = try PenaltyCase(isPartition ? "penalty_ragged_m30_n7" : "penalty_8x8_4x4_tent3")
    let penalty = try WitnessPenalty(
      known.marginalization, weights: try ProjectionWeights(fine: 0.7, coarse: 2.5),
      divergence: divergence, alpha: 3)
    let count = 2
    let (m, n) = (known.marginalization.fineCount, known.marginalization.coarseCount)
    var generator = SeededGenerator(seed: 7, name: "central differences")
    let φ = (0..<count * m).map { _ in 2 * generator.normal() }
    let ψ = (0..<count * n).map { _ in 2 * generator.normal() }
    let λ = (0..<n).map { _ in generator.normal() }
    let cotangents = [0.4, -1.3]

    func value(_ φ: [Double], _ ψ: [Double], _ λ: [Double]) throws -> Double {
      let values = try penalty.values(
        fine: φ, coarse: ψ, as: .potentials, witness: SharedWitness(λ))
      return zip(values.values, cotangents).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let gradients = try penalty.gradients(
      of: cotangents, fine: φ, coarse: ψ, as: .potentials, witness: SharedWitness(λ))
    for (index, gradient) in gradients.fine.enumerated() {
      let difference = try centralDifference(of: φ, index) { try value($0, ψ, λ) }
      #expect(abs(difference - gradient) < 1e-8)
    }
    for (index, gradient) in gradients.coarse.enumerated() {
      let difference = try centralDifference(of: ψ, index) { try value(φ, $0, λ) }
      #expect(abs(difference - gradient) < 1e-8)
    }
    for (index, gradient) in gradients.witness.enumerated() {
      let difference = try centralDifference(of: λ, index) { try value(φ, ψ, $0) }
      #expect(abs(difference - gradient) < 1e-8)
    }
  }

  @Test(arguments: Divergence.allCases)
  func `gradients with respect to probabilities are central differences`(
    divergence: Divergence
  ) throws {
    let known = try PenaltyCase("penalty_ragged_m30_n7")
    let penalty = try known.penalty(divergence)
    let witness = SharedWitness(known["lambda_in"])
    let (τ, ρ) = (known["tau"], known["rho"])
    let gradients = try penalty.gradients(
      of: [1], fine: τ, coarse: ρ, as: .probabilities, witness: witness)
    for (index, gradient) in gradients.fine.enumerated() {
      let difference = try centralDifference(of: τ, index, step: 1e-5 * τ[index]) {
        try penalty.values(fine: $0, coarse: ρ, as: .probabilities, witness: witness).mean
      }
      #expect(abs(difference - gradient) < 1e-6 * max(1, abs(gradient)))
    }
    for (index, gradient) in gradients.coarse.enumerated() {
      let difference = try centralDifference(of: ρ, index, step: 1e-5 * ρ[index]) {
        try penalty.values(fine: τ, coarse: $0, as: .probabilities, witness: witness).mean
      }
      #expect(abs(difference - gradient) < 1e-6 * max(1, abs(gradient)))
    }
  }

  @Test func `a batch gives each sample what it gets alone`() throws {
    let batch = try BatchOfThree()
    for divergence in Divergence.allCases {
      let penalty = try batch.penalty(divergence)
      let values = try penalty.values(
        fine: batch.fine, coarse: batch.coarse, as: .potentials, witness: batch.witness)
      let gradients = try penalty.gradients(
        of: [1, 1, 1], fine: batch.fine, coarse: batch.coarse, as: .potentials,
        witness: batch.witness)
      for index in 0..<3 {
        let alone = try penalty.values(
          fine: batch.fineMap(index), coarse: batch.coarseMap(index), as: .potentials,
          witness: SharedWitness(batch.multiplier(index)))
        #expect(alone.values == [values.values[index]])
        let gradient = try penalty.gradients(
          of: [1], fine: batch.fineMap(index), coarse: batch.coarseMap(index), as: .potentials,
          witness: SharedWitness(batch.multiplier(index)))
        #expect(gradient.fine == Array(gradients.fine[index * 64..<(index + 1) * 64]))
        #expect(gradient.coarse == Array(gradients.coarse[index * 16..<(index + 1) * 16]))
        #expect(gradient.witness == Array(gradients.witness[index * 16..<(index + 1) * 16]))
      }
      #expect(values.mean == values.values.reduce(0, +) / 3)
    }
  }

  @Test func `a shared map receives the sum of what an amortized one receives by sample`() throws {
    let batch = try BatchOfThree()
    let penalty = try batch.penalty(.coarseFromFine)
    let shared = SharedWitness(batch.multiplier(0))
    let amortized = try AmortizedWitness(
      batch.multiplier(0) + batch.multiplier(0) + batch.multiplier(0), coarseCount: 16)
    let values = try penalty.values(
      fine: batch.fine, coarse: batch.coarse, as: .potentials, witness: shared)
    let together = try penalty.gradients(
      of: values.meanCotangents, fine: batch.fine, coarse: batch.coarse, as: .potentials,
      witness: shared)
    let apart = try penalty.gradients(
      of: values.meanCotangents, fine: batch.fine, coarse: batch.coarse, as: .potentials,
      witness: amortized)
    #expect(together.fine == apart.fine)
    let sums = (0..<16).map { cell in
      (0..<3).reduce(0.0) { $0 + apart.witness[$1 * 16 + cell] }
    }
    #expect(maximumAbsoluteDifference(together.witness, sums) < 1e-16)
  }

  @Test func `alpha scales values and gradients`() throws {
    let known = try PenaltyCase("penalty_8x8_4x4_mild")
    let (φ, ψ) = (known["phi_f"], known["phi_c"])
    let witness = SharedWitness(known["lambda_in"])
    let once = try known.penalty()
    let tenfold = try WitnessPenalty(known.marginalization)
    #expect(tenfold.alpha == 10)
    #expect(tenfold.divergence == .coarseFromFine)
    let value = try tenfold.values(fine: φ, coarse: ψ, as: .potentials, witness: witness).mean
    #expect(relativeDifference(value, 10 * known.number("kl_pq")) < 1e-14)
    let gradient = try tenfold.gradients(
      of: [1], fine: φ, coarse: ψ, as: .potentials, witness: witness)
    let unscaled = try once.gradients(
      of: [10], fine: φ, coarse: ψ, as: .potentials, witness: witness)
    #expect(gradient == unscaled)
  }

  @Test func `one bad sample costs the others nothing`() throws {
    let batch = try BatchOfThree()
    let penalty = try batch.penalty(.fineFromCoarse)
    var fine = batch.fine
    fine[64 + 5] = .nan
    let values = try penalty.values(
      fine: fine, coarse: batch.coarse, as: .potentials, witness: batch.witness)
    let sound = try penalty.values(
      fine: batch.fine, coarse: batch.coarse, as: .potentials, witness: batch.witness)
    #expect(values.errors == [1: .notANumber(operand: "fine", index: 5)])
    #expect(values.values[1].isNaN && values.mean.isNaN)
    #expect(values.values[0] == sound.values[0] && values.values[2] == sound.values[2])
    #expect(
      throws: DualLayerError.sample(1, .notANumber(operand: "fine", index: 5))
    ) {
      try penalty.gradients(
        of: [1, 1, 1], fine: fine, coarse: batch.coarse, as: .potentials, witness: batch.witness)
    }
    let rest = try penalty.gradients(
      of: [1, 0, 1], fine: fine, coarse: batch.coarse, as: .potentials, witness: batch.witness)
    let known = try penalty.gradients(
      of: [1, 0, 1], fine: batch.fine, coarse: batch.coarse, as: .potentials,
      witness: batch.witness)
    #expect(rest == known)
  }

  @Test func `a witness that is not finite is an error of its sample`() throws {
    let batch = try BatchOfThree()
    var multipliers = batch.witness.values
    multipliers[2 * 16 + 3] = .infinity
    multipliers[1] = .nan
    let values = try batch.penalty(.coarseFromFine).values(
      fine: batch.fine, coarse: batch.coarse, as: .potentials,
      witness: try AmortizedWitness(multipliers, coarseCount: 16))
    #expect(
      values.errors == [
        0: .notANumber(operand: "witness", index: 1),
        2: .infinite(operand: "witness", index: 3),
      ])
  }

  @Test func `arrays that are no batch are refused`() throws {
    let batch = try BatchOfThree()
    let penalty = try batch.penalty(.coarseFromFine)
    let shared = SharedWitness<Double>(coarseCount: 16)
    func values(
      _ fine: [Double], _ coarse: [Double], _ witness: some DualWitness<Double>
    ) throws -> PenaltyValues {
      try penalty.values(fine: fine, coarse: coarse, as: .potentials, witness: witness)
    }
    #expect(throws: DualLayerError.raggedBatch(operand: "fine", cells: 64, actual: 0)) {
      try values([], batch.coarse, shared)
    }
    #expect(throws: DualLayerError.raggedBatch(operand: "fine", cells: 64, actual: 65)) {
      try values([Double](repeating: 0, count: 65), batch.coarse, shared)
    }
    #expect(throws: DualLayerError.raggedBatch(operand: "coarse", cells: 16, actual: 17)) {
      try values(batch.fine, [Double](repeating: 0, count: 17), shared)
    }
    #expect(
      throws: DualLayerError.sampleCountMismatch(operand: "coarse", expected: 3, actual: 2)
    ) {
      try values(batch.fine, Array(batch.coarse.prefix(32)), shared)
    }
    #expect(throws: DualLayerError.witnessSize(expected: 16, actual: 15)) {
      try values(batch.fine, batch.coarse, SharedWitness(coarseCount: 15))
    }
    #expect(
      throws: DualLayerError.sampleCountMismatch(operand: "witness", expected: 3, actual: 1)
    ) {
      try values(
        batch.fine, batch.coarse, try AmortizedWitness(batch.multiplier(0), coarseCount: 16))
    }
    #expect(throws: DualLayerError.raggedBatch(operand: "witness", cells: 16, actual: 17)) {
      try AmortizedWitness([Double](repeating: 0, count: 17), coarseCount: 16)
    }
  }

  @Test func `windows that do not share mass fully and a factor that is no number are refused`()
    throws
  {
    let average = try Marginalization(matrix: [[0.5, 0.5]], fineCount: 2)
    #expect(throws: DualLayerError.notColumnStochastic) { try WitnessPenalty(average) }
    #expect(throws: DualLayerError.notColumnStochastic) {
      try Reparameterization(
        at: SharedWitness([0.0]), fine: [0, 0], coarse: [0], as: .potentials, on: average)
    }
    let pooling = try Marginalization(fine: [4, 4], coarse: [2, 2])
    #expect(throws: DualLayerError.invalidAlpha(0)) { try WitnessPenalty(pooling, alpha: 0) }
    #expect(throws: DualLayerError.invalidAlpha(-.infinity)) {
      try WitnessPenalty(pooling, alpha: -.infinity)
    }
  }
}
