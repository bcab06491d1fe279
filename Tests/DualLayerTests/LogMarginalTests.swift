import ConvexKit
import DualLayer
import KLProjection
import TestSupport
import Testing

@Suite struct LogMarginalTests {
  @Test(arguments: ["penalty_8x8_4x4_peaky", "penalty_8x8_4x4_tent3", "penalty_8x8_4x4_zero_block"])
  func `the logarithms are those of A tau`(name: String) throws {
    let known = try PenaltyCase(name)
    let logs = try LogMarginal(known.marginalization).values(potentials: known["phi_f"])
    let marginal = known.marginalization.marginal(of: known["tau"])
    #expect(maximumAbsoluteDifference(logs.map { Double.exp($0) }, marginal) < 1e-14)
    #expect(zip(logs, marginal).allSatisfy { ($0 == -.infinity) == ($1 == 0) })
  }

  @Test(arguments: ["penalty_8x8_4x4_peaky", "penalty_8x8_4x4_tent3"])
  func `the pullback is central differences`(name: String) throws {
    let known = try PenaltyCase(name)
    let log = try LogMarginal(known.marginalization)
    var generator = SeededGenerator(seed: 3, name: "log marginal")
    let dy = (0..<16).map { _ in generator.normal() }
    let gradient = try log.pullBack(dy, potentials: known["phi_f"])
    for index in gradient.indices {
      let difference = try centralDifference(of: known["phi_f"], index) { φ in
        zip(try log.values(potentials: φ), dy).reduce(0) { $0 + $1.0 * $1.1 }
      }
      #expect(abs(difference - gradient[index]) < 1e-8)
    }
  }

  @Test func `a bad sample is NaN and costs the others nothing`() throws {
    let batch = try BatchOfThree()
    let log = try LogMarginal(batch.marginalization)
    var fine = batch.fine
    fine[64] = .nan
    let (bad, good) = (try log.values(potentials: fine), try log.values(potentials: batch.fine))
    #expect(bad[16..<32].allSatisfy { $0.isNaN })
    #expect(bad[..<16] == good[..<16] && bad[32...] == good[32...])
    let dy = [Double](repeating: 1, count: 48)
    #expect(try log.pullBack(dy, potentials: fine)[64..<128].allSatisfy { $0.isNaN })
  }

  @Test func `arrays that are no batch are refused`() throws {
    let log = try LogMarginal(try Marginalization(fine: [4, 4], coarse: [2, 2]))
    #expect(throws: DualLayerError.raggedBatch(operand: "fine", cells: 16, actual: 15)) {
      try log.values(potentials: [Double](repeating: 0, count: 15))
    }
    #expect(
      throws: DualLayerError.sampleCountMismatch(operand: "coarse", expected: 1, actual: 2)
    ) {
      try log.pullBack(
        [Double](repeating: 0, count: 8), potentials: [Double](repeating: 0, count: 16))
    }
    let average = try Marginalization(matrix: [[0.5, 0.5]], fineCount: 2)
    #expect(throws: DualLayerError.notColumnStochastic) { try LogMarginal(average) }
  }
}
