import Explanations
import Networks
import TestSupport
import Testing

@Suite struct DeepLIFTTests {
  @Test(arguments: try ReferenceData.cases("xai", methods: "deeplift", "deeplift_baseline"))
  func `the rescale rule is the reference's, and complete`(_ reference: FixtureCase) throws {
    let x = try reference.input("x")
    let baseline = try reference.baseline(like: x)
    for isFused in reference.fusions {
      let network = try reference.network(isFused: isFused)
      let multipliers = try DeepLIFT(network, baseline: baseline, multipliesByInputs: false)
        .explain(x, target: reference.target)
      let explanation = try DeepLIFT(network, baseline: baseline)
        .explain(x, target: reference.target)
      try reference.expect("rescale_multiplier", multipliers.attribution)
      try reference.expect("rescale_attribution", explanation.attribution)
      try reference.expect("rescale_delta", try #require(explanation.completeness).gaps)
      #expect(multipliers.completeness == explanation.completeness)
    }
  }
}
