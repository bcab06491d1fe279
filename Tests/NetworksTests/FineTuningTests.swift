import ArrayFiles
import ConvexKit
import Foundation
import Synchronization
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@testable import Networks

@Suite struct FineTuningTests {
  private let training = CornerImages.set(count: 18, seed: 1)
  private let validation = CornerImages.set(count: 8, seed: 2)

  private func network(seed: UInt64 = 7) -> UNetEncoder {
    var generator = SeededGenerator(seed: seed)
    return UNetEncoder(
      .init(channels: 1, features: 4, classes: 2, size: [16, 16]), using: &generator)
  }

  /// Everything at once.
  private func tuned(epochs: Int) -> TrainingSettings {
    TrainingSettings(
      penalty: .dual, epochs: epochs, batchSize: 8, partSize: 3,
      schedule: .cosine(CosineAnnealing(learningRate: 1e-3, tMax: 4)), maximumGradientNorm: 0.5,
      classWeighting: .balanced, sampling: .balanced,
      augmentation: Augmentation(
        flipsVertically: true, rotation: 20, translation: 0.1, scale: 0.9...1.1, shear: 5),
      backbone: .frozen, patience: 3, seed: 3)
  }

  @Test func `with all that fine-tuning has, a continued run equals one that never stopped`()
    throws
  {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let best = folder.appendingPathComponent("best.safetensors")
      let start = network().state
      let whole = Trainer(network(), settings: tuned(epochs: 4), data: "d")
      let ending = try whole.train(on: training, validation: validation, best: best)
      let bestOfWhole = folder.appendingPathComponent("whole.safetensors")
      try FileManager.default.moveItem(at: best, to: bestOfWhole)

      // Stopped in the middle of the third epoch: three steps make one.
      let stepsLeft = Atomic<Int>(7)
      let stopped = Trainer(network(), settings: tuned(epochs: 4), data: "d")
      let outcome = try stopped.train(
        on: training, validation: validation, checkpoint: file, best: best,
        observer: TrainingObserver(shouldStop: {
          stepsLeft.subtract(1, ordering: .relaxed).newValue < 0
        }))
      #expect(outcome == .interrupted(epochsDone: 2))

      let continued = Trainer(network(seed: 99), settings: tuned(epochs: 4), data: "d")
      try continued.resume(from: file)
      #expect(
        try continued.train(on: training, validation: validation, checkpoint: file, best: best)
          == ending)
      #expect(continued.model.state == whole.model.state)
      #expect(
        continued.run.history.map(\.balancedAccuracy) == whole.run.history.map(\.balancedAccuracy))
      // The records have times in them; weights and moments are to the bit.
      let found = try Checkpoint<TrainingRun>(contentsOf: best)
      let expected = try Checkpoint<TrainingRun>(contentsOf: bestOfWhole)
      #expect(found.epoch == expected.epoch && found.optimizer == expected.optimizer)
      #expect(found.model == expected.model)

      // The frozen encoder has not moved, statistics included; the gates have.
      for (name, array) in whole.model.state {
        let isTuned = ["tau_", "marginals", "fc"].contains { name.hasPrefix($0) }
        #expect(isTuned || array == start[name], "\(name)")
      }
      #expect(whole.model.state["fc.weight"] != start["fc.weight"])
    }
  }

  @Test func `gradients of parts add up to those of the batch where batch norms are frozen`() throws
  {
    func trained(_ partSize: Int?, _ backbone: TrainingSettings.Backbone) throws -> [Float] {
      let model = network()
      var settings = tuned(epochs: 1)
      settings.partSize = partSize
      settings.backbone = backbone
      settings.learningRate = 1e-5
      settings.schedule = .constant
      let trainer = Trainer(model, settings: settings, data: "d")
      #expect(try trainer.train(on: training, validation: validation) == .finished)
      return model.fc.weight.value.elements
    }
    let start = network().fc.weight.value.elements
    let whole = try trained(nil, .frozen)
    let moved = maximumAbsoluteDifference(whole, start)
    #expect(moved > 1e-6)
    #expect(maximumAbsoluteDifference(try trained(3, .frozen), whole) < 0.02 * moved)
    // Batch norms in training normalize each part by itself: another function.
    let parts = try trained(3, .trained)
    #expect(maximumAbsoluteDifference(parts, try trained(nil, .trained)) > 0.02 * moved)
  }

  @Test func `a loss of parts is the loss of the batch, class weights included`() throws {
    let model = network()
    model.freezeBackbone()
    var settings = tuned(epochs: 1)
    settings.penalty = .exact
    let indices = [0, 1, 2, 4, 6, 8, 10]
    let (images, labels) = training.batch(indices)
    let batch = ImageBatch(indices: indices, images: images, labels: labels, masks: nil)
    let weights: [Float] = [1, 5]
    func run(_ partSize: Int?) throws -> (StepResult, [String: [Float]]) {
      settings.partSize = partSize
      model.clearGradients()
      let result = try TrainingStep(model, settings, classWeights: weights).run(batch)
      let gradients = model.namedParameters().compactMap { name, parameter in
        parameter.gradient.map { (name, $0.elements) }
      }
      return (result, Dictionary(uniqueKeysWithValues: gradients))
    }
    let (whole, gradients) = try run(nil)
    let expected = withoutRecording {
      model(images).logits.crossEntropy(labels, weights: weights).item
    }
    #expect(abs(whole.crossEntropy - Double(expected)) < 1e-6)
    let (parts, sums) = try run(2)
    #expect(abs(parts.crossEntropy - whole.crossEntropy) < 1e-6)
    #expect(abs(parts.penalty - whole.penalty) < 1e-6)
    #expect(parts.images == 7 && parts.correct == whole.correct)
    #expect(sums.keys.sorted() == gradients.keys.sorted() && !sums.isEmpty)
    for (name, gradient) in gradients {
      let scale = gradient.map(abs).max() ?? 0
      #expect(
        maximumAbsoluteDifference(sums[name] ?? [], gradient) <= 1e-5 * scale + 1e-7, "\(name)")
    }
  }

  @Test func `the best epoch is kept, and patience ends the run`() throws {
    try withTemporaryDirectory { folder in
      let best = folder.appendingPathComponent("best.safetensors")
      var settings = tuned(epochs: 50)
      settings.patience = 2
      // Nothing is learned at this rate: the first epoch stays the best.
      settings.learningRate = 1e-12
      settings.schedule = .constant
      let trainer = Trainer(network(), settings: settings, data: "d")
      let ending = try trainer.train(on: training, validation: validation, best: best)
      #expect(ending == .stoppedEarly(best: 1) && trainer.run.history.count == 3)
      #expect(try Checkpoint<TrainingRun>(contentsOf: best).epoch == 1)
      // Asked again, it has nothing more to do.
      #expect(try trainer.train(on: training, validation: validation) == ending)
    }
  }

  @Test func `the first of equal epochs is the best, and what comes later must be better`() {
    var run = TrainingRun(settings: tuned(epochs: 9), data: "d")
    #expect(run.best == nil && !run.isPatienceExhausted)
    for (epoch, accuracy) in [0.5, 0.8, 0.8, 0.7, 0.6].enumerated() {
      #expect(!run.isPatienceExhausted)
      run.history.append(record(epoch + 1, balancedAccuracy: accuracy))
    }
    #expect(run.best?.epoch == 2 && run.isPatienceExhausted)
    run.settings.patience = 4
    #expect(!run.isPatienceExhausted)
  }

  private func record(_ epoch: Int, balancedAccuracy: Double) -> EpochRecord {
    EpochRecord(
      epoch: epoch, learningRate: 1, trainingCrossEntropy: 1, trainingPenalty: 0,
      trainingAccuracy: 0, crossEntropy: 1, accuracy: 0, balancedAccuracy: balancedAccuracy,
      trainingSeconds: 0)
  }

  @Test func `frozen with moving statistics, only the batch norms' averages move`() throws {
    let model = network()
    let start = model.state
    var settings = tuned(epochs: 1)
    settings.backbone = .movingStatistics
    let trainer = Trainer(model, settings: settings, data: "d")
    #expect(try trainer.train(on: training, validation: validation) == .finished)
    let norm = "bottleneck.bottlenecknorm1."
    #expect(model.state[norm + "weight"] == start[norm + "weight"])
    #expect(model.state[norm + "running_mean"] != start[norm + "running_mean"])
  }

  @Test func `a continued run must have the settings of the first`() throws {
    let run = TrainingRun(settings: tuned(epochs: 3), data: "d")
    func difference(_ change: (inout TrainingSettings) -> Void) -> String? {
      var other = run
      change(&other.settings)
      return other.difference(from: run)
    }
    #expect(difference { $0.epochs = 9 } == nil)
    #expect(difference { $0.partSize = nil } == "part size 3, now none")
    #expect(difference { $0.sampling = .shuffled } == "sampling balanced, now shuffled")
    #expect(
      difference { $0.schedule = .constant } == "schedule cosine (4 epochs), now constant")
    #expect(difference { $0.backbone = .trained } == "backbone frozen, now trained")
    #expect(difference { $0.maximumGradientNorm = 1 } == "largest gradient norm 0.5, now 1.0")
    #expect(difference { $0.classWeighting = .uniform } == "class weights balanced, now uniform")
    #expect(difference { $0.patience = 4 } == "patience 3, now 4")
    #expect(difference { $0.augmentation = nil }?.hasSuffix(", now none") == true)
  }
}
