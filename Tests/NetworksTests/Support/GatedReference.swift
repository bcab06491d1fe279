import DualLayer
import KLProjection
import Networks
import TestSupport
import Testing

/// A gated network with reference weights, compared with the values, gradients and training steps
/// of a case.
struct GatedReference<Model: GatedClassifier> {
  let model: Model
  let reference: FixtureCase

  /// Cross-entropy and Eq. 6 of one forward pass.
  struct Loss {
    let output: GatedOutput
    let fine, coarse: AttentionMap
    let witness: WitnessLoss
    let crossEntropy, total: Tensor
  }

  /// One forward pass. Eq. 6 is the library's, except where its coarse side is detached.
  func loss(_ images: Tensor) throws -> Loss {
    let attributes = reference.attrs
    let output = model(images)
    let (fine, coarse) = (try #require(output.fine), try #require(output.coarse))
    let lamb = try #require(model.witness).value
    let isDetached = attributes["detach_coarse"]?.bool == true
    let witness = WitnessLoss(
      tauK: fine.map, tauL: coarse.map, lamb: lamb, detachingCoarse: isDetached)
    let crossEntropy = output.logits.crossEntropy(try reference.integers("target"))
    let alpha = try #require(attributes["alpha"]?.double)
    let consistency = try ConsistentAttention(
      Marginalization(
        fine: Array(fine.map.shape.dropFirst()), coarse: Array(coarse.map.shape.dropFirst())),
      divergence: attributes["divergence"]?.string == "fine_coarse"
        ? .fineFromCoarse : .coarseFromFine,
      alpha: alpha)
    let penalty =
      isDetached
      ? Float(alpha) * witness.coarseFine
      : consistency.witnessPenalty(fine: fine, coarse: coarse, witness: lamb)
    return Loss(
      output: output, fine: fine, coarse: coarse, witness: witness, crossEntropy: crossEntropy,
      total: crossEntropy + penalty)
  }

  /// Compares the values of a forward pass, and the running statistics after it.
  func expectValues(_ loss: Loss) throws {
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

  /// Compares values, every gradient and the running statistics with those of a small network.
  func expectValuesAndGradients() throws {
    model.setTraining(reference.attrs["training"]?.bool == true)
    let x = try reference.input("x").differentiable()
    let loss = try loss(x)
    try expectValues(loss)
    try reference.expectGradients(loss.total.pullBack(), of: model, input: x)
  }

  /// Compares values and, where there are any, norms and samples of the gradients with those of a
  /// full-size network.
  func expectFullSize() throws {
    model.setTraining(reference.attrs["training"]?.bool == true)
    let loss = try loss(try reference.input("x"))
    try expectValues(loss)
    guard try reference.hasSampledGradients else { return }
    try reference.expectSampledGradients(loss.total.pullBack(), of: model)
  }

  /// Compares the losses of ten steps of Adam, and the network after them: `last` is the last
  /// batch norm of the backbone, and `freeze` freezes the backbone, statistics moving or not.
  func expectTenSteps(
    last: BatchNorm2D, freeze: (_ movingStatistics: Bool) -> Void
  ) throws {
    if reference.attrs["frozen_backbone"]?.bool == true {
      freeze(reference.attrs["batch_norm_training"]?.bool == true)
    }
    let x = try reference.input("x")
    let optimizer = Adam(
      model.namedParameters(), learningRate: try #require(reference.attrs["lr"]?.double))
    var losses: [Loss] = []
    for _ in 0..<(try #require(reference.attrs["steps"]?.int)) {
      let loss = try loss(x)
      losses.append(loss)
      model.clearGradients()
      loss.total.backward()
      optimizer.step()
    }
    try reference.expect("total", losses.map(\.total.item))
    try reference.expect("ce", losses.map(\.crossEntropy.item))
    try reference.expect("kl_coarse_fine", losses.map(\.witness.coarseFine.item))
    model.setTraining(false)
    let output = model(x)
    try reference.expect("final_eval_logits", output.logits)
    try reference.expect("final_eval_tau_k", try #require(output.fine).map)
    try reference.expect("final_lamb", try #require(model.witness).value)
    try reference.expect("stats/bn_last.running_mean", last.runningMean.tensor)
    try reference.expect("stats/bn_last.running_var", last.runningVar.tensor)
  }
}
