import ConvexKit
import DualLayer
import Foundation
import KLProjection
import Networks
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

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
  func `gradients of Eq. 6 are central differences`(divergence: Divergence) throws {
    let consistency = try Self.weighted(divergence)
    try expectCentralDifferences(of: Self.inputs()) {
      consistency.witnessPenalty(
        fine: AttentionMap(potentials: $0[0]), coarse: AttentionMap(potentials: $0[1]),
        witness: $0[2])
    }
  }

  @Test func `gradients of the exact penalty are central differences`() throws {
    let consistency = try Self.weighted()
    try expectCentralDifferences(of: Array(Self.inputs().prefix(2))) {
      consistency.exactPenalty(
        fine: AttentionMap(potentials: $0[0]), coarse: AttentionMap(potentials: $0[1]))
    }
  }

  @Test func `gradients of the exact layer's maps are central differences`() throws {
    let consistency = try Self.weighted()
    let inputs = Array(Self.inputs().prefix(2))
    try expectCentralDifferences(of: inputs) {
      let solved = consistency.project(
        fine: AttentionMap(potentials: $0[0]), coarse: AttentionMap(potentials: $0[1]))
      return (solved.fine * inputs[0]).sum() + 3 * (solved.coarse * inputs[1]).sum()
    }
  }

  @Test func `gradients of marginals and their logarithms are central differences`() throws {
    let pooling = try Marginalization(fine: [4, 6], coarse: [2, 3])
    let log = try LogMarginal(pooling)
    let inputs = Self.inputs()
    let weights = inputs[1].reshaped([2, 6])
    try expectCentralDifferences(of: [inputs[0]]) {
      (Primitives.logMarginal([$0[0]], log) * weights).sum()
    }
    try expectCentralDifferences(of: [inputs[0]]) {
      (Primitives.marginal([$0[0]], pooling) * weights).sum()
    }
  }

  @Test(arguments: try ReferenceData.cases("gates", "dual."))
  func `the exact layer's maps are consistent and cost what the exact penalty says`(
    _ reference: FixtureCase
  ) throws {
    let instance = try Instance(reference)
    let consistency = try ConsistentAttention(instance.pooling, alpha: 1)
    let (μ, ν) = consistency.project(
      fine: instance.tauK, coarse: instance.tauL, as: .probabilities)
    #expect(μ.shape == instance.tauK.shape && ν.shape == instance.tauL.shape)
    func divergence(_ p: Tensor, _ q: Tensor) -> Double {
      zip(p.elements, q.elements).reduce(0) {
        $1.0 > 0 ? $0 + Double($1.0) * (Double($1.0) / Double($1.1)).logarithm : $0
      }
    }
    let cost = divergence(μ, instance.tauK) + divergence(ν, instance.tauL)
    let penalty = consistency.exactPenalty(
      fine: instance.tauK, coarse: instance.tauL, as: .probabilities)
    let count = Double(instance.tauK.shape[0])
    #expect(abs(Double(penalty.item) - cost / count) < 1e-5 * max(1, cost))
    let pooled = instance.pooling.marginal(of: Array(μ.elements.prefix(instance.pooling.fineCount)))
    for (a, b) in zip(pooled, ν.elements) { #expect(abs(a - b) < 1e-6) }
  }

  @Test func `a sample that is not solved is NaN in the exact layer`() throws {
    let pooling = try Marginalization(fine: [2, 2], coarse: [1, 2])
    let fine = Tensor([1, 0, 1, 0, 1, 1, 1, 1], shape: [2, 2, 2]).differentiable()
    let coarse = Tensor([0, 1, 1, 1], shape: [2, 1, 2])
    let (μ, ν) = try ConsistentAttention(pooling).project(
      fine: fine, coarse: coarse, as: .probabilities)
    #expect(μ.elements[..<4].allSatisfy(\.isNaN) && ν.elements[..<2].allSatisfy(\.isNaN))
    #expect(μ.elements[4...].allSatisfy { abs($0 - 0.25) < 1e-6 })
    #expect(ν.elements[2...].allSatisfy { abs($0 - 0.5) < 1e-6 })
    #expect(μ.sum().firstNonFiniteApplication()?.primitive == "projection")
    #expect(try #require(μ.sum().pullBack()[fine]).elements.allSatisfy(\.isNaN))
  }

  private static func weighted(_ divergence: Divergence = .coarseFromFine) throws
    -> ConsistentAttention
  {
    try ConsistentAttention(
      try Marginalization(fine: [4, 6], coarse: [2, 3]),
      weights: try ProjectionWeights(fine: 0.5, coarse: 2), divergence: divergence, alpha: 2)
  }

  /// Two fine maps, two coarse ones, and a witness.
  private static func inputs() -> [Tensor] {
    var generator = SeededGenerator(seed: 11, name: "consistency")
    return [[2, 4, 6], [2, 2, 3], [1, 1, 2, 3]].map { shape in
      Tensor((0..<shape.reduce(1, *)).map { _ in Float(generator.normal()) }, shape: shape)
    }
  }
}

extension Double {
  fileprivate var logarithm: Double { Foundation.log(self) }
}

/// Compares every gradient of a scalar function with central differences.
private func expectCentralDifferences(
  of inputs: [Tensor], _ f: ([Tensor]) -> Tensor,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let leaves = inputs.map { $0.differentiable() }
  let gradients = f(leaves).pullBack()
  for (index, leaf) in leaves.enumerated() {
    let gradient = try #require(gradients[leaf]).elements
    for element in gradient.indices {
      func moved(_ step: Float) -> Double {
        var elements = inputs[index].elements
        elements[element] += step
        var changed = inputs
        changed[index] = Tensor(elements, shape: inputs[index].shape)
        return Double(f(changed).item)
      }
      let difference = (moved(0.01) - moved(-0.01)) / 0.02
      #expect(
        abs(difference - Double(gradient[element])) < 1e-3, sourceLocation: sourceLocation)
    }
  }
}
