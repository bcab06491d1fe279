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

  #if !DEBUG
    @Test(arguments: try ReferenceData.cases("full", "vit_base"))
    func `at full size values and attention are timm's`(_ reference: FixtureCase) throws {
      let (model, images) = (try Self.model(reference), try reference.input("x"))
      _ = try withoutRecording { try Self.expectValues(reference, of: model, images) }
    }
  #endif

  /// A small network for images of 16×24.
  private static func small(size: [Int] = [16, 24], classes: Int = 3) -> VisionTransformer {
    var generator = SeededGenerator(seed: 1)
    let settings = VisionTransformer.Settings(
      patch: 8, width: 12, depth: 2, heads: 3, classes: classes, size: size)
    return VisionTransformer(settings, using: &generator)
  }

  @Test func `names and their order are timm's`() {
    let names = Self.small().namedParameters().map(\.name)
    let block = [
      "norm1.weight", "norm1.bias", "attn.qkv.weight", "attn.qkv.bias", "attn.proj.weight",
      "attn.proj.bias", "norm2.weight", "norm2.bias", "mlp.fc1.weight", "mlp.fc1.bias",
      "mlp.fc2.weight", "mlp.fc2.bias",
    ]
    let ends = ["norm.weight", "norm.bias", "head.weight", "head.bias"]
    let starts = ["cls_token", "pos_embed", "patch_embed.proj.weight", "patch_embed.proj.bias"]
    #expect(names == starts + (0..<2).flatMap { k in block.map { "blocks.\(k).\($0)" } } + ends)
  }

  @Test func `weights start as timm's`() throws {
    var generator = SeededGenerator(seed: 1)
    let settings = VisionTransformer.Settings(
      patch: 8, width: 192, depth: 1, heads: 3, classes: 100, size: [64, 64])
    let model = VisionTransformer(settings, using: &generator)
    func deviation(_ parameter: Networks.Parameter) -> Float {
      let x = parameter.value.elements
      return (x.reduce(0) { $0 + $1 * $1 } / Float(x.count)).squareRoot()
    }
    let block = model.blocks[0]
    for weight in [block.attn.qkv, block.attn.proj, block.mlp.fc1, block.mlp.fc2, model.head] {
      #expect(abs(deviation(weight.weight) - 0.02) < 4e-4)
      #expect(weight.bias?.value.elements.allSatisfy { $0 == 0 } == true)
    }
    #expect(abs(deviation(model.posEmbed) - 0.02) < 4e-4)
    #expect(abs(deviation(model.clsToken) - 1e-6) < 2e-7)
    // Uniform between ±1/√(3·8·8), whose deviation is 1/√3 of that.
    #expect(abs(deviation(model.patchEmbed.proj.weight) - 1 / Float(3 * 192).squareRoot()) < 1e-3)
    #expect(block.norm1.epsilon == 1e-6)
  }

  @Test func `attention and tokens are returned where they are asked for`() {
    let model = Self.small()
    let images = Tensor(repeating: 0.5, shape: [2, 3, 16, 24])
    let plain = model(images)
    #expect(plain.attention.isEmpty && plain.stages.isEmpty && plain.maps.isEmpty)
    let output = model(images, keepingAttention: true, keepingStages: true)
    let difference = (output.logits - plain.logits).elements.map(abs).max() ?? .nan
    #expect(difference < 1e-6)
    #expect(output.attention.map(\.shape) == [[2, 3, 7, 7], [2, 3, 7, 7]])
    for attention in output.attention {
      #expect(attention.sum(axes: [-1]).elements.allSatisfy { abs($0 - 1) < 1e-5 })
    }
    #expect(output.stages["blocks.1"]?.shape == [2, 7, 12])
  }

  @Test func `gradients are the same whether other tokens of the last block are computed or not`()
    throws
  {
    let model = Self.small()
    var generator = SeededGenerator(seed: 2)
    let images = Tensor.normal([2, 3, 16, 24], using: &generator)
    let (short, full) = (
      model(images).logits.crossEntropy([1, 2]).pullBack(),
      model(images, keepingAttention: true).logits.crossEntropy([1, 2]).pullBack()
    )
    for (name, parameter) in model.namedParameters() {
      let (a, b) = (try #require(short[parameter]), try #require(full[parameter]))
      let scale = b.elements.map(abs).max() ?? .nan
      let difference = (a - b).elements.map(abs).max() ?? .nan
      #expect(difference <= 1e-5 * max(scale, 1e-3), "\(name)")
    }
  }

  @Test func `images of another size get resized positions, which train`() throws {
    let model = Self.small()
    var generator = SeededGenerator(seed: 3)
    let output = model(.normal([1, 3, 24, 16], using: &generator))
    #expect(output.logits.shape == [1, 3])
    let gradients = output.logits.crossEntropy([1]).pullBack()
    #expect(try #require(gradients[model.posEmbed]).shape == [1, 7, 12])
    let positions = model.positions(for: [3, 2])
    #expect(positions.shape == [1, 7, 12])
    #expect(positions.elements.prefix(12) == model.posEmbed.value.elements.prefix(12))
    #expect(positions.elements != model.posEmbed.value.elements)
  }

  @Test func `fine-tuning with frozen blocks moves only norm and head, and lowers the loss`() {
    let model = Self.small()
    model.freezeBackbone()
    #expect(
      Set(model.namedParameters().filter(\.parameter.isTrainable).map(\.name))
        == ["norm.weight", "norm.bias", "head.weight", "head.bias"])
    model.unfreeze()
    let optimizer = Adam(model.namedParameters(), learningRate: 1e-2)
    var generator = SeededGenerator(seed: 4)
    let images = Tensor.normal([4, 3, 16, 24], using: &generator)
    var losses: [Float] = []
    for _ in 0..<24 {
      let loss = model(images).logits.crossEntropy([0, 1, 2, 0])
      losses.append(loss.item)
      model.clearGradients()
      loss.backward()
      optimizer.step()
    }
    #expect(losses[23] < 0.2 * losses[0])
  }

  @Test func `images that patches do not divide are refused`() async {
    await #expect(processExitsWith: .failure) {
      var generator = SeededGenerator(seed: 1)
      _ = VisionTransformer(.init(classes: 2, size: [100, 224]), using: &generator)
    }
  }
}
