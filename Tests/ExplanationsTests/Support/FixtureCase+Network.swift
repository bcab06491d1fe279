import ConvexKit
import Explanations
import Networks
import TestSupport
import Testing

extension FixtureCase {
  /// The network of this case with its reference weights, in evaluation.
  func network(isFused: Bool = true) throws -> ExplainedNetwork {
    let description = try ReferenceModel(of: self)
    let (about, state) = (description.about, try description.state())
    let channels = try about["channels"]?.int ?? #require(inputs["x"]).shape[1]
    let classes = try #require(about["classes"]?.int)
    let size = try #require(about["size"]?.ints)
    var generator = SeededGenerator(seed: 0)
    switch about["kind"]?.string {
    case "plain":
      let model = PlainNetwork(
        channels: channels, widths: try #require(about["widths"]?.ints), classes: classes,
        size: size, isFused: isFused)
      try model.load(state)
      model.setTraining(false)
      return ExplainedNetwork(model, imageShape: [channels] + size) { model.output($0) }
    case "unet_encoder without gates":
      var settings = UNetEncoder.Settings(
        channels: channels, features: try #require(about["features"]?.int), classes: classes,
        size: size)
      (settings.fineGate, settings.coarseGate, settings.hasMarginals) = (nil, nil, false)
      let model = UNetEncoder(settings, using: &generator)
      try model.load(state)
      model.setTraining(false)
      return ExplainedNetwork(model)
    case "resnet without gates":
      let settings = ResNet.Settings(
        channels: channels, blocks: try #require(about["layers"]?.ints),
        width: try #require(about["width"]?.int), classes: classes, size: size)
      let model = ResNet(settings.ungated, using: &generator)
      try model.load(state)
      model.setTraining(false)
      return ExplainedNetwork(model)
    default: throw UnknownModel(kind: about["kind"]?.string)
    }
  }

  /// With which values of `isFused` the network of this case is another one on the tape.
  var fusions: [Bool] { model == "xai_plain" ? [true, false] : [true] }

  /// The classes that are explained.
  var target: Target { get throws { .classes(try integers("target")) } }

  /// `scale` times the values that the rule gives a name.
  func ruled(_ name: String, _ scale: Float, shape: [Int]) throws -> Tensor {
    let elements = try referenceSet().rule.elements(name, .input, count: shape.reduce(1, *))
    // Scaled in double and rounded once.
    return Tensor(elements.map { Float(Double(scale) * Double($0)) }, shape: shape)
  }

  /// The baseline that the case names.
  func baseline(like x: Tensor) throws -> Baseline {
    let text = try #require(attrs["baseline"]?.string)
    if text == "zeros" { return .zero }
    let parts = text.split(separator: "'")
    let scale = try #require(text.split(separator: " ").first.flatMap { Float($0) })
    return .image(try ruled(String(parts[1]), scale, shape: x.shape))
  }

  /// Whether a result is the reference's, within the case's tolerance.
  func agrees(_ name: String, _ actual: Tensor) throws -> Bool {
    let tolerance = try #require(outputs[name]?.tol, "\(id)/\(name) has no tolerance")
    let (a, b) = (actual.elements.map(Double.init), try stored(name).elements.map(Double.init))
    return maximumAbsoluteDifference(a, b) <= tolerance.abs
      && euclideanDifference(a, b) <= tolerance.l2
  }

  /// Expects one number per sample to be the reference's.
  func expect(
    _ name: String, _ numbers: [Double], sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try expect(name, numbers.map { Float($0) }, sourceLocation: sourceLocation)
  }
}

/// A model of the reference data that these tests cannot build.
struct UnknownModel: Error {
  let kind: String?
}
