import ConvexKit
import DualLayer
import Foundation
import KLProjection

// Training with the exact program beside it.
//
// For each step, on a batch of images x with labels y,
//
//     loss = crossEntropy(logits(x), y) + α · penalty(φ(x), ψ(x)),                          (1)
//
// where the penalty is 0, Eq. 6's divergence at the learned λ or at 0, or the optimum of Eq. 4
// (``AttentionPenalty``), and parameters follow Adam. After each epoch the held-out images are
// classified and the maps of two gates given to the oracle (``Evaluation``), the learning rate
// follows its schedule, and everything that is needed to go on is written to one file, whole or not
// at all.
//
// The order of the images is a function of the seed and the epoch, the state of everything else
// is in the checkpoint: a continued run equals, bit for bit, one that never stopped.

/// Trains a classifier, with or without attention gates, epoch by epoch, and keeps count.
public final class Trainer<Model: GatedClassifier> {
  /// The network, trained in place.
  public let model: Model
  /// The settings, the data's name and the epochs so far.
  public private(set) var run: TrainingRun
  private let optimizer: Adam
  private var schedule: LearningRateSchedule
  /// Eq. 4 on the grids of this network's maps, made when they are first seen.
  private var knownConsistency: ConsistentAttention?

  /// A trainer at the beginning of a run.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - settings: How to train it.
  ///   - data: What the data are called: their hash, say.
  ///   - schedule: How the learning rate follows the held-out cross-entropy.
  public init(
    _ model: Model, settings: TrainingSettings, data: String,
    schedule: LearningRateSchedule = .plateau(ReduceLROnPlateau())
  ) {
    self.model = model
    self.schedule = schedule
    run = TrainingRun(settings: settings, data: data)
    optimizer = Adam(model.namedParameters(), learningRate: settings.learningRate)
  }

  /// Goes to where a checkpoint left off.
  ///
  /// - Parameter url: A file that ``train(on:validation:checkpoint:observer:)`` wrote.
  /// - Throws: ``TrainingError``: no such checkpoint, or one of another run. Nothing has changed then.
  public func resume(from url: URL) throws(TrainingError) {
    let checkpoint = try mapping { () throws(CheckpointError) in
      try Checkpoint<TrainingRun>(contentsOf: url)
    }
    if let difference = run.difference(from: checkpoint.run) {
      throw .otherRun(path: url.path, difference: difference)
    }
    try mapping { () throws(CheckpointError) in try checkpoint.restore(model, optimizer) }
    schedule = checkpoint.schedule
    run.history = checkpoint.run.history
  }

  /// Trains until all epochs are done.
  ///
  /// - Parameters:
  ///   - training: The images to learn from.
  ///   - validation: The images to check on after every epoch.
  ///   - checkpoint: Where to write the state after every epoch; nil writes nothing.
  ///   - observer: Who watches, and may stop the run.
  /// - Returns: How it ended; ``run`` has the records.
  /// - Throws: ``TrainingError``: the images do not fit, or a checkpoint could not be written.
  public func train(
    on training: ImageSet, validation: ImageSet, checkpoint: URL? = nil,
    observer: TrainingObserver = TrainingObserver()
  ) throws(TrainingError) -> TrainingOutcome {
    try check(training, "training")
    try check(validation, "validation")
    while run.history.count < run.settings.epochs {
      let epoch = run.history.count + 1
      let learningRate = optimizer.learningRate
      var steps = StepTotals()
      if let ending = try trainEpoch(epoch, on: training, &steps, observer) { return ending }
      let evaluation = try Evaluation(model, on: validation, batchSize: run.settings.batchSize)
      let record = EpochRecord(
        epoch: epoch, learningRate: learningRate, steps: steps, evaluation: evaluation)
      run.history.append(record)
      optimizer.learningRate = schedule.rate(
        afterEpoch: epoch - 1, metric: record.crossEntropy, learningRate: learningRate)
      if let checkpoint { try write(to: checkpoint, epoch: epoch) }
      observer.didEndEpoch(record)
    }
    return .finished
  }

  private func check(_ images: ImageSet, _ name: String) throws(TrainingError) {
    guard images.count > 0 else { throw .noImages(set: name) }
    let classes = model.classes
    for (index, label) in images.labels.enumerated() where !(0..<classes).contains(label) {
      throw .labelOutOfRange(set: name, index: index, label: label, classes: classes)
    }
  }

  private func trainEpoch(
    _ epoch: Int, on images: ImageSet, _ totals: inout StepTotals, _ observer: TrainingObserver
  ) throws(TrainingError) -> TrainingOutcome? {
    model.setTraining(true)
    let order = images.order(seed: run.settings.seed, epoch: epoch)
    let size = run.settings.batchSize
    let steps = (order.count + size - 1) / size
    let start = Date()
    for step in 1...steps {
      if observer.shouldStop() { return .interrupted(epochsDone: epoch - 1) }
      let chosen = order[(step - 1) * size..<min(step * size, order.count)]
      let (batch, labels) = images.batch(chosen)
      let output = model(batch)
      let crossEntropy = output.logits.crossEntropy(labels)
      let penalty = try penalty(of: output)
      // (1)
      let loss = penalty.map { crossEntropy + Float(run.settings.alpha) * $0 } ?? crossEntropy
      guard loss.item.isFinite else {
        let name = loss.firstNonFiniteApplication()?.primitive ?? "loss"
        return .diverged(epoch: epoch, step: step, primitive: name)
      }
      totals.add(
        crossEntropy: crossEntropy.item, penalty: penalty?.item ?? 0,
        correct: output.logits.correctCount(labels), images: labels.count)
      loss.backward()
      optimizer.step()
      model.clearGradients()
      observer.didStep(
        .init(epoch: epoch, step: step, steps: steps, loss: Double(loss.item)))
    }
    totals.seconds = Date().timeIntervalSince(start)
    return nil
  }

  private func penalty(of output: GatedOutput) throws(TrainingError) -> Tensor? {
    let kind = run.settings.penalty
    guard kind != .unconstrained else { return nil }
    guard let fine = output.fine, let coarse = output.coarse else {
      throw .unfit(reason: "the network has not two attention gates")
    }
    let consistency = try consistency(fine, coarse)
    switch kind {
    case .unconstrained:
      return nil
    case .exact:
      return consistency.exactPenalty(fine: fine, coarse: coarse)
    case .dual:
      guard let witness = model.witness else {
        throw .unfit(reason: "the network has no multiplier λ to learn")
      }
      return consistency.witnessPenalty(fine: fine, coarse: coarse, witness: witness.value)
    case .klCoarseFine, .klFineCoarse:
      let zero = Tensor(repeating: 0, shape: [1, 1] + coarse.potentials.shape.suffix(2))
      return consistency.witnessPenalty(fine: fine, coarse: coarse, witness: zero)
    }
  }

  private func consistency(
    _ fine: AttentionMap, _ coarse: AttentionMap
  ) throws(TrainingError) -> ConsistentAttention {
    if let knownConsistency { return knownConsistency }
    do {
      let pooling = try Marginalization(
        fine: Array(fine.potentials.shape.suffix(2)),
        coarse: Array(coarse.potentials.shape.suffix(2)))
      let made = try ConsistentAttention(
        pooling, divergence: run.settings.penalty.divergence, alpha: 1)  // α is applied in (1)
      knownConsistency = made
      return made
    } catch {
      throw .unfit(reason: "the attention maps are no instance of Eq. 4: \(error)")
    }
  }

  private func write(to url: URL, epoch: Int) throws(TrainingError) {
    let seed = SeededGenerator(seed: run.settings.seed, name: "order.\(epoch + 1)")
    try mapping { () throws(CheckpointError) in
      try Checkpoint(
        model: model, optimizer: optimizer, schedule: schedule, epoch: epoch, generator: seed,
        run: run
      ).write(to: url)
    }
  }

  private func mapping<Result>(
    _ body: () throws(CheckpointError) -> Result
  ) throws(TrainingError) -> Result {
    do throws(CheckpointError) {
      return try body()
    } catch {
      throw .checkpoint(error)
    }
  }
}

/// Sums over the steps of an epoch.
struct StepTotals {
  var crossEntropy = 0.0
  var penalty = 0.0
  var correct = 0
  var images = 0
  var seconds = 0.0

  mutating func add(crossEntropy: Float, penalty: Float, correct: Int, images: Int) {
    self.crossEntropy += Double(crossEntropy) * Double(images)
    self.penalty += Double(penalty) * Double(images)
    self.correct += correct
    self.images += images
  }
}

extension EpochRecord {
  init(epoch: Int, learningRate: Double, steps: StepTotals, evaluation: Evaluation) {
    let images = Double(max(1, steps.images))
    self.init(
      epoch: epoch, learningRate: learningRate,
      trainingCrossEntropy: steps.crossEntropy / images, trainingPenalty: steps.penalty / images,
      trainingAccuracy: Double(steps.correct) / images, crossEntropy: evaluation.crossEntropy,
      accuracy: evaluation.accuracy, balancedAccuracy: evaluation.balancedAccuracy,
      oracle: evaluation.oracle, trainingSeconds: steps.seconds)
  }
}
