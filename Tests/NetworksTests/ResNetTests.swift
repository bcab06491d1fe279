import ConvexKit
import Networks
import TestSupport
import Testing

@Suite struct ResNetTests {
  /// The network of a case, with its reference weights.
  private static func model(_ reference: FixtureCase) throws -> ResNet {
    let description = try ReferenceModel(of: reference)
    let about = description.about
    let size = try #require(reference.inputs["x"]).shape.suffix(2)
    let settings = ResNet.Settings(
      blocks: about["layers"]?.ints ?? [3, 4, 6, 3], width: about["width"]?.int ?? 64,
      classes: try #require(about["classes"]?.int), size: Array(size),
      stages: about["gates"] == nil ? [] : [3, 4],
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

  #if !DEBUG
    @Test(arguments: try ReferenceData.cases("full", "resnet50_"))
    func `at full size ResNet-50 is torchvision's`(_ reference: FixtureCase) throws {
      let model = try Self.model(reference)
      model.setTraining(reference.attrs["training"]?.bool == true)
      let output = model(try reference.input("x"), keepingStages: true)
      try reference.expectScores(output, model)
      for (name, stage) in output.stages { try reference.expectMoments(of: stage, name) }
      let loss = output.logits.crossEntropy(try reference.integers("target"))
      try reference.expect("total", loss)
      try reference.expectSampledGradients(loss.pullBack(releasing: true), of: model)
    }

    @Test(arguments: try ReferenceData.cases("full", "gated_resnet50_"))
    func `at full size the gated ResNet-50 is PyTorch's`(_ reference: FixtureCase) throws {
      try GatedReference(model: Self.model(reference), reference: reference).expectFullSize()
    }
  #endif

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

  /// A small network with gates after the given stages.
  private static func gated(_ stages: [Int], size: [Int] = [64, 96]) -> ResNet {
    var generator = SeededGenerator(seed: 2)
    let settings = ResNet.Settings(
      blocks: [1, 1, 1, 1], width: 2, classes: 3, size: size, stages: stages)
    return ResNet(settings, using: &generator)
  }

  @Test(arguments: [
    ([1, 2], ["tau_k", "tau_l"]), ([2, 4], ["tau_k", "tau_l"]), ([2], ["tau_k"]), ([4], ["tau_l"]),
    ([1, 2, 3, 4], ["tau_k", "tau_2", "tau_3", "tau_l"]),
  ])
  func `gates stand after any stages`(_ stages: [Int], _ names: [String]) {
    let model = Self.gated(stages)
    let output = model(Tensor(repeating: 0.5, shape: [2, 3, 64, 96]), keepingStages: true)
    let all = Set(model.namedParameters().map(\.name))
    #expect(names.allSatisfy { all.contains($0 + ".w1.weight") })
    #expect(all.filter { $0.hasPrefix("tau_") }.count == 4 * names.count)
    for (map, stage) in zip(output.maps, stages) {
      let features = output.stages["layer\(stage)"]
      #expect(map.map.shape == [2] + (features?.shape.suffix(2) ?? []))
    }
    #expect(output.maps.count == stages.count)
    #expect((output.fine != nil) == names.contains("tau_k"))
    #expect((output.coarse != nil) == names.contains("tau_l"))
    #expect(model.witness?.shape == (stages.count == 2 ? [1, 1] + model.settings.grids[1] : nil))
  }

  @Test func `neighbouring gates have a witness each, and all of them train together`() throws {
    let model = Self.gated([2, 3, 4])
    var generator = SeededGenerator(seed: 1)
    let output = model(.normal([2, 3, 64, 96], using: &generator))
    let chain = try #require(model.marginals)
    #expect(chain.pairs.map(\.lamb.shape) == [[1, 1, 4, 6], [1, 1, 2, 3]])
    #expect(model.witness?.shape == nil)
    let consistency = try ConsistentHierarchy(grids: model.settings.grids)
    let penalty = consistency.witnessPenalty(
      output.maps, witnesses: chain.pairs.map(\.lamb.value))
    let gradients = (penalty + consistency.exactPenalty(output.maps)).pullBack()
    for name in [
      "tau_k.w1.weight", "tau_3.w1.weight", "tau_l.w1.weight", "marginals.0.lamb",
      "marginals.1.lamb",
    ] {
      let parameter = try #require(model.namedParameters().first { $0.name == name }).parameter
      let gradient = try #require(gradients[parameter], "\(name)")
      #expect(gradient.elements.contains { $0 != 0 }, "\(name)")
    }
  }

  @Test(arguments: [[33, 47], [224, 224], [1, 1]])
  func `images of any size have the grids of their maps`(_ size: [Int]) {
    let settings = ResNet.Settings(blocks: [1, 1, 1, 1], width: 2, classes: 2, size: size)
    var single = settings
    single.hasMarginals = false
    var generator = SeededGenerator(seed: 2)
    let model = ResNet(single, using: &generator)
    model.setTraining(false)
    let output = model(Tensor(repeating: 0.5, shape: [1, 3] + size))
    #expect(output.maps.map { Array($0.map.shape.dropFirst()) } == settings.grids)
  }

  @Test func `a witness of maps that do not nest is refused`() async {
    await #expect(processExitsWith: .failure) {
      var generator = SeededGenerator(seed: 2)
      let settings = ResNet.Settings(blocks: [1, 1, 1, 1], width: 2, classes: 2, size: [72, 64])
      _ = ResNet(settings, using: &generator)
    }
  }
}
