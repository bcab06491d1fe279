import ConvexKit
import Networks
import TestSupport
import Testing

@Suite struct UNetEncoderTests {
  /// The network of a case, with its reference weights.
  static func model(_ reference: FixtureCase) throws -> UNetEncoder {
    let description = try ReferenceModel(of: reference)
    let about = description.about
    var settings = UNetEncoder.Settings(
      channels: try #require(about["channels"]?.int),
      features: try #require(about["features"]?.int), classes: try #require(about["classes"]?.int),
      size: try #require(about["size"]?.ints))
    let embed = try #require(about["embed"]?.int)
    settings.fineGate = Gate.Settings(embed: embed)
    settings.coarseGate = Gate.Settings(embed: embed)
    var generator = SeededGenerator(seed: 0)
    let model = UNetEncoder(settings, using: &generator)
    try model.load(try description.state())
    return model
  }

  @Test(
    arguments: try ReferenceData.cases("models", "unet4.").filter { $0.attrs["steps"] == nil })
  func `values, gradients and running statistics are PyTorch's`(_ reference: FixtureCase) throws {
    try GatedReference(model: Self.model(reference), reference: reference)
      .expectValuesAndGradients()
  }

  #if !DEBUG
    @Test(arguments: try ReferenceData.cases("full", "unet32_"))
    func `at full size values and gradients are PyTorch's`(_ reference: FixtureCase) throws {
      try GatedReference(model: Self.model(reference), reference: reference).expectFullSize()
    }
  #endif

  @Test(arguments: try ReferenceData.cases("models", "unet4.adam10"))
  func `ten steps of Adam go where PyTorch's go`(_ reference: FixtureCase) throws {
    let model = try Self.model(reference)
    try GatedReference(model: model, reference: reference)
      .expectTenSteps(last: model.bottleneck.norm2) { model.freezeBackbone(movingStatistics: $0) }
  }

  @Test func `parameters have the published names, and no others`() throws {
    let reference = try #require(try ReferenceData.cases("models", "unet4.eval").first)
    let model = try Self.model(reference)
    #expect(try Set(model.state.keys) == Set(ReferenceModel(of: reference).state().keys))
  }

  @Test func `a gate can be left out, on either side or both`() {
    for (hasFine, hasCoarse) in [(true, false), (false, true), (false, false)] {
      var settings = UNetEncoder.Settings(channels: 1, features: 2, classes: 3, size: [16, 24])
      if !hasFine { settings.fineGate = nil }
      if !hasCoarse { settings.coarseGate = nil }
      settings.hasMarginals = false
      var generator = SeededGenerator(seed: 3)
      let model = UNetEncoder(settings, using: &generator)
      let output = model(Tensor(repeating: 0.5, shape: [2, 1, 16, 24]))
      #expect(output.logits.shape == [2, 3])
      #expect(output.fine?.map.shape == (hasFine ? [2, 4, 6] : nil))
      #expect(output.coarse?.map.shape == (hasCoarse ? [2, 2, 3] : nil))
      #expect(model.namedParameters().contains { $0.name.hasPrefix("tau_k") } == hasFine)
    }
  }

  @Test func `the same seed makes the same network, another seed another`() {
    func elements(_ seed: UInt64) -> [Float] {
      var generator = SeededGenerator(seed: seed)
      let settings = UNetEncoder.Settings(channels: 1, features: 2, size: [16, 16])
      return UNetEncoder(settings, using: &generator).parameters.flatMap { $0.value.elements }
    }
    #expect(elements(5) == elements(5))
    #expect(elements(5) != elements(6))
  }
}
