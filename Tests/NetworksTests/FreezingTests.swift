import ConvexKit
import Networks
import TestSupport
import Testing

@Suite struct FreezingTests {
  private struct Net: Module {
    let first, second: BatchNorm2D
    let fc: Linear

    init() {
      var generator = SeededGenerator(seed: 1)
      first = BatchNorm2D(channels: 3)
      second = BatchNorm2D(channels: 3)
      fc = Linear(inputs: 3, outputs: 2, using: &generator)
    }

    func callAsFunction(_ x: Tensor) -> Tensor {
      fc(second(first(x)).mean(axes: [2, 3]))
    }
  }

  private static let images = Tensor(
    FixtureRule().elements("images", .input, count: 24), shape: [2, 3, 2, 2])

  @Test func `a frozen part has no gradients and keeps its statistics, even when set to train`() {
    let net = Net()
    net.freeze(under: ["first"])
    net.setTraining(true)
    net(Self.images).sum().backward()
    let trained = net.namedParameters().filter { $0.parameter.gradient != nil }.map(\.name)
    #expect(trained == ["second.weight", "second.bias", "fc.weight", "fc.bias"])
    #expect(net.first.runningMean.tensor.elements == [0, 0, 0])
    #expect(net.second.numBatchesTracked.count == 1)
  }

  @Test func `statistics of a frozen part move where that is asked for`() {
    let net = Net()
    net.freeze(under: ["first"], movingStatistics: true)
    net(Self.images).sum().backward()
    #expect(net.first.weight.gradient == nil)
    #expect(net.first.numBatchesTracked.count == 1)
    #expect(net.first.runningMean.tensor.elements != [0, 0, 0])
  }

  @Test func `a single parameter can be frozen by its path`() {
    let net = Net()
    net.freeze(under: ["fc.bias"])
    #expect(net.namedParameters().filter { !$0.parameter.isTrainable }.map(\.name) == ["fc.bias"])
  }

  @Test func `unfreezing gives everything back`() {
    let net = Net()
    net.freeze()
    #expect(net.parameters.allSatisfy { !$0.isTrainable })
    #expect(!net.first.mode.isTraining)
    net.unfreeze()
    #expect(net.parameters.allSatisfy { $0.isTrainable })
    #expect(net.first.mode.isTraining)
  }

  private struct TwoParts: GatedClassifier {
    let body: Linear
    let head: Linear
    var classes: Int { 2 }

    func callAsFunction(_ images: Tensor) -> GatedOutput {
      let features = body(images.mean(axes: [2, 3]))
      return GatedOutput(logits: head(features), features: features)
    }
  }

  @Test func `a classifier's backbone is all that is neither gate nor head`() {
    var generator = SeededGenerator(seed: 1)
    let model = TwoParts(
      body: Linear(inputs: 1, outputs: 3, using: &generator),
      head: Linear(inputs: 3, outputs: 2, using: &generator))
    model.freezeBackbone(movingStatistics: false)
    let trainable = model.namedParameters().filter(\.parameter.isTrainable).map(\.name)
    #expect(trainable == ["head.weight", "head.bias"])
    #expect(model.witness == nil && model.imageShape == nil)
  }
}
