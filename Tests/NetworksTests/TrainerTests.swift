import ArrayFiles
import ConvexKit
import Foundation
import Synchronization
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@testable import Networks

private func network(seed: UInt64 = 7) -> UNetEncoder {
  var generator = SeededGenerator(seed: seed)
  return UNetEncoder(
    .init(channels: 1, features: 4, classes: 2, size: [16, 16]), using: &generator)
}

private func settings(
  _ penalty: AttentionPenalty, epochs: Int = 3, learningRate: Double = 1e-3,
  precision: Precision = .float32
) -> TrainingSettings {
  TrainingSettings(
    penalty: penalty, epochs: epochs, batchSize: 4, learningRate: learningRate,
    precision: precision, seed: 3)
}

extension EpochRecord {
  /// The record without what a clock said.
  fileprivate var timeless: EpochRecord {
    var record = self
    record.trainingSeconds = 0
    record.oracle?.witnessMilliseconds = 0
    record.oracle?.exactMilliseconds = 0
    return record
  }
}

@Suite struct TrainerTests {
  @Test func `settings from before there was a choice of precision are Float32's`() throws {
    let tuned = TrainingSettings(
      penalty: .dual, alpha: 3, epochs: 5, batchSize: 8, partSize: 4,
      learningRate: 0.25, maximumGradientNorm: 2, augmentation: Augmentation(), backbone: .frozen,
      patience: 6, precision: .bfloat16, seed: 9)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    for settings in [tuned, settings(.unconstrained)] {
      let data = try encoder.encode(settings)
      #expect(try JSONDecoder().decode(TrainingSettings.self, from: data) == settings)
      let older = String(decoding: data, as: UTF8.self)
        .replacing(#/,?"precision":"\w+"/#, with: "")
      var expected = settings
      expected.precision = .float32
      #expect(
        try JSONDecoder().decode(TrainingSettings.self, from: Data(older.utf8)) == expected)
    }
  }

  private let training = CornerImages.set(count: 18, seed: 1)
  private let validation = CornerImages.set(count: 8, seed: 2)

  @Test(arguments: [AttentionPenalty.unconstrained, .dual, .exact], Precision.allCases)
  func `a continued run equals one that never stopped, to the bit`(
    penalty: AttentionPenalty, precision: Precision
  ) throws {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let whole = Trainer(network(), settings: settings(penalty, precision: precision), data: "d")
      #expect(try whole.train(on: training, validation: validation) == .finished)

      // Stopped in the middle of the second epoch: five steps make one.
      let stepsLeft = Atomic<Int>(7)
      let stopped = Trainer(network(), settings: settings(penalty, precision: precision), data: "d")
      let outcome = try stopped.train(
        on: training, validation: validation, checkpoint: file,
        observer: TrainingObserver(shouldStop: {
          stepsLeft.subtract(1, ordering: .relaxed).newValue < 0
        }))
      #expect(outcome == .interrupted(epochsDone: 1))

      let continued = Trainer(
        network(seed: 99), settings: settings(penalty, precision: precision), data: "d")
      try continued.resume(from: file)
      #expect(continued.run.history.count == 1)
      #expect(
        try continued.train(on: training, validation: validation, checkpoint: file) == .finished)
      #expect(continued.run.history.map(\.timeless) == whole.run.history.map(\.timeless))
      #expect(continued.model.state == whole.model.state)
    }
  }

  @Test(arguments: [AttentionPenalty.unconstrained, .dual, .exact], Precision.allCases)
  func `the network learns, and every record obeys weak duality`(
    penalty: AttentionPenalty, precision: Precision
  ) throws {
    // Epochs enough for every processor's rounding: 8 halve the loss on some, 9 on others.
    let trainer = Trainer(
      network(),
      settings: settings(penalty, epochs: 12, learningRate: 3e-3, precision: precision), data: "d")
    #expect(try trainer.train(on: training, validation: validation) == .finished)
    let history = trainer.run.history
    #expect(history[11].trainingCrossEntropy < 0.5 * history[0].trainingCrossEntropy)
    #expect(history.allSatisfy { $0.oracle != nil })
    for oracle in history.compactMap(\.oracle) {
      #expect(oracle.suboptimality >= -1e-9)
      #expect(oracle.certifiedGap >= oracle.suboptimality - 1e-9)
      #expect(oracle.exactGap < 1e-6)
    }
  }

  @Test func `the exact penalty keeps maps together that drift apart without it`() throws {
    func disagreement(_ penalty: AttentionPenalty) throws -> Double {
      let model = network()
      // Peaked maps: flat ones agree whatever happens.
      for (name, parameter) in model.namedParameters() where name.hasSuffix("w2.weight") {
        parameter.value = (20 as Float) * parameter.value
      }
      let trainer = Trainer(
        model, settings: settings(penalty, epochs: 20, learningRate: 3e-3), data: "d")
      #expect(try trainer.train(on: training, validation: training) == .finished)
      return try #require(trainer.run.history[19].oracle).optimum
    }
    let (free, exact) = (try disagreement(.unconstrained), try disagreement(.exact))
    #expect(free > 0.1 && exact < 0.1 * free, "\(free) \(exact)")
  }

  @Test func `only Dual changes λ`() throws {
    for penalty in AttentionPenalty.allCases {
      let trainer = Trainer(network(), settings: settings(penalty, epochs: 1), data: "d")
      _ = try trainer.train(on: training, validation: validation)
      let witness = try #require(trainer.model.witness).value.elements
      #expect(witness.contains { $0 != 0 } == (penalty == .dual))
    }
  }

  @Test(arguments: Precision.allCases)
  func `a loss that is not finite stops the run and names where it began`(
    precision: Precision
  ) throws {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      var elements = training.elements
      elements[0] = .nan
      let broken = ImageSet(
        elements: elements, imageShape: training.imageShape, labels: training.labels)
      let trainer = Trainer(
        network(), settings: settings(.unconstrained, precision: precision), data: "d")
      let outcome = try trainer.train(on: broken, validation: validation, checkpoint: file)
      guard case .diverged(let epoch, _, let primitive) = outcome else {
        Issue.record("\(outcome)")
        return
      }
      #expect(epoch == 1 && primitive == "conv2d")
      #expect(!FileManager.default.fileExists(atPath: file.path))
    }
  }

  @Test func `a checkpoint of another run is refused, and nothing changes`() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let first = Trainer(network(), settings: settings(.dual, epochs: 1), data: "d")
      _ = try first.train(on: training, validation: validation, checkpoint: file)

      let other = Trainer(network(), settings: settings(.exact, epochs: 1), data: "d")
      let before = other.model.state
      #expect(
        throws: TrainingError.otherRun(path: file.path, difference: "penalty dual, now exact")
      ) { try other.resume(from: file) }
      let rounding = Trainer(
        network(), settings: settings(.dual, epochs: 1, precision: .bfloat16), data: "d")
      #expect(
        throws: TrainingError.otherRun(
          path: file.path, difference: "precision float32, now bfloat16")
      ) { try rounding.resume(from: file) }
      let elsewhere = Trainer(network(), settings: settings(.dual, epochs: 1), data: "e")
      #expect(throws: TrainingError.otherRun(path: file.path, difference: "data d, now e")) {
        try elsewhere.resume(from: file)
      }
      #expect(other.model.state == before)
    }
  }

  @Test func `a truncated checkpoint is an error and stays as it is`() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let first = Trainer(network(), settings: settings(.dual, epochs: 1), data: "d")
      _ = try first.train(on: training, validation: validation, checkpoint: file)
      let half = try Data(contentsOf: file).prefix(1000)
      try half.write(to: file)
      let other = Trainer(network(), settings: settings(.dual), data: "d")
      #expect(throws: TrainingError.self) { try other.resume(from: file) }
      #expect(try Data(contentsOf: file) == half)
      #expect(other.run.history.isEmpty)
    }
  }

  @Test func `sets without images and labels without a class are refused`() {
    let trainer = Trainer(network(), settings: settings(.dual), data: "d")
    let nothing = ImageSet(elements: [], imageShape: [1, 16, 16], labels: [])
    #expect(throws: TrainingError.noImages(set: "training")) {
      try trainer.train(on: nothing, validation: validation)
    }
    #expect(throws: TrainingError.noImages(set: "validation")) {
      try trainer.train(on: training, validation: nothing)
    }
    var labels = training.labels
    labels[5] = 2
    let strange = ImageSet(
      elements: training.elements, imageShape: training.imageShape, labels: labels)
    #expect(
      throws: TrainingError.labelOutOfRange(set: "training", index: 5, label: 2, classes: 2)
    ) { try trainer.train(on: strange, validation: validation) }
  }
}

/// A classifier that reads its answer off the first pixel.
private struct FirstPixel: GatedClassifier {
  var classes: Int { 2 }

  func callAsFunction(_ images: Tensor) -> GatedOutput {
    let (count, size) = (images.shape[0], images.shape.dropFirst().reduce(1, *))
    let pixels = images.elements
    let logits = (0..<count).flatMap { image -> [Float] in [0, pixels[image * size]] }
    let flat = AttentionMap(potentials: Tensor(repeating: 0, shape: [count, 4, 4]))
    return GatedOutput(
      logits: Tensor(logits, shape: [count, 2]),
      features: Tensor(repeating: 0, shape: [count, 1]), fine: flat,
      coarse: AttentionMap(potentials: Tensor(repeating: 0, shape: [count, 2, 2])))
  }
}

@Suite struct EvaluationTests {
  @Test func `accuracy counts images and balanced accuracy classes`() throws {
    // Three of class 0, two right; one of class 1, right. A logit of 0 is a tie: the first class.
    let images = ImageSet(
      elements: [-1, 0, 2, 1].flatMap { [Float]([$0, 0, 0, 0]) }, imageShape: [1, 2, 2],
      labels: [0, 0, 0, 1])
    let evaluation = try Evaluation(FirstPixel(), on: images, batchSize: 3)
    #expect(evaluation.classes == [0, 0, 1, 1])
    #expect(evaluation.accuracy == 0.75)
    #expect(abs(evaluation.balancedAccuracy - (2.0 / 3 + 1) / 2) < 1e-15)
    let expected = [-1.0, 0, 2].map { log(1 + exp($0)) } + [log(1 + exp(-1.0))]
    // The classifier computes in Float32.
    #expect(abs(evaluation.crossEntropy - expected.reduce(0, +) / 4) < 1e-5)
  }

  @Test func `maps that agree have nothing to improve`() throws {
    let images = ImageSet(elements: [1, 0, 0, 0], imageShape: [1, 2, 2], labels: [0])
    let oracle = try #require(Evaluation(FirstPixel(), on: images, batchSize: 1).oracle)
    for value in [
      oracle.optimum, oracle.certifiedGap, oracle.suboptimality, oracle.residual,
      oracle.witnessDistance, oracle.totalVariation,
    ] { #expect(abs(value) < 1e-7) }
  }

  @Test func `a map's peak is its largest value over a flat map's`() {
    // Softmax of (log 2, 0, 0) is (1/2, 1/4, 1/4): 3/2 of a flat map's third; (0, 0, 0) is flat.
    let maps = MapStack(potentials: [log(2), 0, 0, 0, 0, 0], grid: [1, 3])
    let expected: [Float] = [0.5, 0.25, 0.25]
    #expect(maximumAbsoluteDifference(maps.probabilities(at: 0), expected) < 1e-6)
    #expect(maps.count == 2 && abs(maps.meanPeak - 1.25) < 1e-6)
    #expect(MapStack(potentials: [5, -7], grid: [1, 1]).meanPeak == 1)
  }

  @Test func `maps are written as instances of Eq. 4`() throws {
    try withTemporaryDirectory { folder in
      let images = ImageSet(elements: [1, 0, 0, 0], imageShape: [1, 2, 2], labels: [0])
      let url = folder.appendingPathComponent("maps.safetensors")
      try Evaluation(FirstPixel(), on: images, batchSize: 1).maps.write(to: url)
      let file = try Safetensors(contentsOf: url)
      #expect(try file.array(named: "phi_f").shape == [1, 16])
      #expect(try file.array(named: "phi_c").shape == [1, 4])
      #expect(
        try file.array(named: "labels").integers() == [
          0, 0, 1, 1, 0, 0, 1, 1, 2, 2, 3, 3, 2, 2, 3, 3,
        ]
      )
    }
  }
}
