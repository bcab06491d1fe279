import ConvexKit
import KLProjection
import TestSupport
import Testing

struct CertificateTests {
  @Test(arguments: KLCase.cases("penalty"))
  func `certificates of arbitrary multipliers match the reference`(_ item: KLCase) throws {
    let arrays = try item.arrays()
    let projection = try item.projection(arrays)
    let certificate = try projection.certificate(
      for: arrays["lambda_in"], fine: arrays["phi_f"], coarse: arrays["phi_c"], as: .potentials)
    func isNear(_ value: Double, _ name: String) throws -> Bool {
      relativeDifference(value, try arrays[name][0]) < 1e-12
    }
    #expect(try isNear(certificate.dualValue, "dual_objective"))
    #expect(try isNear(certificate.valueFromFine, "primal_from_mu"))
    if item.isPartition {
      #expect(try isNear(#require(certificate.valueFromCoarse), "primal_from_nu"))
    } else {
      #expect(certificate.valueFromCoarse == nil)
    }
    #expect(maximumAbsoluteDifference(certificate.fine, try arrays["mu_lambda"]) < 1e-13)
    #expect(maximumAbsoluteDifference(certificate.marginal, try arrays["q"]) < 1e-13)
    #expect(maximumAbsoluteDifference(certificate.coarse, try arrays["p"]) < 1e-13)
    #expect(
      maximumAbsoluteDifference(certificate.gradient, try arrays["grad_dual_lambda"]) < 1e-13)
    let result = try item.project(arrays)[0]
    #expect(try isNear(result.optimum, "optimum"))
    #expect(try isNear(result.optimum - certificate.dualValue, "gap"))
    #expect(maximumAbsoluteDifference(result.witness, try arrays["lambda_star"]) < 1e-12)
  }

  @Test(arguments: RandomInstance.Family.allCases)
  func `any multiplier brackets the optimum`(_ family: RandomInstance.Family) throws {
    for seed in 0..<10 as Range<UInt64> {
      var instance = try RandomInstance(family, seed: seed, spread: seed % 2 == 0 ? 1 : 6)
      instance.weights = try [.unit, .init(fine: 0.1, coarse: 3), .init(fine: 3, coarse: 0.1)][
        Int(seed % 3)]
      if seed > 5 { instance.fine[3] = -.infinity }
      if seed > 7 { instance.coarse[2] = -.infinity }
      let result = try instance.project()
      try #require(result.status == .solved)
      var random = SeededGenerator(seed: seed, name: "λ")
      let multipliers = result.witness.map { _ in 3 * random.normal() }
      let certificate = try instance.projection.certificate(
        for: multipliers, fine: instance.fine, coarse: instance.coarse, as: .potentials)
      let slack = 1e-12 * (1 + abs(result.optimum))
      #expect(certificate.dualValue <= result.optimum + slack)
      #expect(result.optimum <= certificate.upperBound + slack)
      #expect(certificate.upperBound < .infinity && certificate.gapBound >= -slack)
    }
  }

  @Test(arguments: RandomInstance.Family.allCases)
  func `the solution's own multiplier closes the bracket`(_ family: RandomInstance.Family) throws {
    let instance = try RandomInstance(family, seed: 11, spread: 6)
    let result = try instance.project()
    let certificate = try instance.projection.certificate(
      for: result.witness, fine: instance.fine, coarse: instance.coarse, as: .potentials)
    // Where cells are forced to zero their multipliers are infinite, and 0 proves less.
    if family != .windows { #expect(abs(certificate.gapBound) < 1e-12 * (1 + result.optimum)) }
    #expect(abs(certificate.valueFromFine - result.optimum) < 1e-11 * (1 + result.optimum))
  }

  @Test func `the bound from ν is KL(p‖q) and the bound from μ is KL(q‖p)`() throws {
    let instance = try RandomInstance(.grid, seed: 12, spread: 1)
    let certificate = try instance.projection.certificate(
      for: instance.direction.coarse, fine: instance.fine, coarse: instance.coarse,
      as: .potentials)
    func divergence(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + $1.0 * Double.log($1.0 / $1.1) }
    }
    let (p, q) = (certificate.coarse, certificate.marginal)
    let fromCoarse = try #require(certificate.valueFromCoarse)
    #expect(abs(fromCoarse - certificate.dualValue - divergence(p, q)) < 1e-13)
    #expect(abs(certificate.valueFromFine - certificate.dualValue - divergence(q, p)) < 1e-13)
    let gap = try instance.project().optimum - certificate.dualValue
    let affinity = zip(p, q).reduce(0) { $0 + ($1.0 * $1.1).squareRoot() }
    #expect(abs(gap + 2 * Double.log(affinity)) < 1e-13)
  }

  @Test func `certificates of a batch are those of its samples, wrong ones apart`() throws {
    let projection = try MarginalProjection(fine: [4], coarse: [2])
    let (good, bad) = ([0.1, 0.2, 0.3, 0.4], [0.1, -0.2, 0.3, 0.4])
    let certificates = try projection.certificates(
      for: [0.5, -0.5], fine: good + bad, coarse: [0.3, 0.7, 0.3, 0.7])
    let alone = try projection.certificate(for: [0.5, -0.5], fine: good, coarse: [0.3, 0.7])
    #expect(try certificates[0].get() == alone)
    #expect(throws: ProjectionError.negative(operand: "fine", index: 1, value: -0.2)) {
      try certificates[1].get()
    }
    #expect(throws: ProjectionError.notANumber(operand: "witness", index: 1)) {
      try projection.certificate(for: [0, .nan], fine: good, coarse: [0.3, 0.7])
    }
    #expect(throws: ProjectionError.infinite(operand: "witness", index: 0)) {
      try projection.certificate(for: [.infinity, 0], fine: good, coarse: [0.3, 0.7])
    }
  }
}
