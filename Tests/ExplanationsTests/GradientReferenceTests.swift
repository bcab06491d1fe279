import ConvexKit
import Explanations
import Networks
import TestSupport
import Testing

/// The gradient methods against captum's values.
@Suite struct GradientReferenceTests {
  @Test(arguments: try ReferenceData.cases("xai", methods: "forward"))
  func `networks score as in the reference`(_ reference: FixtureCase) throws {
    let network = try reference.network()
    let x = try reference.input("x")
    let explainer = try GradientTimesInput(network)
    let explanation = try explainer.explain(x, target: reference.target)
    try reference.expect("score", explanation.scores)
    try reference.expect("logits", try network.output(x).scores)
    let zero = Tensor(repeating: 0, shape: [1] + x.shape.dropFirst())
    try reference.expect("logits_at_zero", try network.output(zero).scores)
  }

  @Test(arguments: try ReferenceData.cases("xai", methods: "gradcam"))
  func `GradCAM is captum's, upsampled too`(_ reference: FixtureCase) throws {
    let network = try reference.network()
    let x = try reference.input("x")
    let layer = try #require(reference.attrs["layer"]?.string)
    let signed = try GradCAM(network, layer: layer, isSigned: true)
    try reference.expect(
      "channel_weight", try signed.channelWeights(x, target: reference.target))
    let raw = try signed.explain(x, target: reference.target).attribution
    let map = try GradCAM(network, layer: layer).explain(x, target: reference.target).attribution
    try reference.expect("raw", raw)
    try reference.expect("relu", map)
    let size = Array(x.shape.suffix(2))
    try reference.expect("raw_bilinear", raw.resized(to: size, mode: .bilinear))
    try reference.expect("raw_nearest", raw.resized(to: size, mode: .nearest))
    try reference.expect("relu_bilinear", map.resized(to: size, mode: .bilinear))
  }

  @Test(arguments: try ReferenceData.cases("xai", methods: "input_x_gradient"))
  func `gradient times input is captum's`(_ reference: FixtureCase) throws {
    let network = try reference.network()
    let x = try reference.input("x")
    for (name, multiplies) in [("gradient", false), ("attribution", true)] {
      let explainer = try GradientTimesInput(network, multipliesByInputs: multiplies)
      try reference.expect(name, try explainer.explain(x, target: reference.target).attribution)
    }
  }

  @Test(
    arguments: try ReferenceData.longCases(
      "xai", methods: "integrated_gradients", "integrated_gradients_baseline"))
  func `integrated gradients are captum's`(_ reference: FixtureCase) throws {
    let network = try reference.network()
    let x = try reference.input("x")
    let names: [(String, PathQuadrature)] = [
      ("gausslegendre", .gaussLegendre), ("riemann_left", .riemannLeft),
      ("riemann_middle", .riemannMiddle), ("riemann_right", .riemannRight),
      ("riemann_trapezoid", .riemannTrapezoid),
    ]
    for (name, quadrature) in names where reference.outputs[name] != nil {
      func explain(_ x: Tensor) throws -> Explanation {
        try IntegratedGradients(
          network, baseline: reference.baseline(like: x), quadrature: quadrature,
          points: try #require(reference.attrs["n_steps"]?.int)
        ).explain(x, target: reference.target)
      }
      // Where two cells of a pool's window differ by less than a convolution rounds, either may be
      // the larger one: then the value is the reference's for an image one unit in the last place
      // away, within the same tolerance.
      var generator = SeededGenerator(seed: 1, name: name)
      var explanation = try explain(x)
      for _ in 0..<12 where try !reference.agrees(name, explanation.attribution) {
        let nudges = Tensor.normal(x.shape, using: &generator).elements
        let nudged = zip(x.elements, nudges).map { $1 > 0 ? $0.nextUp : $0.nextDown }
        explanation = try explain(Tensor(nudged, shape: x.shape))
      }
      try reference.expect(name, explanation.attribution)
      try reference.expect(name + "_delta", try #require(explanation.completeness).gaps)
    }
  }

  @Test(arguments: try ReferenceData.cases("xai", methods: "smoothgrad"))
  func `SmoothGrad with the same noise is the reference's`(_ reference: FixtureCase) throws {
    let network = try reference.network()
    let x = try reference.input("x")
    let rule = try #require(reference.attrs["noise"]?.string?.split(separator: "'")[1])
    let noise = try (0..<(try #require(reference.attrs["samples"]?.int))).map {
      try reference.ruled(rule.dropLast() + "\($0)", 0.2, shape: x.shape)
    }
    for (name, multiplies) in [("mean_gradient", false), ("mean_input_x_gradient", true)] {
      let explainer = try SmoothGrad(
        network, noise: .given(noise), multipliesByInputs: multiplies)
      let explanation = try explainer.explain(x, target: reference.target)
      try reference.expect(name, explanation.attribution)
      // The score is the copies' mean.
      var mean = explanation.classes.map { _ in Float(0) }
      for copy in noise {
        let scores = try network.output(x + copy).scores
        for (sample, index) in explanation.classes.enumerated() {
          mean[sample] += scores.elements[sample * scores.shape[1] + index] / Float(noise.count)
        }
      }
      for (a, b) in zip(explanation.scores, mean) { #expect(abs(a - b) <= 1e-5 * max(1, abs(b))) }
    }
  }
}
