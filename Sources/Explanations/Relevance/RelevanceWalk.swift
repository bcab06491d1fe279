import Networks

/// LRP's rule for every application of one tape.
///
/// A rule is given the relevance of an application's value and returns that of its operands; what it
/// does not pass on it counts as absorbed. The numbers in brackets are those of the design page.
struct RelevanceWalk {
  private let pass: RecordedPass
  private let layerRules: [ObjectIdentifier: RelevanceRule]

  init(_ pass: RecordedPass, _ composite: RelevanceComposite) {
    self.pass = pass
    let kinds = pass.tape.compactMap { application in
      Self.kind(application.primitive).map { (application, $0) }
    }
    var positions: [RelevanceComposite.Layer.Kind: Int] = [:]
    var rules: [ObjectIdentifier: RelevanceRule] = [:]
    for (application, kind) in kinds {
      let position = positions[kind, default: 0]
      positions[kind] = position + 1
      let layer = RelevanceComposite.Layer(
        path: pass.paths.path(of: application), kind: kind, position: position,
        count: kinds.count { $0.1 == kind })
      rules[ObjectIdentifier(application)] = composite.rule(layer)
    }
    layerRules = rules
  }

  /// The rules in use.
  var rules: [RelevanceRule] { Array(layerRules.values) }

  /// The rule of a layer with weights.
  func rule(of application: Application) -> RelevanceRule {
    guard let rule = layerRules[ObjectIdentifier(application)] else {
      preconditionFailure("\(application.primitive) is not a layer with weights of this tape")
    }
    return rule
  }

  private static func kind(_ primitive: String) -> RelevanceComposite.Layer.Kind? {
    switch primitive {
    case Primitives.conv2D.name: .convolution
    case Primitives.linear.name: .dense
    case Primitives.batchNorm.name, Primitives.batchNormReLU.name, Primitives.layerNorm.name:
      .normalization
    default: nil
    }
  }

  // MARK: What there is a rule for

  /// What there is for a primitive that relevance reaches.
  static func verdict(_ primitive: String) -> Verdict? {
    switch primitive {
    case Primitives.crossEntropy.name, Primitives.witnessPenalty.name,
      Primitives.exactPenalty.name:
      .loss
    case Primitives.dropout.name: .training
    case Primitives.softmax.name:
      .refusal("relevance reaches it other than as a gate; explain the scores before softmax")
    case Primitives.exp.name, Primitives.log.name:
      .refusal("its value where its argument is 0 is nobody's share")
    case Primitives.projection.name, Primitives.marginal.name, Primitives.logMarginal.name,
      Primitives.convexLayer.name:
      .refusal("a convex program's solution is not a sum of shares; leave it out")
    default: Primitives.names.contains(primitive) ? .rule : nil
    }
  }

  /// Refuses a tape on which relevance reaches a primitive without a rule.
  func check() throws(ExplanationError) {
    var reached: Set<ObjectIdentifier> = []
    if let last = pass.output.scores.application { reached.insert(ObjectIdentifier(last)) }
    for application in pass.tape.reversed() where reached.contains(ObjectIdentifier(application)) {
      let reason: String
      switch verdict(application) {
      case .rule:
        for (index, input) in application.inputs.enumerated() where receives(index, of: application)
        {
          if let next = input.application { reached.insert(ObjectIdentifier(next)) }
        }
        continue
      case .refusal(let text): reason = text
      case nil: reason = "the method does not know it"
      }
      throw .noRule(
        method: "LRP", primitive: application.primitive,
        path: pass.paths.path(of: application), reason: reason)
    }
  }

  private func verdict(_ application: Application) -> Verdict? {
    switch application.primitive {
    case Primitives.conv2D.name, Primitives.linear.name, Primitives.batchNorm.name,
      Primitives.batchNormReLU.name, Primitives.layerNorm.name:
      if (1..<min(3, application.inputs.count)).contains(where: application.needs) {
        return .refusal("its weights depend on the images")
      }
    case Primitives.divide.name where !application.needs(0):
      return .refusal("only its divisor depends on the images")
    default: break
    }
    return Self.verdict(application.primitive)
  }

  /// Whether an operand of an application is given relevance: not a gate, and not a constant.
  func receives(_ operand: Int, of application: Application) -> Bool {
    guard application.needs(operand) else { return false }
    switch application.primitive {
    case Primitives.divide.name: return operand == 0
    case Primitives.multiply.name, Primitives.matrixProduct.name:
      return
        !(application.needs(1 - operand) && isGate(application.inputs[operand])
        && !isGate(application.inputs[1 - operand]))
    default: return true
    }
  }

  /// Whether a tensor weighs others: a softmax, rearranged or scaled.
  private func isGate(_ tensor: Tensor) -> Bool {
    guard let application = tensor.application else { return false }
    switch application.primitive {
    case Primitives.softmax.name:
      return (application.attributes as? Primitives.SoftmaxAxes)?.isLogarithmic == false
    case Primitives.reshape.name, Primitives.permute.name, Primitives.expand.name,
      Primitives.slice.name, Primitives.resize.name:
      return isGate(application.inputs[0])
    case Primitives.affine.name:
      return (application.attributes as? Primitives.Affine)?.shift == 0
        && isGate(application.inputs[0])
    default: return false
    }
  }
}
