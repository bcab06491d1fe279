import ConvexKit
import Explanations
import Networks
import TestSupport
import Testing

/// Small networks of every kind, in evaluation, and images for them.
enum ExampleNetwork: String, CaseIterable {
  case unet, gatedUNet, gatedResNet, cascade, transformer

  func make() -> (network: ExplainedNetwork, images: Tensor) {
    var generator = SeededGenerator(seed: 11, name: rawValue)
    switch self {
    case .transformer:
      let (model, images) = TransformerExample.make()
      return (ExplainedNetwork(model), images)
    case .unet, .gatedUNet:
      var settings = UNetEncoder.Settings(
        channels: 2, features: 2, classes: 3, size: [32, 32], gain: true)
      if self == .unet {
        (settings.fineGate, settings.coarseGate, settings.hasMarginals) = (nil, nil, false)
      }
      let model = UNetEncoder(settings, using: &generator)
      Self.settle(model, using: &generator)
      return (ExplainedNetwork(model), .normal([2, 2, 32, 32], using: &generator))
    case .gatedResNet, .cascade:
      let settings = ResNet.Settings(
        blocks: [1, 1, 1, 1], width: 2, classes: 3, size: [32, 32],
        gatesInSeries: self == .cascade ? 2 : 1, gain: true)
      let model = ResNet(settings, using: &generator)
      Self.settle(model, using: &generator)
      return (ExplainedNetwork(model), .normal([2, 3, 32, 32], using: &generator))
    }
  }

  /// Gives batch norms weights, biases and statistics unlike those they start with, and puts the
  /// network into evaluation.
  static func settle(_ model: some Module, using generator: inout SeededGenerator) {
    for (name, parameter) in model.namedParameters()
    where name.contains("norm") || name.contains("bn") {
      let noise = Tensor.normal(parameter.shape, using: &generator)
      parameter.value = parameter.value + 0.2 * noise
    }
    // PyTorch's convolutions let activations fade where no batch statistics scale them up.
    for (name, parameter) in model.namedParameters() where name.contains("conv") {
      parameter.value = 2 * parameter.value
    }
    for (name, buffer) in model.namedBuffers() where name.hasSuffix("running_mean") {
      buffer.tensor = 0.2 * Tensor.normal(buffer.tensor.shape, using: &generator)
    }
    model.setTraining(false)
  }
}

/// What methods promise, on networks with residual sums, gates, attention and layer norms.
@Suite struct CompletenessTests {
  @Test(arguments: ExampleNetwork.allCases)
  func `DeepLIFT is complete for a blank baseline and a given one`(_ example: ExampleNetwork) throws
  {
    let (network, images) = example.make()
    var generator = SeededGenerator(seed: 5)
    let given = Tensor.normal(images.shape, using: &generator)
    let one = Tensor.normal([1] + images.shape.dropFirst(), using: &generator)
    for baseline in [.zero, .image(given), .image(one)] as [Baseline] {
      let explanation = try DeepLIFT(network, baseline: baseline)
        .explain(images, target: .classes([2, 0]))
      let sums = try #require(explanation.completeness)
      let scale = sums.promised.reduce(1e-2) { max($0, abs($1)) }
      #expect(sums.largestGap <= 1e-4 * scale, "\(example.rawValue)")
      #expect(sums.promised.contains { abs($0) > 1e-3 })
      #expect(sums.absorbed == [0, 0])
    }
  }

  @Test(arguments: ExampleNetwork.allCases)
  func `LRP accounts for the whole score`(_ example: ExampleNetwork) throws {
    let (network, images) = example.make()
    let explanation = try LRP(network).explain(images, target: .classes([2, 0]))
    let sums = try #require(explanation.completeness)
    let scale = zip(sums.total, sums.absorbed).reduce(1e-2) { max($0, abs($1.0), abs($1.1)) }
    #expect(sums.largestGap <= 1e-4 * scale, "\(example.rawValue)")
    #expect(sums.absorbed.contains { abs($0) > 1e-3 * scale })
  }

  @Test(arguments: ExampleNetwork.allCases)
  func `integrated gradients approach completeness with more points`(
    _ example: ExampleNetwork
  ) throws {
    let (network, images) = example.make()
    func gap(_ points: Int) throws -> Double {
      let explanation = try IntegratedGradients(network, points: points)
        .explain(images, target: .classes([2, 0]))
      return try #require(explanation.completeness).largestGap
    }
    #expect(try gap(32) <= max(0.3 * gap(2), 1e-4), "\(example.rawValue)")
  }

  @Test(arguments: ExampleNetwork.allCases)
  func `explanations of a batch are those of its images`(_ example: ExampleNetwork) throws {
    let (network, images) = example.make()
    let explainers: [any Explainer] = [
      try GradientTimesInput(network), try DeepLIFT(network), try LRP(network),
      try IntegratedGradients(network, points: 3),
    ]
    for explainer in explainers {
      let both = try explainer.explain(images, target: .classes([2, 0]))
      let second = try explainer.explain(
        images.sliced(axis: 0, 1..<2), target: .classes([0]))
      let expected = both.attribution.sliced(axis: 0, 1..<2).elements
      let scale = expected.reduce(0) { max($0, abs($1)) }
      #expect(
        maximumAbsoluteDifference(second.attribution.elements, expected) <= 1e-3 * scale,
        "\(explainer.name), \(example.rawValue)")
      #expect(abs(second.scores[0] - both.scores[1]) <= 1e-5 * max(1, abs(both.scores[1])))
    }
  }
}
