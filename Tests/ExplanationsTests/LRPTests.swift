import ConvexKit
import Explanations
import Networks
import TestSupport
import Testing

@Suite struct LRPTests {
  @Test(arguments: try ReferenceData.cases("xai", methods: "lrp"))
  func `the epsilon rule is captum's, and what biases take is accounted for`(
    _ reference: FixtureCase
  ) throws {
    let x = try reference.input("x")
    for isFused in reference.fusions {
      let explanation = try LRP(reference.network(isFused: isFused))
        .explain(x, target: reference.target)
      try reference.expect("attribution", explanation.attribution)
      try reference.expect("score", explanation.scores)
      let sums = try #require(explanation.completeness)
      try reference.expect("delta", zip(sums.promised, sums.total).map { $0 - $1 })
      #expect(sums.largestGap <= 2e-5)
      #expect(sums.absorbed.contains { abs($0) > 1e-3 })
    }
  }

  @Test(
    arguments: [
      .uniform(.epsilon(0.1)), .uniform(.gamma(0.25)), .uniform(.alphaBeta(alpha: 2, beta: 1)),
      .uniform(.zPlus), .uniform(.flat), .epsilonPlusFlat(), .epsilonGamma(),
    ] as [RelevanceComposite])
  func `every rule conserves relevance up to what biases take`(
    _ composite: RelevanceComposite
  ) throws {
    for reference in try ReferenceData.longCases("xai", methods: "lrp") {
      let x = try reference.input("x")
      let explanation = try LRP(reference.network(), composite: composite)
        .explain(x, target: reference.target)
      let sums = try #require(explanation.completeness)
      let scale = zip(sums.total, sums.absorbed).reduce(1) { max($0, abs($1.0), abs($1.1)) }
      #expect(sums.largestGap <= 1e-4 * scale, "\(composite.name), \(reference.id)")
    }
  }
}
