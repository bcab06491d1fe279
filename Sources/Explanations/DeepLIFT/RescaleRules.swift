import Networks

/// DeepLIFT's rule for every primitive.
///
/// A rule is given an application at the images and its partner at the baseline, and passes
/// multipliers down so that Σ dx Δx = Σ dy Δy. The numbers in brackets are those of the design page.
enum RescaleRules {
  /// What there is for a primitive, whatever it is applied to.
  static func verdict(_ primitive: String) -> Verdict? {
    switch primitive {
    case Primitives.crossEntropy.name, Primitives.witnessPenalty.name,
      Primitives.exactPenalty.name:
      .loss
    case Primitives.dropout.name: .training
    case Primitives.projection.name, Primitives.logMarginal.name, Primitives.convexLayer.name:
      .refusal("finite differences of a convex program's solution have no rule; leave it out")
    default: Primitives.names.contains(primitive) ? .rule : nil
    }
  }

  /// What there is for an application.
  static func verdict(_ application: Application) -> Verdict? {
    let hasWeights =
      application.primitive == Primitives.conv2D.name
      || application.primitive == Primitives.linear.name
      || application.primitive == Primitives.batchNorm.name
      || application.primitive == Primitives.layerNorm.name
    let weights = hasWeights ? 1..<application.inputs.count : 1..<1
    if weights.contains(where: application.needs) {
      return .refusal("its weights depend on the images")
    }
    return verdict(application.primitive)
  }

  /// The rule for an application; nil means its own pullback, which is the rule where it is linear.
  static func pullback(_ a: Application, _ b: Application) -> Tensor.Pullback? {
    switch a.primitive {
    case Primitives.relu.name: { relu(a.inputs[0], b.inputs[0], $0) }
    case Primitives.gelu.name: { gelu(a.inputs[0], b.inputs[0], $0) }
    case Primitives.exp.name: { exp(a.inputs[0], b.inputs[0], $0) }
    case Primitives.log.name: { log(a.inputs[0], b.inputs[0], $0) }
    case Primitives.batchNormReLU.name: { batchNormReLU(a, b, $0) }
    case Primitives.multiply.name where a.needs(0) && a.needs(1): { product(a, b, $0) }
    case Primitives.matrixProduct.name where a.needs(0) && a.needs(1): { matrixProduct(a, b, $0) }
    case Primitives.divide.name where a.needs(1): { quotient(a, b, $0) }
    case Primitives.softmax.name: { softmax(a, b, $0) }
    case Primitives.l2Normalize.name: { l2Normalize(a, b, $0) }
    case Primitives.layerNorm.name: { layerNorm(a, b, $0) }
    case Primitives.maxPool2D.name: { maxPool(a, b, $0) }
    default: nil
    }
  }
}
