import ConvexKit
import Explanations
import KLProjection
import Networks
import TestSupport
import Testing

@Suite struct AttentionTests {
  private static func gated() -> (UNetEncoder, Tensor) {
    var generator = SeededGenerator(seed: 3, name: "gated network")
    let settings = UNetEncoder.Settings(channels: 2, features: 2, classes: 3, size: [32, 48])
    let model = UNetEncoder(settings, using: &generator)
    model.setTraining(false)
    return (model, .normal([2, 2, 32, 48], using: &generator))
  }

  @Test func `the gates' maps are those of the forward pass`() throws {
    let (model, images) = Self.gated()
    let output = model(images)
    let network = ExplainedNetwork(model)
    for (kind, map) in [(GateAttention.Map.fine, output.fine), (.coarse, output.coarse)] {
      let explanation = try GateAttention(network, map: kind).explain(images, target: .predicted)
      #expect(explanation.attribution.elements == map?.map.elements)
      #expect(explanation.attribution.shape[..<2] == [2, 1])
      #expect(explanation.classes == output.logits.argmax())
      #expect(explanation.completeness == nil)
    }
  }

  @Test func `consistent maps are the closed form of Eq. 4, and the late one the early one's pool`()
    throws
  {
    let (model, images) = Self.gated()
    let network = ExplainedNetwork(model)
    let fine = try GateAttention(network, map: .consistentFine)
      .explain(images, target: .predicted).attribution
    let coarse = try GateAttention(network, map: .consistentCoarse)
      .explain(images, target: .predicted).attribution
    let pooled = try fine.summed(toCells: [4, 6])
    #expect(maximumAbsoluteDifference(pooled.elements, coarse.elements) <= 1e-6)

    // μˡ_i ∝ √(a_i τˡ_i), a the pooled τᵏ.
    let output = model(images)
    let a = try #require(output.fine).map.reshaped([2, 1, 8, 12]).sumPool2D([2, 2]).elements
    let ρ = try #require(output.coarse).map.elements
    let roots = zip(a, ρ).map { (Double($0) * Double($1)).squareRoot() }
    for sample in 0..<2 {
      let range = sample * 24..<(sample + 1) * 24
      let total = roots[range].reduce(0, +)
      let expected = range.map { roots[$0] / total }
      let actual = coarse.elements[range].map(Double.init)
      #expect(maximumAbsoluteDifference(actual, expected) <= 1e-6)
    }
  }

  @Test func `a network without a gate has no such map`() throws {
    var settings = UNetEncoder.Settings(channels: 1, features: 2, classes: 2, size: [16, 16])
    (settings.coarseGate, settings.hasMarginals) = (nil, false)
    var generator = SeededGenerator(seed: 1)
    let model = UNetEncoder(settings, using: &generator)
    model.setTraining(false)
    let network = ExplainedNetwork(model)
    #expect(throws: Never.self) { try GateAttention(network, map: .fine) }
    for map in [GateAttention.Map.coarse, .consistentFine, .consistentCoarse] {
      #expect(throws: ExplanationError.noAttention(map: "tau_l")) {
        try GateAttention(network, map: map)
      }
    }
    #expect(throws: ExplanationError.noAttention(map: "attention")) {
      try TransformerAttention(network)
    }
  }

  @Test func `the last block's attention and the rollout are what they say`() throws {
    let (model, images) = TransformerExample.make()
    let network = ExplainedNetwork(model)
    let last = try TransformerAttention(network).explain(images, target: .predicted).attribution
    let rollout = try TransformerAttention(network, kind: .rollout)
      .explain(images, target: .predicted).attribution
    #expect(last.shape == [2, 1, 2, 3])
    let blocks = model(images, keepingAttention: true).attention
    let (heads, tokens) = (blocks[0].shape[1], blocks[0].shape[2])
    for sample in 0..<2 {
      // In plain loops: row 0 of the product, from the left.
      func mean(_ block: Tensor, _ row: Int, _ column: Int) -> Double {
        (0..<heads).reduce(0) { sum, head in
          let index = ((sample * heads + head) * tokens + row) * tokens + column
          return sum + Double(block.elements[index]) / Double(heads)
        }
      }
      var row = (0..<tokens).map { $0 == 0 ? 1.0 : 0 }
      for block in blocks.reversed() {
        row = (0..<tokens).map { column in
          (0..<tokens).reduce(0) {
            $0 + row[$1] * 0.5 * (mean(block, $1, column) + ($1 == column ? 1 : 0))
          }
        }
      }
      let expected = (1..<tokens).map { mean(blocks[blocks.count - 1], 0, $0) }
      let range = sample * (tokens - 1)..<(sample + 1) * (tokens - 1)
      #expect(maximumAbsoluteDifference(last.elements[range].map(Double.init), expected) <= 1e-6)
      let actual = rollout.elements[range].map(Double.init)
      #expect(maximumAbsoluteDifference(actual, Array(row.dropFirst())) <= 1e-6)
    }
  }
}
