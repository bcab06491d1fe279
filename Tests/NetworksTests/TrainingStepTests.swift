import ConvexKit
import Foundation
import Testing

@testable import Networks

@Suite struct TrainingStepTests {
  /// A small gated network that is trained on seeded images.
  private struct Training {
    let model: UNetEncoder
    let optimizer: Adam
    var generator: SeededGenerator

    init(seed: UInt64) {
      generator = SeededGenerator(seed: seed)
      let settings = UNetEncoder.Settings(channels: 2, features: 4, size: [32, 16])
      model = UNetEncoder(settings, using: &generator)
      optimizer = Adam(model.namedParameters(), learningRate: 1e-3)
    }

    mutating func step() -> Float {
      let pixels = (0..<4 * 2 * 512).map { _ in Float(generator.normal()) }
      let output = model(Tensor(pixels, shape: [4, 2, 32, 16]))
      var loss = output.logits.crossEntropy([0, 1, 1, 0])
      if let fine = output.fine, let coarse = output.coarse, let lamb = model.marginals?.lamb {
        let witness = WitnessLoss(tauK: fine.map, tauL: coarse.map, lamb: lamb.value)
        loss = loss + 10 * witness.coarseFine
      }
      model.clearGradients()
      loss.backward()
      model.clipGradients(maxNorm: 1)
      optimizer.step()
      return loss.item
    }
  }

  @Test(arguments: [1, 2, 3, 4, 16, 20])
  func `no gradient of a convolution is left to oneDNN's reference loop`(channels: Int) throws {
    let shape = ConvolutionShape(
      input: [2, channels, 32, 16], weight: [16, channels, 3, 3], hasBias: false,
      settings: Convolution(padding: [1, 1]))
    #expect(try !shape.backwardWeights().implementation.hasPrefix("ref"))
  }

  @Test func `the same seed trains the same network, bit by bit`() {
    var (a, b) = (Training(seed: 4), Training(seed: 4))
    for _ in 0..<3 { #expect(a.step() == b.step()) }
    #expect(a.model.state == b.model.state)
    #expect(a.optimizer.state == b.optimizer.state)
  }

  @Test func `a step in steady state takes no memory from the system`() async {
    // In a process of its own: the pool is shared with the tests that run at the same time.
    await #expect(processExitsWith: .success) {
      var training = Training(seed: 5)
      for _ in 0..<3 { _ = training.step() }
      let before = MemoryPool.shared.statistics
      for _ in 0..<3 { _ = training.step() }
      let after = MemoryPool.shared.statistics
      if after.freshBytes != before.freshBytes || after.bytesInUse != before.bytesInUse {
        print("the pool grew: \(before) to \(after)")
        exit(1)
      }
    }
  }
}
