import ArrayFiles
import ConvexKit
import DualLayer
import KLProjection
import Networks
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

  /// Cross-entropy and Eq. 6 of one forward pass.
  private struct Loss {
    let output: GatedOutput
    let fine, coarse: AttentionMap
    let witness: WitnessLoss
    let crossEntropy, total: Tensor

    init(_ model: UNetEncoder, _ images: Tensor, _ reference: FixtureCase) throws {
      let attributes = reference.attrs
      output = model(images)
      fine = try #require(output.fine)
      coarse = try #require(output.coarse)
      let lamb = try #require(model.marginals?.lamb)
      witness = WitnessLoss(
        tauK: fine.map, tauL: coarse.map, lamb: lamb.value,
        detachingCoarse: attributes["detach_coarse"]?.bool ?? false)
      crossEntropy = output.logits.crossEntropy(try reference.integers("target"))
      let alpha = try #require(attributes["alpha"]?.double)
      if attributes["detach_coarse"]?.bool == true {
        total = crossEntropy + Float(alpha) * witness.coarseFine
      } else {
        let isReversed = attributes["divergence"]?.string == "fine_coarse"
        let consistency = try ConsistentAttention(
          Marginalization(fine: model.settings.fineGrid, coarse: model.settings.coarseGrid),
          divergence: isReversed ? .fineFromCoarse : .coarseFromFine, alpha: alpha)
        total =
          crossEntropy
          + consistency.witnessPenalty(fine: fine, coarse: coarse, witness: lamb.value)
      }
    }
  }

  /// Compares the values of a forward pass, and the running statistics after it.
  private static func compare(
    _ loss: Loss, _ model: UNetEncoder, _ reference: FixtureCase
  ) throws {
    let values: [(String, Tensor)] = [
      ("logits", loss.output.logits), ("features", loss.output.features),
      ("tau_k", loss.fine.map), ("tau_l", loss.coarse.map), ("phi_k", loss.fine.potentials),
      ("phi_l", loss.coarse.potentials), ("fine", loss.witness.fine),
      ("coarse", loss.witness.coarse), ("ce", loss.crossEntropy),
      ("kl_coarse_fine", loss.witness.coarseFine), ("kl_fine_coarse", loss.witness.fineCoarse),
      ("total", loss.total),
    ]
    for (name, value) in values where reference.outputs[name] != nil {
      try reference.expect(name, value)
    }
    for (name, buffer) in model.namedBuffers() where reference.outputs["stats/" + name] != nil {
      try reference.expect("stats/" + name, buffer.tensor)
    }
  }

  @Test(
    arguments: try ReferenceData.cases("models", "unet4.").filter { $0.attrs["steps"] == nil })
  func `values, gradients and running statistics are PyTorch's`(_ reference: FixtureCase) throws {
    let model = try Self.model(reference)
    model.setTraining(reference.attrs["training"]?.bool == true)
    let x = try reference.input("x").differentiable()
    let loss = try Loss(model, x, reference)
    try Self.compare(loss, model, reference)
    let gradients = loss.total.pullBack()
    try Self.compare(try #require(gradients[x]), "x", reference)
    for (name, parameter) in model.namedParameters() {
      let gradient = try #require(gradients[parameter], "no gradient of \(name)")
      try Self.compare(gradient, name, reference)
    }
  }

  @Test(arguments: try ReferenceData.cases("full", "unet32_"))
  func `at full size values and gradients are PyTorch's`(_ reference: FixtureCase) throws {
    let model = try Self.model(reference)
    model.setTraining(reference.attrs["training"]?.bool == true)
    let loss = try Loss(model, try reference.input("x"), reference)
    try Self.compare(loss, model, reference)
    let stored = try ReferenceData.json("full_grads.json")
    let gradients = loss.total.pullBack()
    for (name, parameter) in model.namedParameters() {
      let elements = try #require(gradients[parameter], "no gradient of \(name)").elements
      let expected = try #require(stored[reference.name]?[name], "no reference for \(name)")
      let norm = elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      let deviation = abs(norm - (try #require(expected["norm"]?.double)))
      #expect(
        deviation <= (try #require(expected["norm_tol"]?.double)), "norm of the gradient of \(name)"
      )
      guard let sample = expected["sample"]?.doubles else { continue }
      let tolerance = try #require(expected["sample_tol"]?.double)
      let indices = try ReferenceData.rule.integers(
        "sample:" + name, count: sample.count, below: elements.count)
      for (index, value) in zip(indices, sample) {
        #expect(abs(Double(elements[index]) - value) <= tolerance, "entry \(index) of \(name)")
      }
    }
  }

  /// Compares a gradient with what is stored of it: all, 64 entries, and its norm.
  private static func compare(
    _ gradient: Tensor, _ name: String, _ reference: FixtureCase
  ) throws {
    let whole = name == "x" ? "grad_x" : "grad/" + name
    if reference.outputs[whole] != nil { try reference.expect(whole, gradient) }
    let elements = gradient.elements
    if let sample = reference.outputs["sample/" + name] {
      let indices = try ReferenceData.rule.integers(
        "sample:" + name, count: sample.shape[0], below: elements.count)
      try reference.expect("sample/" + name, indices.map { elements[$0] })
    }
    if let norm = reference.numbers?["grad_norm"]?[name]?.doubles {
      let actual = elements.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(actual - norm[0]) <= norm[1], "\(reference.id): norm of the gradient of \(name)")
    }
  }

  @Test(arguments: try ReferenceData.cases("models", "unet4.adam10"))
  func `ten steps of Adam go where PyTorch's go`(_ reference: FixtureCase) throws {
    let model = try Self.model(reference)
    if reference.attrs["frozen_backbone"]?.bool == true {
      model.freezeBackbone(
        movingStatistics: reference.attrs["batch_norm_training"]?.bool == true)
    }
    let x = try reference.input("x")
    let optimizer = Adam(
      model.namedParameters(), learningRate: try #require(reference.attrs["lr"]?.double))
    var totals: [Float] = []
    var crossEntropies: [Float] = []
    var divergences: [Float] = []
    for _ in 0..<(try #require(reference.attrs["steps"]?.int)) {
      let loss = try Loss(model, x, reference)
      totals.append(loss.total.item)
      crossEntropies.append(loss.crossEntropy.item)
      divergences.append(loss.witness.coarseFine.item)
      model.clearGradients()
      loss.total.backward()
      optimizer.step()
    }
    try reference.expect("total", totals)
    try reference.expect("ce", crossEntropies)
    try reference.expect("kl_coarse_fine", divergences)
    model.setTraining(false)
    let output = model(x)
    try reference.expect("final_eval_logits", output.logits)
    try reference.expect("final_eval_tau_k", try #require(output.fine).map)
    try reference.expect("final_lamb", try #require(model.marginals).lamb.value)
    let last = model.bottleneck.norm2
    try reference.expect("stats/bn_last.running_mean", last.runningMean.tensor)
    try reference.expect("stats/bn_last.running_var", last.runningVar.tensor)
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
