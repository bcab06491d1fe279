import ConvexKit
import Networks
import Testing

@Suite struct ModuleTests {
  private struct Block: Module {
    let conv1: Conv2D
    let bn1 = BatchNorm2D(channels: 2)
    let downsample: [Conv2D]
    let tauK: Linear?
  }

  private struct Network: Module {
    let layer3: [Block]
    let fc: Linear
    let shared: Linear
    let title = "not a layer"
  }

  private func network() -> Network {
    var generator = SeededGenerator(seed: 1)
    func block(gated: Bool) -> Block {
      let conv = Conv2D(inputs: 1, outputs: 2, kernel: [1, 1], hasBias: false, using: &generator)
      let gate = gated ? Linear(inputs: 2, outputs: 1, using: &generator) : nil
      return Block(conv1: conv, downsample: [conv], tauK: gate)
    }
    let fc = Linear(inputs: 2, outputs: 2, hasBias: false, using: &generator)
    return Network(layer3: [block(gated: false), block(gated: true)], fc: fc, shared: fc)
  }

  @Test func `names are PyTorch's, and a shared cell is listed once`() {
    #expect(
      network().namedParameters().map(\.name) == [
        "layer3.0.conv1.weight", "layer3.0.bn1.weight", "layer3.0.bn1.bias",
        "layer3.1.conv1.weight", "layer3.1.bn1.weight", "layer3.1.bn1.bias",
        "layer3.1.tau_k.weight", "layer3.1.tau_k.bias", "fc.weight",
      ])
    #expect(
      network().namedBuffers().map(\.name) == [
        "layer3.0.bn1.running_mean", "layer3.0.bn1.running_var",
        "layer3.0.bn1.num_batches_tracked", "layer3.1.bn1.running_mean",
        "layer3.1.bn1.running_var", "layer3.1.bn1.num_batches_tracked",
      ])
  }

  @Test func `training mode reaches every layer that has one`() {
    let network = network()
    network.setTraining(false)
    #expect(network.layer3.allSatisfy { !$0.bn1.mode.isTraining })
    network.setTraining(true)
    #expect(network.layer3.allSatisfy { $0.bn1.mode.isTraining })
  }

  @Test func `initial weights have PyTorch's distribution`() {
    var generator = SeededGenerator(seed: 2)
    let conv = Conv2D(inputs: 64, outputs: 32, kernel: [3, 3], using: &generator)
    let bound = 1 / Float(64 * 9).squareRoot()
    let weights = conv.weight.value.elements
    #expect(weights.allSatisfy { abs($0) <= bound })
    // The variance of a uniform distribution on ±b is b²/3.
    let variance = weights.reduce(0) { $0 + $1 * $1 } / Float(weights.count)
    #expect(abs(variance / (bound * bound / 3) - 1) < 0.03)
    #expect(conv.bias?.shape == [32])
    var same = SeededGenerator(seed: 2)
    let again = Conv2D(inputs: 64, outputs: 32, kernel: [3, 3], using: &same)
    #expect(again.weight.value.elements == weights)
  }

  @Test func `a parameter may lie blocked and still shows its value in PyTorch's order`() {
    var generator = SeededGenerator(seed: 3)
    let conv = Conv2D(
      inputs: 32, outputs: 32, kernel: [3, 3], settings: Convolution(groups: 2), using: &generator)
    let before = conv.weight.value.elements
    _ = conv(.normal([1, 32, 8, 8], using: &generator))
    #expect(conv.weight.value.elements == before)
    #expect(conv.weight.shape == [32, 16, 3, 3])
  }

  @Test func `running statistics count their batches and stay in evaluation`() {
    let norm = BatchNorm2D(channels: 1, momentum: 0.5)
    let x = Tensor([1, 3], shape: [2, 1, 1, 1])
    _ = norm(x)
    #expect(norm.runningMean.tensor.elements == [1])
    #expect(norm.runningVar.tensor.elements == [1.5])
    norm.setTraining(false)
    _ = norm(x)
    #expect(norm.runningMean.tensor.elements == [1])
    #expect(norm.numBatchesTracked.count == 1)
  }
}
