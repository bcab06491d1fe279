import ArrayFiles
import ConvexKit
import DualLayer
import Foundation
import KLProjection
import TestSupport
import Testing

@testable import Networks

@Suite struct AttentionVariantTests {
  private let training = CornerImages.set(count: 12, seed: 1)
  private let validation = CornerImages.set(count: 6, seed: 2)

  private func network(_ variant: AttentionVariant, seed: UInt64 = 7) -> UNetEncoder {
    var generator = SeededGenerator(seed: seed)
    let settings = UNetEncoder.Settings(channels: 1, features: 4, classes: 2, size: [16, 16])
    return UNetEncoder(settings.gated(as: variant), using: &generator)
  }

  private func settings(_ variant: AttentionVariant, epochs: Int) -> TrainingSettings {
    TrainingSettings(
      penalty: variant.penalty, epochs: epochs, batchSize: 4, learningRate: 1e-3, seed: 3)
  }

  @Test(arguments: AttentionVariant.allCases)
  func `every variant trains, with the gates it is made of, and goes on to the bit`(
    variant: AttentionVariant
  ) throws {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let whole = Trainer(network(variant), settings: settings(variant, epochs: 2), data: "d")
      #expect(try whole.train(on: training, validation: validation) == .finished)
      let names = whole.model.namedParameters().map(\.name)
      #expect(names.contains("tau_k.w1.weight") == variant.hasFineGate)
      #expect(names.contains("tau_l.w1.weight") == variant.hasCoarseGate)
      let hasBoth = variant.hasFineGate && variant.hasCoarseGate
      #expect(names.contains("marginals.lamb") == hasBoth)
      #expect(whole.run.history.allSatisfy { ($0.oracle != nil) == hasBoth })

      let first = Trainer(network(variant), settings: settings(variant, epochs: 1), data: "d")
      _ = try first.train(on: training, validation: validation, checkpoint: file)
      let continued = Trainer(
        network(variant, seed: 99), settings: settings(variant, epochs: 2), data: "d")
      try continued.resume(from: file)
      #expect(try continued.train(on: training, validation: validation) == .finished)
      #expect(continued.model.state == whole.model.state)
    }
  }

  @Test func `a plain ResNet trains like any other, and its checkpoint has its weights`() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      var generator = SeededGenerator(seed: 5)
      let architecture = ResNet.Settings(
        channels: 1, blocks: [1, 1, 1, 1], width: 2, classes: 2, size: [64, 64])
      let model = ResNet(architecture.gated(as: .baseline), using: &generator)
      #expect(model.imageShape == nil && model.witness == nil)
      var elements: [Float] = []
      for index in 0..<8 {
        for _ in 0..<64 * 64 { elements.append(Float(generator.normal()) + Float(index % 2)) }
      }
      let images = ImageSet(
        elements: elements, imageShape: [1, 64, 64], labels: (0..<8).map { $0 % 2 })
      let trainer = Trainer(model, settings: settings(.baseline, epochs: 1), data: "d")
      #expect(try trainer.train(on: images, validation: images, checkpoint: file) == .finished)
      #expect(trainer.run.history[0].oracle == nil)
      let found = try Checkpoint<TrainingRun>(contentsOf: file)
      #expect(found.model == model.state && found.run == trainer.run)
    }
  }

  @Test(arguments: [AttentionVariant.klCoarseFine, .klFineCoarse])
  func `the direct divergences are those of the maps, in either direction`(
    variant: AttentionVariant
  ) throws {
    let model = network(variant)
    for (name, parameter) in model.namedParameters() where name.hasSuffix("w2.weight") {
      parameter.value = (20 as Float) * parameter.value
    }
    // One step on all images, so that the record is of the network as it was.
    let all = training.batch(0..<training.count).images
    let output = model(all)
    let (fine, coarse) = (try #require(output.fine), try #require(output.coarse))
    let stacks = (
      fine: MapStack(potentials: fine.potentials.elements, grid: [4, 4]),
      coarse: MapStack(potentials: coarse.potentials.elements, grid: [2, 2])
    )
    var expected = 0.0
    for index in 0..<training.count {
      let (τ, ρ) = (
        stacks.fine.probabilities(at: index), stacks.coarse.probabilities(at: index)
      )
      let pooled: [Float] = [0, 2, 8, 10].map { τ[$0] + τ[$0 + 1] + τ[$0 + 4] + τ[$0 + 5] }
      let (p, q) = variant == .klCoarseFine ? (ρ, pooled) : (pooled, ρ)
      for (x, y) in zip(p, q) { expected += Double(x) * log(Double(x / y)) }
    }
    var settings = settings(variant, epochs: 1)
    settings.batchSize = training.count
    let trainer = Trainer(model, settings: settings, data: "d")
    _ = try trainer.train(on: training, validation: validation)
    let penalty = trainer.run.history[0].trainingPenalty
    #expect(penalty > 1e-3)
    #expect(abs(penalty - expected / Double(training.count)) < 1e-5 * max(1, penalty))
  }

  @Test func `a penalty on maps that a network does not have is refused`() {
    for variant in [AttentionVariant.baseline, .fine, .coarse] {
      let trainer = Trainer(network(variant), settings: settings(.dual, epochs: 1), data: "d")
      #expect(throws: TrainingError.unfit(reason: "the network has not two attention gates")) {
        try trainer.train(on: training, validation: validation)
      }
    }
  }

  @Test func `CVX is the exact projection of the unconstrained network's maps`() throws {
    let maps = HeldOutMaps(
      fine: MapStack(potentials: (0..<32).map { Float($0 % 7) / 2 }, grid: [4, 4]),
      coarse: MapStack(potentials: [2, 0, 1, -1, 0, 3, 0, 0], grid: [2, 2]))
    let projected = try maps.projected()
    #expect(try OracleSummary(maps, batchSize: 2).optimum > 0.1)
    #expect(abs(try OracleSummary(projected, batchSize: 2).optimum) < 1e-6)
    let exact = try MarginalProjection(fine: [4, 4], coarse: [2, 2]).project(
      fine: maps.pair?.fine.potentials ?? [], coarse: maps.pair?.coarse.potentials ?? [],
      as: .potentials)
    let pair = try #require(projected.pair)
    for index in 0..<2 {
      #expect(
        maximumAbsoluteDifference(pair.fine.probabilities(at: index), exact[index].fine) < 1e-6)
      #expect(
        maximumAbsoluteDifference(pair.coarse.probabilities(at: index), exact[index].coarse) < 1e-6)
    }
    #expect(throws: TrainingError.unfit(reason: "the network has not two attention gates")) {
      try HeldOutMaps(fine: maps.fine, coarse: nil).projected()
    }
  }

  @Test func `the maps of one gate are written alone`() throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("maps.safetensors")
      try HeldOutMaps(fine: MapStack(potentials: [1, 2, 3, 4], grid: [2, 2]), coarse: nil)
        .write(to: url)
      let file = try Safetensors(contentsOf: url)
      #expect(file.arrays.keys.sorted() == ["fine_shape", "phi_f"])
      #expect(try file.array(named: "phi_f").floats() == [1, 2, 3, 4])
    }
  }
}
