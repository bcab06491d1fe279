import ConvexKit
import KLProjection
import TestSupport
import Testing

/// Independent ways to one answer.
struct AgreementTests {
  @Test(arguments: RandomInstance.Family.allCases.filter { $0.isPartition })
  func `Newton lands on the closed form`(_ family: RandomInstance.Family) throws {
    for seed in 0..<12 as Range<UInt64> {
      var instance = try RandomInstance(family, seed: seed, spread: [1, 6, -1][Int(seed % 3)])
      instance.weights = try [.unit, .init(fine: 0.1, coarse: 3), .init(fine: 3, coarse: 0.1)][
        Int(seed / 4)]
      if seed % 2 == 1 { instance.fine[7] = -.infinity }
      let closed = try instance.project()
      instance.settings.method = .newton
      let newton = try instance.project()
      #expect(closed.method == .closedForm && newton.method == .newton)
      #expect(newton.status == .solved && newton.iterations <= 2)
      #expect(maximumAbsoluteDifference(newton.fine, closed.fine) < 1e-13)
      #expect(maximumAbsoluteDifference(newton.coarse, closed.coarse) < 1e-13)
      #expect(relativeDifference(newton.optimum, closed.optimum) < 1e-13)
      let scale = closed.witness.reduce(1) { max($0, abs($1)) }
      #expect(maximumAbsoluteDifference(newton.witness, closed.witness) < 1e-13 * scale)
    }
  }

  @Test(arguments: RandomInstance.Family.allCases.filter { $0.isColumnStochastic })
  func `the scaling iteration converges to the same point`(_ family: RandomInstance.Family) throws {
    var instance = try RandomInstance(family, seed: 21, spread: 3)
    instance.weights = try ProjectionWeights(fine: 1.5, coarse: 1)
    let result = try instance.project()
    // λ ← λ + κ (log Aμ − log ν), nothing else.
    let κ = 1.5 / 2.5
    var λ = [Double](repeating: 0, count: instance.coarse.count)
    var μ: [Double] = []
    for _ in 0..<200 {
      let spread = instance.marginalization.spread(λ)
      let weights = zip(instance.fine, spread).map { Double.exp($0 - $1 / 1.5) }
      let total = weights.reduce(0, +)
      μ = weights.map { $0 / total }
      let q = instance.marginalization.marginal(of: μ)
      let p = zip(instance.coarse, λ).map { Double.exp($0 + $1) }
      for cell in λ.indices { λ[cell] += κ * (Double.log(q[cell]) - Double.log(p[cell])) }
    }
    #expect(maximumAbsoluteDifference(result.fine, μ) < 1e-14)
    #expect(
      maximumAbsoluteDifference(result.coarse, instance.marginalization.marginal(of: μ)) < 1e-14)
  }

  @Test(arguments: RandomInstance.Family.allCases)
  func `a batch is its samples, on one thread or two, to the bit`(
    _ family: RandomInstance.Family
  ) throws {
    let samples = try (0..<7 as Range<UInt64>).map {
      try RandomInstance(family, seed: 31, spread: [1, 6, 20][Int($0 % 3)]).moved(by: Double($0))
    }
    var projection = samples[0].projection
    let fine = samples.flatMap { $0.fine }
    let coarse = samples.flatMap { $0.coarse }
    func check<Scalar: ProjectionScalar>(_ fine: [Scalar], _ coarse: [Scalar]) throws {
      projection.settings.threads = 1
      let one = try projection.project(fine: fine, coarse: coarse, as: .potentials)
      let gradient = try one.pullBack(fine: fine, coarse: coarse)
      projection.settings.threads = 2
      let two = try projection.project(fine: fine, coarse: coarse, as: .potentials)
      #expect(one.fine == two.fine && one.coarse == two.coarse && one.summaries == two.summaries)
      #expect(try gradient == two.pullBack(fine: fine, coarse: coarse))
      let (m, n) = (fine.count / 7, coarse.count / 7)
      for index in 0..<7 {
        let cotangents = (
          Array(fine[index * m..<(index + 1) * m]), Array(coarse[index * n..<(index + 1) * n])
        )
        let alone = try projection.project(
          fine: cotangents.0, coarse: cotangents.1, as: .potentials)[0]
        #expect(alone.fine == one[index].fine && alone.coarse == one[index].coarse)
        #expect(alone.summary == one[index].summary && alone.witness == one[index].witness)
        #expect(alone.logFine == one[index].logFine && alone.logCoarse == one[index].logCoarse)
        let part = try alone.pullBack(fine: cotangents.0, coarse: cotangents.1)
        #expect(part.fine == Array(gradient.fine[index * m..<(index + 1) * m]))
        #expect(part.coarse == Array(gradient.coarse[index * n..<(index + 1) * n]))
      }
    }
    try check(fine, coarse)
    try check(fine.map { Float($0) }, coarse.map { Float($0) })
  }

  @Test func `one bad sample costs the others nothing`() throws {
    var random = SeededGenerator(seed: 41)
    let projection = try MarginalProjection(fine: [8, 8], coarse: [4, 4])
    func check<Scalar: ProjectionScalar>(_ type: Scalar.Type) throws {
      var fine = (0..<5 * 64).map { _ in Scalar(random.uniform() + 0.01) }
      let coarse = (0..<5 * 16).map { _ in Scalar(random.uniform() + 0.01) }
      let clean = try projection.project(fine: fine, coarse: coarse)
      fine[64 + 5] = .nan
      fine[3 * 64 + 6] = -1
      let batch = try projection.project(fine: fine, coarse: coarse)
      #expect(batch[1].status == .invalid(.notANumber(operand: "fine", index: 5)))
      #expect(batch[3].status == .invalid(.negative(operand: "fine", index: 6, value: -1)))
      for index in [0, 2, 4] {
        #expect(batch[index].fine == clean[index].fine)
        #expect(batch[index].summary == clean[index].summary)
      }
      #expect(batch[1].fine.allSatisfy { $0 == 0 } && batch[3].coarse.allSatisfy { $0 == 0 })
    }
    try check(Double.self)
    try check(Float.self)
  }

  @Test func `a good start saves iterations, and any start leads to the same point`() throws {
    let instance = try RandomInstance(.tent4, seed: 51, spread: 6)
    let cold = try instance.project()
    func warm(_ witness: [Double]) throws -> Projection<Double> {
      try instance.projection.project(
        fine: instance.fine, coarse: instance.coarse, as: .potentials, startingFrom: witness)[0]
    }
    let same = try warm(cold.witness)
    #expect(same.iterations <= 1 && same.status == .solved)
    let near = try warm(cold.witness.map { $0 + 0.01 * $0 })
    #expect(near.iterations < cold.iterations + 1)
    for start in [cold.witness.map { -5 * $0 }, cold.witness.map { _ in 1e3 }] {
      let far = try warm(start)
      #expect(far.status == .solved)
      #expect(maximumAbsoluteDifference(far.fine, cold.fine) < 1e-13)
      #expect(maximumAbsoluteDifference(far.witness, cold.witness) < 1e-11)
    }
    #expect(throws: ProjectionError.notANumber(operand: "witness", index: 0)) {
      try warm(cold.witness.map { _ in .nan })
    }
    #expect(
      throws: ProjectionError.shapeMismatch(operand: "witness", expected: [1, 16], actual: [3])
    ) { try warm([1, 2, 3]) }
  }

  @Test func `every sample of a batch can have a start of its own`() throws {
    let instance = try RandomInstance(.tent3, seed: 52, spread: 1)
    let other = instance.moved(by: 1)
    let fine = instance.fine + other.fine
    let coarse = instance.coarse + other.coarse
    let cold = try instance.projection.project(fine: fine, coarse: coarse, as: .potentials)
    let warm = try instance.projection.project(
      fine: fine, coarse: coarse, as: .potentials,
      startingFrom: cold[0].witness + cold[1].witness)
    for result in warm { #expect(result.iterations <= 1) }
  }
}
