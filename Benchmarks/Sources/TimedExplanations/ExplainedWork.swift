import ConvexKit
import Explanations
import KLProjection
import Networks
import WeightsAndBatch

/// A network, its images, and every method at the settings that `Peers/explanations.py` has.
struct ExplainedWork {
  private let network: ExplainedNetwork
  private let layer: String
  private let file: WeightsAndBatch

  static func named(_ name: String, _ file: WeightsAndBatch) throws -> ExplainedWork {
    switch name {
    case "resnet50":
      let model = try loaded(file) {
        ResNet(ResNet.Settings(classes: 1000, size: file.size).ungated, using: &$0)
      }
      return ExplainedWork(network: ExplainedNetwork(model), layer: "layer4", file: file)
    case "unet":
      var settings = UNetEncoder.Settings(features: 8, size: file.size)
      (settings.fineGate, settings.coarseGate, settings.hasMarginals) = (nil, nil, false)
      let model = try loaded(file) { UNetEncoder(settings, using: &$0) }
      return ExplainedWork(network: ExplainedNetwork(model), layer: "encoder4", file: file)
    case "gated-resnet50":
      let model = try loaded(file) { ResNet(.init(classes: 3, size: file.size), using: &$0) }
      return ExplainedWork(
        network: ExplainedNetwork(model), layer: "layer4", file: file)
    default: throw BadRequest(text: name)
    }
  }

  /// What a method computes from the images.
  func method(_ name: String) throws -> () throws -> Tensor {
    let explainer: any Explainer
    switch name {
    case "gradcam": explainer = try GradCAM(network, layer: layer)
    case "input_x_gradient": explainer = try GradientTimesInput(network)
    case "deeplift": explainer = try DeepLIFT(network)
    case "lrp": explainer = try LRP(network)
    case "integrated_gradients":
      explainer = try IntegratedGradients(network, quadrature: .riemannMiddle, points: 16)
    case "smoothgrad":
      explainer = try SmoothGrad(network, noise: .normal(deviation: 0.1, copies: 8, seed: 1))
    case "forward": return { [network, file] in try network.output(file.images).scores }
    case "projection": return try projection()
    default: throw BadRequest(text: name)
    }
    return { [file] in
      try explainer.explain(file.images, target: .classes(file.labels)).attribution
    }
  }

  /// Eq. 4 on the maps of one forward pass.
  private func projection() throws -> () throws -> Tensor {
    let output = try network.output(file.images)
    guard let fine = output.fine, let coarse = output.coarse else {
      throw BadRequest(text: "projection")
    }
    let consistency = try ConsistentAttention(
      Marginalization(
        fine: Array(fine.map.shape.suffix(2)), coarse: Array(coarse.map.shape.suffix(2))))
    return { withoutRecording { consistency.project(fine: fine, coarse: coarse).fine } }
  }

  private static func loaded<Model: Module>(
    _ file: WeightsAndBatch, _ make: (inout SeededGenerator) -> Model
  ) throws -> Model {
    var generator = SeededGenerator(seed: 1, name: "weights")
    let model = make(&generator)
    try model.load(file.weights)
    model.setTraining(false)
    return model
  }
}
