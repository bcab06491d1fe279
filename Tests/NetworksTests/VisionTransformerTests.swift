import ConvexKit
import Networks
import TestSupport
import Testing

@Suite struct VisionTransformerTests {
  /// The network of a case, with its reference weights.
  static func model(_ reference: FixtureCase) throws -> VisionTransformer {
    let description = try ReferenceModel(of: reference)
    let about = description.about
    let size = try #require(reference.inputs["x"]).shape.suffix(2)
    let settings = VisionTransformer.Settings(
      patch: try #require(about["patch"]?.int), width: try #require(about["dim"]?.int),
      depth: try #require(about["depth"]?.int), heads: try #require(about["heads"]?.int),
      classes: try #require(about["classes"]?.int), size: Array(size))
    var generator = SeededGenerator(seed: 0)
    let model = VisionTransformer(settings, using: &generator)
    try model.load(try description.state())
    return model
  }

  /// Compares the values of a forward pass; returns the loss.
  static func expectValues(
    _ reference: FixtureCase, of model: VisionTransformer, _ images: Tensor
  ) throws -> Tensor {
    let output = model(images, keepingAttention: true)
    let total = output.logits.crossEntropy(try reference.integers("target"))
    try reference.expect("logits", output.logits)
    try reference.expect("features", output.features)
    try reference.expect("total", total)
    // The class token's row of the last block: its weight on the patches and on itself.
    let row = try #require(output.attention.last).sliced(axis: 2, 0..<1)
    let onPatches = row.sliced(axis: 3, 1..<row.shape[3]).mean(axes: [1])
    let grid = try #require(reference.outputs["attention_cls"]).shape
    try reference.expect("attention_cls", onPatches.reshaped(grid))
    let onItself = row.sliced(axis: 3, 0..<1)
    try reference.expect("attention_cls_self", onItself.reshaped([row.shape[0], row.shape[1]]))
    return total
  }

  @Test(arguments: try ReferenceData.cases("full", "vit_tiny"))
  func `values, attention and gradients are PyTorch's`(_ reference: FixtureCase) throws {
    let model = try Self.model(reference)
    let images = try reference.input("x").differentiable()
    let loss = try Self.expectValues(reference, of: model, images)
    let gradients = loss.pullBack()
    try reference.expectGradients(gradients, of: model, input: images)
    try reference.expectSampledGradients(gradients, of: model)
  }
}
