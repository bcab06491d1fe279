import ConvexKit
import DualLayer
import Explanations
import KLProjection
import Networks
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@Suite struct RefusalTests {
  /// A network made of one closure, with one weight.
  private struct Scaled: Module {
    let weight = Parameter(Tensor([1, -2, 0.5], shape: [3, 1]))
    let norm = BatchNorm2D(channels: 1)
  }

  private static func network(
    isTraining: Bool = false, _ compute: @escaping @Sendable (Tensor, Tensor) -> Tensor
  ) -> ExplainedNetwork {
    let module = Scaled()
    module.setTraining(isTraining)
    return ExplainedNetwork(module, imageShape: [1, 2, 2]) { images in
      let means = images.mean(axes: [2, 3])
      return .init(scores: compute(means.linear(module.weight.value), images))
    }
  }

  @Test func `every method has a rule or a stated refusal for every primitive`() {
    for name in Primitives.names {
      #expect(DeepLIFT.verdict(name) != nil, "DeepLIFT: \(name)")
      #expect(LRP.verdict(name) != nil, "LRP: \(name)")
      for case .refusal(let reason)? in [DeepLIFT.verdict(name), LRP.verdict(name)] {
        #expect(!reason.isEmpty)
      }
    }
    #expect(DeepLIFT.verdict("a primitive of somebody else") == nil)
    #expect(LRP.verdict("a primitive of somebody else") == nil)
  }

  @Test func `a primitive without a rule is named when the explainer is made`() throws {
    let cube = Primitive<Void>(
      name: "cube", forward: { inputs, _ in .init(inputs[0] * inputs[0] * inputs[0]) },
      pullback: { application, _, dy in [3 * application.inputs[0] * application.inputs[0] * dy] })
    let network = Self.network { scores, _ in cube(scores) }
    let reason = "the method does not know it"
    #expect(
      throws: ExplanationError.noRule(
        method: "DeepLIFT", primitive: "cube", path: nil, reason: reason)
    ) { try DeepLIFT(network) }
    #expect(
      throws: ExplanationError.noRule(
        method: "LRP", primitive: "cube", path: nil, reason: reason)
    ) { try LRP(network) }
    // Gradients have the primitive's own rule: f = w³ m³ for the mean m of four ones.
    let explanation = try GradientTimesInput(network)
      .explain(Tensor(repeating: 1, shape: [1, 1, 2, 2]), target: .classes([1]))
    #expect(maximumAbsoluteDifference(explanation.attribution.elements, [-6, -6, -6, -6]) <= 1e-5)
    #expect(explanation.scores == [-8])
  }

  @Test func `probabilities, losses and programs are refused with the reason`() throws {
    let loss = Self.network { scores, _ in scores.crossEntropy([0]).reshaped([1, 1]) }
    #expect(
      throws: ExplanationError.noRule(
        method: "DeepLIFT", primitive: "cross_entropy", path: nil,
        reason: "it belongs to a loss; explain the scores")
    ) { try DeepLIFT(loss) }
    let probabilities = Self.network { scores, _ in scores.softmax() }
    #expect(throws: Never.self) { try DeepLIFT(probabilities) }
    #expect(
      throws: ExplanationError.noRule(
        method: "LRP", primitive: "softmax", path: nil,
        reason: "relevance reaches it other than as a gate; explain the scores before softmax")
    ) { try LRP(probabilities) }
    let quotient = Self.network { scores, _ in Tensor(1) / scores.exp() }
    #expect(
      throws: ExplanationError.noRule(
        method: "LRP", primitive: "divide", path: nil,
        reason: "only its divisor depends on the images")
    ) { try LRP(quotient) }
    let weights = Self.network { scores, images in
      scores.linear(images.reshaped([4, 1]).matrixProduct(Tensor(repeating: 1, shape: [1, 3])))
    }
    for make in [
      { _ = try DeepLIFT(weights) }, { _ = try LRP(weights) },
    ] as [() throws -> Void] {
      let error = #expect(throws: ExplanationError.self, performing: make)
      #expect(error?.description.contains("linear: its weights depend on the images") == true)
    }
  }

  @Test func `a network in training is refused, also when it is put there later`() throws {
    let training = Self.network(isTraining: true) { scores, _ in scores }
    #expect(throws: ExplanationError.inTraining(layer: "norm.mode")) {
      try GradientTimesInput(training)
    }
    var generator = SeededGenerator(seed: 2)
    let model = UNetEncoder(.init(channels: 1, features: 2, size: [16, 16]), using: &generator)
    model.setTraining(false)
    let explainer = try GradCAM(ExplainedNetwork(model), layer: "encoder4")
    model.setTraining(true)
    #expect(throws: ExplanationError.self) {
      try explainer.explain(Tensor(repeating: 1, shape: [1, 1, 16, 16]), target: .predicted)
    }
    // A batch norm that the module does not own is found on the tape.
    let other = BatchNorm2D(channels: 1)
    let network = ExplainedNetwork(
      Linear(inputs: 1, outputs: 1, using: &generator), imageShape: [1, 2, 2]
    ) {
      .init(scores: other($0).mean(axes: [2, 3]))
    }
    #expect(throws: ExplanationError.inTraining(layer: "batch_norm")) {
      try GradientTimesInput(network)
    }
  }

  @Test func `images, classes, baselines and layers that do not fit are refused`() throws {
    let network = Self.network { scores, _ in scores }
    let explainer = try DeepLIFT(network)
    let images = Tensor(repeating: 1, shape: [2, 1, 2, 2])
    #expect(
      throws: ExplanationError.shapeMismatch(
        operand: "images", expected: [2, 1, 2, 2], actual: [2, 1, 2, 3])
    ) { try explainer.explain(Tensor(repeating: 1, shape: [2, 1, 2, 3]), target: .predicted) }
    #expect(throws: ExplanationError.targetCount(expected: 2, actual: 1)) {
      try explainer.explain(images, target: .classes([0]))
    }
    #expect(throws: ExplanationError.noSuchClass(index: 3, count: 3)) {
      try explainer.explain(images, target: .classes([0, 3]))
    }
    let nan = Tensor([1, 1, 1, 1, 1, .nan, 1, 1], shape: [2, 1, 2, 2])
    #expect(throws: ExplanationError.nonFiniteScore(sample: 1)) {
      try explainer.explain(nan, target: .predicted)
    }
    let baseline = Tensor(repeating: 0, shape: [3, 1, 2, 2])
    #expect(
      throws: ExplanationError.shapeMismatch(
        operand: "baseline", expected: [2, 1, 2, 2], actual: [3, 1, 2, 2])
    ) {
      try DeepLIFT(network, baseline: .image(baseline)).explain(images, target: .predicted)
    }
    let broken = Baseline.image(Tensor(repeating: .nan, shape: [1, 1, 2, 2]))
    for explainer in [
      try DeepLIFT(network, baseline: broken), try IntegratedGradients(network, baseline: broken),
    ] as [any Explainer] {
      #expect(throws: ExplanationError.nonFiniteScore(sample: 0)) {
        try explainer.explain(images, target: .predicted)
      }
    }
    #expect(throws: ExplanationError.unknownLayer(path: "layer9", known: ["weight"])) {
      try GradCAM(network, layer: "layer9")
    }
    #expect(throws: ExplanationError.noCells(path: "weight", shape: [1, 3])) {
      try GradCAM(network, layer: "weight")
    }
    #expect(
      throws: ExplanationError.shapeMismatch(
        operand: "noise", expected: [2, 1, 2, 2], actual: [1, 1, 2, 2])
    ) {
      try SmoothGrad(network, noise: .given([Tensor(repeating: 0, shape: [1, 1, 2, 2])]))
        .explain(images, target: .predicted)
    }
  }

  @Test func `noisy copies refuse the target, and name the image, as one copy does`() throws {
    let images = Tensor([1, 1, 1, 1, 0, 0, 0, 0], shape: [2, 1, 2, 2])
    func smoothed(_ network: ExplainedNetwork, _ target: Target) throws {
      _ = try SmoothGrad(network, noise: .normal(deviation: 1e-3, copies: 3, seed: 1))
        .explain(images, target: target)
    }
    let network = Self.network { scores, _ in scores }
    #expect(throws: ExplanationError.targetCount(expected: 2, actual: 1)) {
      try smoothed(network, .classes([0]))
    }
    #expect(throws: ExplanationError.noSuchClass(index: 3, count: 3)) {
      try smoothed(network, .classes([0, 3]))
    }
    let nan = Tensor([1, 1, 1, 1, 1, .nan, 1, 1], shape: [2, 1, 2, 2])
    #expect(throws: ExplanationError.nonFiniteScore(sample: 1)) {
      try SmoothGrad(network, noise: .given([images - images, nan])).explain(
        images, target: .classes([0, 0]))
    }
  }

  @Test func `settings outside their range are refused`() {
    let network = Self.network { scores, _ in scores }
    func message(_ make: () throws -> Void) -> String? {
      let error = #expect(throws: ExplanationError.self, performing: make)
      return error?.description
    }
    #expect(
      message { _ = try LRP(network, composite: .uniform(.epsilon(0))) }
        == "epsilon is 0.0 and must be positive")
    #expect(
      message { _ = try LRP(network, composite: .uniform(.gamma(-1))) }
        == "gamma is -1.0 and must be at least 0")
    #expect(
      message { _ = try LRP(network, composite: .uniform(.alphaBeta(alpha: 1, beta: 1))) }
        == "alpha, beta is 1.0, 1.0 and must be alpha − beta = 1, beta at least 0")
    #expect(
      message { _ = try IntegratedGradients(network, quadrature: .trapezoid, points: 1) }
        == "points is 1 and must be at least 2")
    #expect(
      message { _ = try SmoothGrad(network, noise: .normal(deviation: 1, copies: 0, seed: 1)) }
        == "copies is 0 and must be at least 1")
  }
}
