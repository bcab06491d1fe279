import ConvexKit
import DualLayer
import KLProjection
import Networks
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@Suite struct WitnessHeadTests {
  private static func maps() -> (fine: AttentionMap, coarse: AttentionMap, features: Tensor) {
    var generator = SeededGenerator(seed: 5, name: "witness head")
    func normal(_ shape: [Int]) -> Tensor {
      Tensor((0..<shape.reduce(1, *)).map { _ in 2 * Float(generator.normal()) }, shape: shape)
    }
    return (
      AttentionMap(potentials: normal([3, 8, 8])), AttentionMap(potentials: normal([3, 4, 4])),
      normal([3, 5, 4, 4])
    )
  }

  @Test func `a head can be exact: its penalty is zero on every sample`() throws {
    let pooling = try Marginalization(fine: [8, 8], coarse: [4, 4])
    let (fine, coarse, features) = Self.maps()
    // λ = ½ relu(log a − log ρ) − ½ relu(log ρ − log a), with the features ignored.
    var w1 = [Float](repeating: 0, count: 2 * 7)
    (w1[5], w1[6], w1[12], w1[13]) = (1, -1, -1, 1)
    let head = try WitnessHead(
      pooling, w1: Conv2D(weight: Parameter(Tensor(w1, shape: [2, 7, 1, 1]))),
      w2: Conv2D(weight: Parameter(Tensor([0.5, -0.5], shape: [1, 2, 1, 1]))))
    let λ = head(features, fine: fine, coarse: coarse)
    let penalty = try ConsistentAttention(pooling, alpha: 1).witnessPenalty(
      fine: fine, coarse: coarse, witness: λ)
    #expect(abs(penalty.item) < 1e-10)
    let plain = try ConsistentAttention(pooling, alpha: 1).witnessPenalty(
      fine: fine, coarse: coarse, witness: Tensor(repeating: 0, shape: [1, 1, 4, 4]))
    #expect(plain.item > 0.1)
  }

  @Test func `a new head predicts small multipliers of mean zero`() throws {
    let pooling = try Marginalization(fine: [8, 8], coarse: [4, 4])
    let (fine, coarse, features) = Self.maps()
    var generator = SeededGenerator(seed: 1)
    let head = try WitnessHead(pooling, channels: 5, embed: 6, using: &generator)
    #expect(head.namedParameters().map(\.name) == ["w1.weight", "w1.bias", "w2.weight"])
    let λ = head(features, fine: fine, coarse: coarse)
    #expect(λ.shape == [3, 1, 4, 4])
    #expect(λ.mean(axes: [1, 2, 3]).elements.allSatisfy { abs($0) < 1e-6 })
    #expect(λ.elements.allSatisfy { abs($0) < 1 })
    #expect(λ.elements.contains { abs($0) > 1e-3 })
  }

  @Test func `gradients reach the head's weights and both maps as central differences`() throws {
    let pooling = try Marginalization(fine: [8, 8], coarse: [4, 4])
    let (fine, coarse, features) = Self.maps()
    var generator = SeededGenerator(seed: 2)
    let head = try WitnessHead(pooling, channels: 5, embed: 6, using: &generator)
    let consistency = try ConsistentAttention(pooling, alpha: 1)
    func penalty(_ φ: Tensor) -> Tensor {
      let fine = AttentionMap(potentials: φ)
      return consistency.witnessPenalty(
        fine: fine, coarse: coarse, witness: head(features, fine: fine, coarse: coarse))
    }
    let φ = fine.potentials.differentiable()
    let gradients = penalty(φ).pullBack()
    let fineGradient = try #require(gradients[φ]).elements
    for element in stride(from: 0, to: fineGradient.count, by: 7) {
      func moved(_ step: Float) -> Double {
        var elements = fine.potentials.elements
        elements[element] += step
        return Double(penalty(Tensor(elements, shape: φ.shape)).item)
      }
      let difference = (moved(0.01) - moved(-0.01)) / 0.02
      #expect(abs(difference - Double(fineGradient[element])) < 1e-3)
    }
    for (name, parameter) in head.namedParameters() {
      let gradient = try #require(gradients[parameter]).elements
      let value = parameter.value.elements
      func moved(_ step: Float) -> Double {
        var elements = value
        elements[0] += step
        parameter.value = Tensor(elements, shape: parameter.shape)
        defer { parameter.value = Tensor(value, shape: parameter.shape) }
        return Double(penalty(fine.potentials).item)
      }
      let difference = (moved(0.01) - moved(-0.01)) / 0.02
      #expect(abs(difference - Double(gradient[0])) < 1e-3, "\(name)")
    }
  }

  @Test func `windows that do not share mass fully are refused`() throws {
    let average = try Marginalization(matrix: [[0.5, 0.5]], fineCount: 2)
    var generator = SeededGenerator(seed: 3)
    #expect(throws: DualLayerError.notColumnStochastic) {
      try WitnessHead(average, channels: 5, embed: 6, using: &generator)
    }
    #expect(throws: DualLayerError.notColumnStochastic) { try ConsistentAttention(average) }
  }
}
