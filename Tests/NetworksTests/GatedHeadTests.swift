import DualLayer
import KLProjection
import Networks
import TestSupport
import Testing

/// Two gates around a pool, a linear classifier, and Eq. 6: all of a gated network but its backbone.
@Suite struct GatedHeadTests {
  private struct Head: Module {
    let tauK, tauL: AttentionUnit
    let marginals: Marginals
    let fc: Linear

    init(_ reference: FixtureCase) throws {
      tauK = try GateTests.unit(reference, "tau_k.")
      tauL = try GateTests.unit(reference, "tau_l.")
      marginals = Marginals(lamb: Parameter(try reference.input("marginals.lamb")))
      fc = Linear(
        weight: Parameter(try reference.input("fc.weight")),
        bias: Parameter(try reference.input("fc.bias")))
    }

    func callAsFunction(_ x: Tensor) -> GatedOutput {
      let fine = tauK(x)
      let coarse = tauL(fine.features.averagePool2D(Pooling(kernel: [2, 2])))
      let features = coarse.features.mean(axes: [2, 3])
      return GatedOutput(
        logits: fc(features), features: features, fine: fine.attention, coarse: coarse.attention)
    }
  }

  @Test(arguments: try ReferenceData.cases("gates", "head."))
  func `values are PyTorch's`(_ reference: FixtureCase) throws {
    let head = try Head(reference)
    let output = head(try reference.input("x"))
    let (fine, coarse) = (try #require(output.fine), try #require(output.coarse))
    let witness = WitnessLoss(
      tauK: fine.map, tauL: coarse.map, lamb: head.marginals.lamb.value)
    try reference.expect("logits", output.logits)
    try reference.expect("features", output.features)
    try reference.expect("tau_k", fine.map)
    try reference.expect("tau_l", coarse.map)
    try reference.expect("fine", witness.fine)
    try reference.expect("coarse", witness.coarse)
    try reference.expect("ce", output.logits.crossEntropy(try reference.integers("target")))
    try reference.expect("kl_coarse_fine", witness.coarseFine)
    try reference.expect("kl_fine_coarse", witness.fineCoarse)
  }

  @Test(
    arguments: try ReferenceData.cases("gates", "head."),
    ["coarse_fine", "fine_coarse", "coarse_fine_detached"])
  func `the loss and every gradient are PyTorch's`(
    _ reference: FixtureCase, variant: String
  ) throws {
    let head = try Head(reference)
    let x = try reference.input("x").differentiable()
    let output = head(x)
    let alpha = try #require(reference.attrs["alpha"]?.double)
    let penalty = try Self.penalty(of: output, head, variant, alpha: alpha)
    let loss = output.logits.crossEntropy(try reference.integers("target")) + penalty
    if reference.outputs["total_" + variant] != nil {
      try reference.expect("total_" + variant, loss)
    }
    let gradients = loss.pullBack()
    let named = head.namedParameters().map { ($0.name, gradients[$0.parameter]) }
    for (name, gradient) in named + [("x", gradients[x])] {
      let stored = "grad_\(variant)_\(name)"
      guard reference.outputs[stored] != nil else { continue }
      try reference.expect(stored, try #require(gradient, "no gradient of \(name)"))
    }
  }

  /// Eq. 6 from potentials; with the coarse side detached, from maps in plain operations.
  private static func penalty(
    of output: GatedOutput, _ head: Head, _ variant: String, alpha: Double
  ) throws -> Tensor {
    let (fine, coarse) = (try #require(output.fine), try #require(output.coarse))
    let lamb = head.marginals.lamb.value
    if variant == "coarse_fine_detached" {
      let witness = WitnessLoss(
        tauK: fine.map, tauL: coarse.map, lamb: lamb, detachingCoarse: true)
      return Float(alpha) * witness.coarseFine
    }
    let consistency = try ConsistentAttention(
      Marginalization(
        fine: Array(fine.map.shape.dropFirst()), coarse: Array(coarse.map.shape.dropFirst())),
      divergence: variant == "coarse_fine" ? .coarseFromFine : .fineFromCoarse, alpha: alpha)
    return consistency.witnessPenalty(fine: fine, coarse: coarse, witness: lamb)
  }
}
