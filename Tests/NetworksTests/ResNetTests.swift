import ConvexKit
import Networks
import TestSupport
import Testing

@Suite struct ResNetTests {
  /// The network of a case, with its reference weights.
  private static func model(_ reference: FixtureCase) throws -> ResNet {
    let description = try ReferenceModel(of: reference)
    let about = description.about
    let settings = ResNet.Settings(
      blocks: try #require(about["layers"]?.ints), width: try #require(about["width"]?.int),
      classes: try #require(about["classes"]?.int), size: try #require(about["size"]?.ints),
      gatesInSeries: about["gates"]?.string == "cascade" ? 2 : 1)
    var generator = SeededGenerator(seed: 0)
    let model = ResNet(settings, using: &generator)
    try model.load(try description.state())
    return model
  }

  @Test(
    arguments: try ReferenceData.cases("models", "resnet").filter { $0.attrs["steps"] == nil })
  func `values, gradients and running statistics are PyTorch's`(_ reference: FixtureCase) throws {
    try GatedReference(model: Self.model(reference), reference: reference)
      .expectValuesAndGradients()
  }

  @Test(
    arguments: try ReferenceData.cases("models", "resnet").filter { $0.attrs["steps"] != nil })
  func `ten steps of Adam go where PyTorch's go`(_ reference: FixtureCase) throws {
    // With two threads oneDNN adds weight gradients up in another order, and on some processors an
    // activation then ends on the other side of a ReLU: a jump that no tolerance is meant for.
    try withOneThread {
      let model = try Self.model(reference)
      try GatedReference(model: model, reference: reference)
        .expectTenSteps(last: try #require(model.layer4.last).bn3) {
          model.freezeBackbone(movingStatistics: $0)
        }
    }
  }

  @Test func `without gates the names are torchvision's`() {
    var generator = SeededGenerator(seed: 1)
    let settings = ResNet.Settings(blocks: [1, 2, 1, 1], width: 2, classes: 3, size: [64, 64])
    let model = ResNet(settings.ungated, using: &generator)
    let names = model.namedParameters().map(\.name)
    #expect(names.first == "conv1.weight")
    #expect(names.contains("layer2.1.conv2.weight"))
    #expect(names.contains("layer2.0.downsample.0.weight"))
    #expect(names.contains("layer2.0.downsample.1.bias"))
    #expect(!names.contains { $0.hasPrefix("layer2.1.downsample") || $0.hasPrefix("tau") })
    let output = model(Tensor(repeating: 0.5, shape: [1, 3, 64, 64]))
    #expect(output.logits.shape == [1, 3])
    #expect(output.fine?.map.shape == nil)
    #expect(output.coarse?.map.shape == nil)
  }
}
