import ConvexKit
import DualLayer
import KLProjection
import Networks
import Testing

@Suite struct ConsistentAttentionTests {
  /// Maps and witness of a reference case.
  private struct Instance {
    let tauK, tauL: Tensor
    let marginals: Marginals
    let pooling: Marginalization

    init(_ reference: FixtureCase) throws {
      tauK = try reference.input("tau_k").differentiable()
      tauL = try reference.input("tau_l").differentiable()
      marginals = Marginals(lamb: Parameter(try reference.input("lamb")))
      pooling = try Marginalization(
        fine: Array(tauK.shape.dropFirst()), coarse: Array(tauL.shape.dropFirst()))
    }

    func penalty(_ divergence: Divergence) throws -> Tensor {
      try ConsistentAttention(pooling, divergence: divergence, alpha: 1).witnessPenalty(
        fine: tauK, coarse: tauL, as: .probabilities, witness: marginals.lamb.value)
    }

    /// The maps as a gate returns them.
    var attention: (fine: AttentionMap, coarse: AttentionMap) {
      (AttentionMap(potentials: tauK.log()), AttentionMap(potentials: tauL.log()))
    }
  }

  @Test(arguments: try ReferenceData.cases("gates", "dual."))
  func `potentials give the penalty and the gradient of λ that probabilities give`(
    _ reference: FixtureCase
  ) throws {
    let instance = try Instance(reference)
    let maps = instance.attention
    for divergence in Divergence.allCases {
      let known = try instance.penalty(divergence)
      let penalty = try ConsistentAttention(instance.pooling, divergence: divergence, alpha: 1)
        .witnessPenalty(
          fine: maps.fine, coarse: maps.coarse, witness: instance.marginals.lamb.value)
      #expect(abs(penalty.item - known.item) < 2e-6 * max(1, known.item))
      let λ = instance.marginals.lamb
      let (a, b) = (
        try #require(penalty.pullBack()[λ]).elements, try #require(known.pullBack()[λ]).elements
      )
      for (a, b) in zip(a, b) { #expect(abs(a - b) < 5e-6) }
    }
  }

  @Test(arguments: try ReferenceData.cases("gates", "dual."))
  func `both divergences and their gradients are PyTorch's`(_ reference: FixtureCase) throws {
    let instance = try Instance(reference)
    for (divergence, name) in [
      (Divergence.coarseFromFine, "coarse_fine"), (.fineFromCoarse, "fine_coarse"),
    ] {
      let penalty = try instance.penalty(divergence)
      try reference.expect("kl_" + name, penalty)
      let gradients = penalty.pullBack()
      try reference.expect("grad_\(name)_tau_k", try #require(gradients[instance.tauK]))
      try reference.expect("grad_\(name)_tau_l", try #require(gradients[instance.tauL]))
      try reference.expect("grad_\(name)_lamb", try #require(gradients[instance.marginals.lamb]))
    }
  }

  @Test(arguments: try ReferenceData.cases("gates", "dual."))
  func `both sides of Eq. 5 are PyTorch's`(_ reference: FixtureCase) throws {
    let instance = try Instance(reference)
    let sides = try Reparameterization(
      at: SharedWitness(instance.marginals.lamb.value.elements),
      fine: instance.tauK.elements, coarse: instance.tauL.elements, as: .probabilities,
      on: instance.pooling)
    try reference.expect("fine", sides.marginal)
    try reference.expect("coarse", sides.coarse)
    try reference.expect("mu_k", sides.fine)
  }

  @Test func `the published code's normalization over the batch agrees at batch 1 only`() throws {
    for reference in try ReferenceData.cases("gates", "dual_batch_normalised.") {
      let instance = try Instance(reference)
      let penalty = try instance.penalty(.coarseFromFine)
      if instance.tauK.shape[0] == 1 {
        try reference.expect("kl_coarse_fine", penalty)
        let gradients = penalty.pullBack()
        try reference.expect("grad_tau_k", try #require(gradients[instance.tauK]))
        try reference.expect("grad_tau_l", try #require(gradients[instance.tauL]))
        try reference.expect("grad_lamb", try #require(gradients[instance.marginals.lamb]))
      } else {
        let published = try reference.stored("kl_coarse_fine").item
        #expect(abs(penalty.item - published) > 0.01 * published)
      }
    }
  }

  @Test func `a witness of one map receives the sum over the samples, one per sample its own`()
    throws
  {
    let reference = try #require(try ReferenceData.cases("gates", "dual.basic").first)
    let instance = try Instance(reference)
    let consistency = try ConsistentAttention(instance.pooling)
    let shared = instance.marginals.lamb.value.detached().differentiable()
    let apart = shared.detached().expanded(to: [3, 1, 4, 4]).differentiable()
    func gradient(_ λ: Tensor) throws -> Tensor {
      let penalty = consistency.witnessPenalty(
        fine: instance.tauK, coarse: instance.tauL, as: .probabilities, witness: λ)
      return try #require(penalty.pullBack()[λ])
    }
    let sum = try gradient(apart).sum(axes: [0], keepingAxes: true)
    for (a, b) in zip(try gradient(shared).elements, sum.elements) { #expect(abs(a - b) < 1e-6) }
  }

  @Test func `alpha is 10 unless given`() throws {
    let reference = try #require(try ReferenceData.cases("gates", "dual.basic").first)
    let instance = try Instance(reference)
    let penalty = try ConsistentAttention(instance.pooling).witnessPenalty(
      fine: instance.tauK, coarse: instance.tauL, as: .probabilities,
      witness: instance.marginals.lamb.value)
    let once = try reference.stored("kl_coarse_fine").item
    #expect(abs(penalty.item - 10 * once) < 1e-5 * once)
  }

  @Test func `potentials that span hundreds keep their gradient`() throws {
    let pooling = try Marginalization(fine: [2, 2], coarse: [1, 2])
    let φ = Tensor([0, -300, -600, -200], shape: [1, 2, 2]).differentiable()
    let ψ = Tensor([-250, 0], shape: [1, 1, 2]).differentiable()
    let penalty = try ConsistentAttention(pooling, alpha: 1).witnessPenalty(
      fine: AttentionMap(potentials: φ), coarse: AttentionMap(potentials: ψ),
      witness: Tensor(repeating: 0, shape: [1, 1, 1, 2]))
    // p is on the second cell, where q is e^−200.
    #expect(abs(penalty.item - 200) < 1e-3)
    let gradients = penalty.pullBack()
    for (a, b) in zip(try #require(gradients[φ]).elements, [1, 0, 0, -1] as [Float]) {
      #expect(abs(a - b) < 1e-6)
    }
    #expect(try #require(gradients[ψ]).elements.allSatisfy(\.isFinite))
  }

  @Test func `potentials that have become NaN are found where that began`() throws {
    let pooling = try Marginalization(fine: [2, 2], coarse: [1, 2])
    let φ = Tensor([0, .nan, 0, 0], shape: [1, 2, 2]).differentiable()
    let penalty = try ConsistentAttention(pooling).witnessPenalty(
      fine: AttentionMap(potentials: φ),
      coarse: AttentionMap(potentials: Tensor([0, 0], shape: [1, 1, 2])),
      witness: Tensor(repeating: 0, shape: [1, 1, 1, 2]))
    #expect(penalty.item.isNaN)
    #expect(penalty.firstNonFiniteApplication()?.primitive == "witnessPenalty")
    #expect(try #require(penalty.pullBack()[φ]).elements.allSatisfy(\.isNaN))
  }

  @Test(arguments: Divergence.allCases)
  func `gradients are central differences`(divergence: Divergence) throws {
    let pooling = try Marginalization(fine: [4, 6], coarse: [2, 3])
    let consistency = try ConsistentAttention(
      pooling, weights: try ProjectionWeights(fine: 0.5, coarse: 2), divergence: divergence,
      alpha: 2)
    var generator = SeededGenerator(seed: 11, name: "consistency")
    let inputs = [[2, 4, 6], [2, 2, 3], [1, 1, 2, 3]].map { shape in
      Tensor((0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) }, shape: shape)
    }
    func penalty(_ inputs: [Tensor]) -> Tensor {
      consistency.witnessPenalty(
        fine: AttentionMap(potentials: inputs[0]), coarse: AttentionMap(potentials: inputs[1]),
        witness: inputs[2])
    }
    let leaves = inputs.map { $0.differentiable() }
    let gradients = penalty(leaves).pullBack()
    for (index, leaf) in leaves.enumerated() {
      let gradient = try #require(gradients[leaf]).elements
      for element in gradient.indices {
        func moved(_ step: Float) -> Double {
          var elements = inputs[index].elements
          elements[element] += step
          var changed = inputs
          changed[index] = Tensor(elements, shape: inputs[index].shape)
          return Double(penalty(changed).item)
        }
        let difference = (moved(0.01) - moved(-0.01)) / 0.02
        #expect(abs(difference - Double(gradient[element])) < 1e-3)
      }
    }
  }
}
