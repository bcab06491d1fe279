#if !DEBUG
  import ConvexKit
  import Explanations
  import Networks
  import TestSupport
  import Testing

  /// What methods promise, on the networks of the paper at full size.
  @Suite(.serialized) struct FullSizeTests {
    @Test func `DeepLIFT and LRP account for the score of the gated ResNet-50`() throws {
      var generator = SeededGenerator(seed: 21, name: "gated ResNet-50")
      let model = ResNet(.init(classes: 3, size: [224, 224], gain: true), using: &generator)
      model.setTraining(true)
      let images = Tensor.normal([2, 3, 224, 224], using: &generator)
      // One pass in training gives the batch norms statistics that fit.
      withoutRecording { _ = model(images) }
      model.setTraining(false)
      try Self.expectComplete(ExplainedNetwork(model), images.sliced(axis: 0, 0..<1))
    }

    @Test func `DeepLIFT and LRP account for the score of the U-Net encoder`() throws {
      var generator = SeededGenerator(seed: 22, name: "U-Net encoder")
      let model = UNetEncoder(.init(size: [128, 128], gain: true), using: &generator)
      let images = Tensor.normal([2, 4, 128, 128], using: &generator)
      withoutRecording { _ = model(images) }
      model.setTraining(false)
      try Self.expectComplete(ExplainedNetwork(model), images.sliced(axis: 0, 0..<1))
    }

    @Test func `DeepLIFT and LRP account for the score of ViT-B/16`() throws {
      var generator = SeededGenerator(seed: 23, name: "ViT-B/16")
      let model = VisionTransformer(.init(classes: 3), using: &generator)
      model.setTraining(false)
      try Self.expectComplete(
        ExplainedNetwork(model), .normal([1, 3, 224, 224], using: &generator))
    }

    private static func expectComplete(_ network: ExplainedNetwork, _ images: Tensor) throws {
      for explainer in [try DeepLIFT(network), try LRP(network)] as [any Explainer] {
        let explanation = try explainer.explain(images, target: .classes([1]))
        let sums = try #require(explanation.completeness)
        let scale = max(1e-2, abs(sums.promised[0]), abs(sums.total[0]), abs(sums.absorbed[0]))
        #expect(sums.largestGap <= 1e-3 * scale, "\(explainer.name): \(sums)")
        #expect(explanation.attribution.shape == images.shape)
      }
    }
  }
#endif
