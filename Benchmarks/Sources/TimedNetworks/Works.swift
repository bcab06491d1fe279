import ConvexKit
import KLProjection
import Networks
import WeightsAndBatch

/// What is timed, by name; `Peers/network_works.py` has the same for PyTorch.
enum Works {
  /// α of Eq. 6.
  private static let alpha = 10.0

  static func named(_ name: String, _ file: WeightsAndBatch) throws -> any NetworkWork {
    // Works do not hold the file: its weights are not in memory beside the copy of them.
    let (images, labels) = (file.images, file.labels)
    switch name {
    case "resnet50-training":
      let model = try resNet50(file)
      return TrainingWork(model) { model(images).logits.crossEntropy(labels) }
    case "resnet50-bfloat16-training":
      let model = try resNet50(file)
      return TrainingWork(model) {
        withPrecision(.bfloat16) { model(images).logits }.crossEntropy(labels)
      }
    case "resnet50-inference":
      let model = try resNet50(file)
      model.setTraining(false)
      return InferenceWork { model(images).logits }
    case "gated-resnet50-training":
      return try gatedTraining(
        try loaded(
          file, { ResNet(.init(classes: 3, size: file.size), using: &$0) }), file)
    case "unet-training":
      return try gatedTraining(try unet(file), file)
    case "unet-frozen-training":
      let model = try unet(file)
      model.freezeBackbone()
      return try gatedTraining(model, file)
    case "unet-bfloat16-inference":
      let model = try unet(file)
      model.setTraining(false)
      return InferenceWork { withPrecision(.bfloat16) { model(images).logits } }
    case "vit-training":
      let model = try visionTransformer(file)
      return TrainingWork(model) { model(images).logits.crossEntropy(labels) }
    case "vit-inference":
      let model = try visionTransformer(file)
      return InferenceWork { model(images).logits }
    default: throw BadRequest(text: name)
    }
  }

  private static func visionTransformer(_ file: WeightsAndBatch) throws -> VisionTransformer {
    try loaded(
      file, { VisionTransformer(.init(classes: 1000, size: file.size), using: &$0) })
  }

  private static func resNet50(_ file: WeightsAndBatch) throws -> ResNet {
    try loaded(
      file, { ResNet(ResNet.Settings(classes: 1000, size: file.size).ungated, using: &$0) })
  }

  private static func unet(_ file: WeightsAndBatch) throws -> UNetEncoder {
    try loaded(file, { UNetEncoder(.init(size: file.size), using: &$0) })
  }

  private static func loaded<Model: Module>(
    _ file: WeightsAndBatch, _ make: (inout SeededGenerator) -> Model
  ) throws -> Model {
    var generator = SeededGenerator(seed: 1, name: "weights")
    let model = make(&generator)
    try model.load(file.weights)
    return model
  }

  /// Cross-entropy and α times Eq. 6 at the learned λ.
  private static func gatedTraining(
    _ model: some GatedClassifier, _ file: WeightsAndBatch
  ) throws -> TrainingWork {
    var consistency: ConsistentAttention?
    let (images, labels) = (file.images, file.labels)
    return TrainingWork(model) {
      let output = model(images)
      guard let fine = output.fine, let coarse = output.coarse, let witness = model.witness else {
        throw BadRequest(text: "the network has no gates")
      }
      let known =
        try consistency
        ?? ConsistentAttention(
          Marginalization(
            fine: Array(fine.map.shape.suffix(2)), coarse: Array(coarse.map.shape.suffix(2))),
          alpha: alpha)
      consistency = known
      return output.logits.crossEntropy(labels)
        + known.witnessPenalty(fine: fine, coarse: coarse, witness: witness.value)
    }
  }
}
