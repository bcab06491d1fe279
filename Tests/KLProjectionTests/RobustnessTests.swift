import ConvexKit
import KLProjection
import TestSupport
import Testing

/// Data that break what works on ordinary ones.
struct RobustnessTests {
  static let weights = [(1.0, 1.0), (0.1, 3), (3, 0.1), (1, 100), (100, 1)]

  @Test(arguments: RandomInstance.Family.allCases, weights)
  func `potentials from −690 to 0 are solved to full precision`(
    _ family: RandomInstance.Family, _ weights: (Double, Double)
  ) throws {
    for seed in 70..<74 as Range<UInt64> {
      var instance = try RandomInstance(family, seed: seed, spread: -1)
      instance.weights = try ProjectionWeights(fine: weights.0, coarse: weights.1)
      try expectSolved(instance)
      instance.settings.method = .newton
      try expectSolved(instance)
    }
  }

  @Test(arguments: [RandomInstance.Family.tent3, .tent4, .shares], weights)
  func `mild and peaky data take few Newton steps`(
    _ family: RandomInstance.Family, _ weights: (Double, Double)
  ) throws {
    for seed in 80..<84 as Range<UInt64> {
      for spread in [1.0, 6] {
        var instance = try RandomInstance(family, seed: seed, spread: spread)
        instance.weights = try ProjectionWeights(fine: weights.0, coarse: weights.1)
        let result = try instance.project()
        #expect(result.status == .solved && result.iterations <= 12)
        if weights.1 <= weights.0 { #expect(result.iterations <= 6) }
      }
    }
  }

  @Test func `large overlapping grids take no more steps than small ones`() throws {
    for spread in [1.0, 6] {
      let result = try RandomInstance(.tent3, seed: 85, spread: spread, side: 32).project()
      #expect(result.status == .solved && result.iterations <= 6)
      #expect(result.residual < 1e-15 && abs(result.gap) < 1e-12)
    }
  }

  @Test(arguments: [RandomInstance.Family.grid, .tent3])
  func `nothing underflows, and constants do not matter`(_ family: RandomInstance.Family) throws {
    var instance = try RandomInstance(family, seed: 86, spread: 1)
    let plain = try instance.project()
    // A spread that no Double can exponentiate, far from zero.
    for cell in instance.fine.indices { instance.fine[cell] = 3000 * instance.fine[cell] + 1e5 }
    for cell in instance.coarse.indices {
      instance.coarse[cell] = 3000 * instance.coarse[cell] - 1e5
    }
    let result = try instance.project()
    #expect(result.status == .solved)
    #expect(!result.logFine.contains { !$0.isFinite } && !result.witness.contains { !$0.isFinite })
    #expect(result.fineSupport == plain.fineSupport)
    let gradient = try result.pullBack(
      fine: instance.direction.fine, coarse: instance.direction.coarse)
    #expect(gradient.fine.allSatisfy { $0.isFinite } && gradient.coarse.allSatisfy { $0.isFinite })
  }

  @Test(arguments: RandomInstance.Family.allCases, [1.0, 6])
  func `a constant of the potentials takes no digits`(
    _ family: RandomInstance.Family, _ spread: Double
  ) throws {
    // Multiples of 2⁻²⁰, so that 2²⁰ can be added without rounding.
    var instance = try RandomInstance(family, seed: 87, spread: spread)
    func rounded(_ values: [Double]) -> [Double] {
      values.map { ($0 * 0x1p20).rounded() * 0x1p-20 }
    }
    (instance.fine, instance.coarse) = (rounded(instance.fine), rounded(instance.coarse))
    let plain = try instance.project()
    for cell in instance.fine.indices { instance.fine[cell] += 0x1p20 }
    for cell in instance.coarse.indices { instance.coarse[cell] -= 0x1p20 }
    let moved = try instance.project()
    #expect(moved.status == plain.status)
    for (a, b) in zip(moved.logFine + moved.logCoarse, plain.logFine + plain.logCoarse) {
      #expect(a == b || abs(a - b) <= 1e-13)
    }
    #expect(maximumAbsoluteDifference(moved.fine, plain.fine) <= 1e-14)
    #expect(maximumAbsoluteDifference(moved.coarse, plain.coarse) <= 1e-14)
    #expect(moved.optimum == plain.optimum || abs(moved.optimum - plain.optimum) <= 1e-13)
  }

  @Test func `the smallest grids are solved`() throws {
    let one = try MarginalProjection(fine: [1, 1], coarse: [1, 1]).project(
      fine: [3.0], coarse: [0.2])
    #expect(one[0].fine == [1] && one[0].coarse == [1] && one[0].optimum == 0)
    for method in [ProjectionSettings.Method.automatic, .newton] {
      let settings = ProjectionSettings(method: method)
      let row = try MarginalProjection(fine: [1, 4], coarse: [1, 1], settings: settings).project(
        fine: [1.0, 2, 3, 4], coarse: [5])[0]
      #expect(maximumAbsoluteDifference(row.fine, [0.1, 0.2, 0.3, 0.4]) < 1e-16)
      #expect(row.coarse == [1] && abs(row.optimum) < 1e-15 && row.witness == [0])
      // m = 1, two coarse cells: one is empty.
      let empty = try MarginalProjection(
        Marginalization(labels: [1], coarseCount: 2), settings: settings
      ).project(fine: [1.0], coarse: [0.75, 0.25])[0]
      #expect(empty.coarse == [0, 1] && abs(empty.optimum - Double.log(4)) < 1e-15)
    }
  }

  @Test func `blocks of more than two cells a side make hierarchies`() throws {
    let hierarchy = try HierarchyProjection(
      shapes: [[18, 12], [6, 4], [2, 1]], weights: [0.1, 3, 1])
    var random = SeededGenerator(seed: 87)
    let maps = hierarchy.sizes.map { size in (0..<size).map { _ in -690 * random.uniform() } }
    let result = try hierarchy.project(maps, as: .potentials)[0]
    #expect(result.status == .solved && result.residual < 1e-15)
    #expect(abs(result.gap) < 1e-12 * result.optimum)
  }

  @Test func `an optimum near zero is accurate relative to itself`() throws {
    // ρ is the marginal of τ but for one part in 10⁵: the optimum is about 10⁻¹¹.
    for family in [RandomInstance.Family.grid, .tent3] {
      let instance = try RandomInstance(family, seed: 88, spread: 1)
      let fine = instance.fine.map { Double.exp($0) }
      let ρ = instance.marginalization.marginal(of: fine)
      func optimum(_ step: Double) throws -> Double {
        try instance.projection.project(
          fine: fine, coarse: zip(ρ, instance.direction.coarse).map { $0 * (1 + step * $1) }
        )[0].optimum
      }
      // Quadratic in the step up to the next order.
      let (small, large) = (try optimum(1e-7), try optimum(1e-5))
      #expect(small > 0 && abs(small / large * 1e4 - 1) < 1e-4)
    }
  }

  private func expectSolved(_ instance: RandomInstance) throws {
    let result = try instance.project()
    #expect(result.status == .solved)
    #expect(abs(result.gap) < 1e-11 * (1 + result.optimum))
    // The optimality conditions, recomputed from λ: log (Aμ)_i − log ν_i = 0 wherever there is mass.
    let scale = result.witness.reduce(700) { max($0, abs($1)) }
    let (w_f, w_c) = (instance.weights.fine, instance.weights.coarse)
    #expect(result.residual < 1e-15 * scale / min(w_f, w_c, 1))
    let marginal = instance.marginalization.marginal(of: result.fine)
    #expect(maximumAbsoluteDifference(result.coarse, marginal) < 1e-15)
    let spread = instance.marginalization.spread(result.witness)
    let support = result.fineSupport
    let constants = zip(zip(instance.fine, spread), zip(result.logFine, support))
      .filter { $0.1.1 }.map { $0.1.0 - ($0.0.0 - $0.0.1 / w_f) }
    #expect(spreadOf(constants) < 1e-13 * scale / min(w_f, 1))
    let others = zip(
      zip(instance.coarse, result.witness), zip(result.logCoarse, result.coarseSupport)
    )
    .filter { $0.1.1 }.map { $0.1.0 - ($0.0.0 + $0.0.1 / w_c) }
    #expect(spreadOf(others) < 1e-13 * scale / min(w_c, w_f, 1))
  }

  private func spreadOf(_ values: [Double]) -> Double {
    (values.max() ?? 0) - (values.min() ?? 0)
  }
}
