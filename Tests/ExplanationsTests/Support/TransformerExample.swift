import ConvexKit
import Networks

/// A small vision transformer whose attention is far from uniform, and two images.
enum TransformerExample {
  static func make() -> (model: VisionTransformer, images: Tensor) {
    var generator = SeededGenerator(seed: 7, name: "transformer")
    let settings = VisionTransformer.Settings(
      patch: 8, width: 16, depth: 2, heads: 2, classes: 3, size: [16, 24])
    let model = VisionTransformer(settings, using: &generator)
    for parameter in model.parameters where parameter.shape.count > 1 {
      parameter.value = 10 * parameter.value
    }
    for block in model.blocks {
      block.norm1.bias.value = .normal([16], using: &generator)
      block.attn.qkv.bias?.value = .normal([48], using: &generator)
    }
    model.setTraining(false)
    return (model, .normal([2, 3, 16, 24], using: &generator))
  }
}
