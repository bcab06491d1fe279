import ConvexKit
import Networks
import TestSupport
import Testing

@testable import Explanations

/// DeepLIFT's rules one by one: Σ dx Δx = Σ dy Δy exactly, and the derivative where Δ is small.
@Suite struct RescaleRuleTests {
  private struct Example {
    let name: String
    let inputs: [Tensor]
    let compute: ([Tensor]) -> Tensor
  }

  private static func examples() -> [Example] {
    var generator = SeededGenerator(seed: 9, name: "rescale rules")
    func normal(_ shape: Int...) -> Tensor { .normal(shape, using: &generator) }
    func positive(_ shape: Int...) -> Tensor {
      Tensor(
        Tensor.normal(shape, using: &generator).elements.map { abs($0) + 0.5 }, shape: shape)
    }
    let fixed = BatchNormalization(
      statistics: .fixed(mean: normal(3), variance: positive(3)), epsilon: 0.1)
    let (γ, β) = (normal(3), normal(3))
    let (weight, bias) = (normal(5), normal(5))
    let pooling = Pooling(kernel: [3, 2], stride: [2, 1], padding: [1, 1])
    return [
      Example(name: "relu", inputs: [normal(3, 4)]) { $0[0].relu() },
      Example(name: "gelu", inputs: [normal(3, 4)]) { $0[0].gelu() },
      Example(name: "exp", inputs: [normal(3, 4)]) { $0[0].exp() },
      Example(name: "log", inputs: [positive(3, 4)]) { $0[0].log() },
      Example(name: "product", inputs: [normal(2, 3, 4), normal(2, 1, 4)]) { $0[0] * $0[1] },
      Example(name: "square", inputs: [normal(2, 3)]) { $0[0] * $0[0] },
      Example(name: "quotient", inputs: [normal(2, 3), positive(2, 3)]) { $0[0] / $0[1] },
      Example(name: "matrices", inputs: [normal(2, 3, 4), normal(2, 4, 2)]) {
        $0[0].matrixProduct($0[1])
      },
      Example(name: "softmax", inputs: [normal(2, 5, 3)]) { $0[0].softmax(axis: 1) },
      Example(name: "cells", inputs: [normal(2, 3, 2)]) { $0[0].spatialSoftmax() },
      Example(name: "log softmax", inputs: [normal(2, 5)]) { $0[0].logSoftmax() },
      Example(name: "normalize", inputs: [normal(2, 3, 4)]) { $0[0].l2Normalized() },
      Example(name: "below ε", inputs: [normal(2, 3)]) { $0[0].l2Normalized(axis: 1, epsilon: 9) },
      Example(name: "around ε", inputs: [normal(8, 3)]) {
        $0[0].l2Normalized(axis: 1, epsilon: 1.7)
      },
      Example(name: "layer norm", inputs: [normal(3, 5)]) {
        $0[0].layerNorm(weight: weight, bias: bias, epsilon: 0.1)
      },
      Example(name: "batch norm", inputs: [normal(2, 3, 2, 2), normal(2, 3, 2, 2)]) {
        Primitives.batchNormReLU([$0[0], γ, β, $0[1]], fixed)
      },
      Example(name: "largest", inputs: [normal(2, 2, 5, 4)]) { $0[0].maxPool2D(pooling) },
    ]
  }

  @Test func `differences are passed down without a remainder`() throws {
    var generator = SeededGenerator(seed: 10, name: "rescale rules")
    for example in Self.examples() {
      let start = example.inputs.map { input in
        // As positive as the examples that need it, so that logarithms and quotients stay finite.
        Tensor(input.elements.map { $0 * 1.7 - 0.1 }, shape: input.shape)
      }
      let sums = Self.walk(example.inputs, start, example.compute, using: &generator)
      #expect(abs(sums.passed - sums.due) <= 2e-5 * max(1, sums.scale), "\(example.name)")
    }
  }

  @Test func `for a baseline close by the rules are the derivatives`() throws {
    for example in Self.examples() where example.name != "around ε" {
      let close = example.inputs.map { $0.affine(scale: 1 + 1e-4) }
      let seed = Tensor(
        (0..<example.compute(example.inputs).count).map { Float($0 % 5) - 1.5 },
        shape: example.compute(example.inputs).shape)
      let leaves = example.inputs.map { $0.differentiable() }
      let y = example.compute(leaves)
      let gradients = y.pullBack(seed)
      let rules = Self.multipliers(
        leaves, y, example.compute(close.map { $0.differentiable() }), seed)
      for (rule, leaf) in zip(rules, leaves) {
        let expected = try #require(gradients[leaf]).elements
        let scale = expected.reduce(1) { max($0, abs($1)) }
        #expect(
          maximumAbsoluteDifference(rule.elements, expected) <= 2e-3 * scale, "\(example.name)")
      }
    }
  }

  @Test func `extreme softmaxes stay finite and complete`() {
    var generator = SeededGenerator(seed: 4)
    let x = Tensor([1000, 0, -1000, 3, 2, 1], shape: [2, 3])
    let start = Tensor([0, 900, -5, 3, 2, 1], shape: [2, 3])
    let sums = Self.walk([x], [start], { $0[0].softmax() }, using: &generator)
    #expect(abs(sums.passed - sums.due) <= 1e-4)
  }

  @Test func `cells that tie at the baseline count as the first in row order`() throws {
    let x = Tensor([1, 2, 3, 4], shape: [1, 1, 2, 2])
    let tied = Tensor([5, 5.000001, 5, 5], shape: [1, 1, 2, 2])
    let pooling = Pooling(kernel: [2, 2])
    let leaf = x.differentiable()
    let seed = Tensor(repeating: 1, shape: [1, 1, 1, 1])
    let rules = Self.multipliers(
      [leaf], leaf.maxPool2D(pooling), tied.differentiable().maxPool2D(pooling), seed)
    // y − y₀ = −1 is due to the first cell, which moved by −4.
    #expect(rules[0].elements == [0.25, 0, 0, 0])
  }

  /// Σ dx Δx and Σ dy Δy for a random dy, and the sum of their terms' sizes.
  private static func walk(
    _ inputs: [Tensor], _ start: [Tensor], _ compute: ([Tensor]) -> Tensor,
    using generator: inout SeededGenerator
  ) -> (passed: Double, due: Double, scale: Double) {
    let (leaves, start) = (inputs.map { $0.differentiable() }, start.map { $0.differentiable() })
    let (y, y0) = (compute(leaves), compute(start))
    let seed = Tensor.normal(y.shape, using: &generator)
    let rules = multipliers(leaves, y, y0, seed)
    var (passed, scale) = (0.0, 0.0)
    for (rule, (x, x0)) in zip(rules, zip(leaves, start)) {
      for (m, (a, b)) in zip(rule.elements, zip(x.elements, x0.elements)) {
        passed += Double(m) * (Double(a) - Double(b))
        scale += abs(Double(m) * (Double(a) - Double(b)))
      }
    }
    let due = zip(seed.elements, zip(y.elements, y0.elements)).reduce(0.0) {
      $0 + Double($1.0) * (Double($1.1.0) - Double($1.1.1))
    }
    return (passed, due, scale)
  }

  /// The multipliers of leaves.
  private static func multipliers(
    _ leaves: [Tensor], _ y: Tensor, _ y0: Tensor, _ seed: Tensor
  ) -> [Tensor] {
    let partners = Dictionary(
      uniqueKeysWithValues: zip(y.tape(), y0.tape()).map { (ObjectIdentifier($0), $1) })
    let gradients = y.pullBack(seed) { application in
      partners[ObjectIdentifier(application)].flatMap {
        RescaleRules.pullback(application, $0)
      }
    }
    return leaves.map { gradients[$0] ?? Tensor(repeating: 0, shape: $0.shape) }
  }
}
