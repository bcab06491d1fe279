import ConvexKit
import KLProjection
import Testing

@Test func `a partition's projection is the weighted geometric mean of the marginals`() throws {
  var random = SeededGenerator(seed: 1)
  let projection = try MarginalProjection(fine: [4, 4], coarse: [2, 2])
  let fine = (0..<16).map { _ in random.uniform() }
  let coarse = (0..<4).map { _ in random.uniform() }
  let result = try projection.project(fine: fine, coarse: coarse)[0]
  #expect(result.status == .solved)
  let marginal = projection.marginalization.marginal(of: fine)
  let mean = zip(marginal, coarse).map { ($0 * $1).squareRoot() }
  for (ν, expected) in zip(result.coarse, mean) {
    #expect(abs(ν - expected / mean.reduce(0, +)) < 1e-15)
  }
  #expect(result.residual < 1e-15 && abs(result.gap) < 1e-15)
}
