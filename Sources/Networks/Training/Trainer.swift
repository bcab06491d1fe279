import ConvexKit
import Foundation

// Training with the exact program beside it.
//
// A step goes down the loss of a batch of images x with labels y,
//
//     loss = crossEntropy(logits(x), y) + α · penalty(φ(x), ψ(x)),
//
// where the penalty is 0, Eq. 6's divergence at the learned λ or at 0, or the optimum of Eq. 4
// (``AttentionPenalty``; ``TrainingStep`` has the details), and parameters follow Adam. After each
// epoch the held-out images are classified and the maps of two gates given to the oracle
// (``Evaluation``), the learning rate follows its schedule, and everything that is needed to go on is
// written to one file, whole or not at all.
//
// Order, balance and augmentation of the images are functions of the seed and the epoch, early
// stopping is one of the history, and the state of everything else is in the checkpoint: a continued
// run equals, bit for bit, one that never stopped.

/// Trains a classifier, with or without attention gates, epoch by epoch, and keeps count.
public final class Trainer<Model: GatedClassifier> {
  /// The network, trained in place.
  public let model: Model
  /// The settings, the data's name and the epochs so far.
  public private(set) var run: TrainingRun
  private let optimizer: Adam
  private var schedule: LearningRateSchedule
  /// What this machine says to the others; nil for a single one.
  let replicas: ReplicaStep?

  /// A trainer at the beginning of a run. It freezes the backbone if the settings say so.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - settings: How to train it.
  ///   - data: What the data are called: their hash, say.
  ///   - replicas: The machines that train it together; nil for this one alone. All of them make the
  ///     same calls, and the first one's state and files count.
  public init(
    _ model: Model, settings: TrainingSettings, data: String, replicas: Replicas? = nil
  ) {
    self.model = model
    self.replicas = replicas.map(ReplicaStep.init)
    schedule = settings.schedule
    run = TrainingRun(settings: settings, data: data)
    if settings.backbone != .trained {
      model.freezeBackbone(movingStatistics: settings.backbone == .movingStatistics)
    }
    optimizer = Adam(model.namedParameters(), learningRate: settings.learningRate)
  }

  /// Goes to where a checkpoint left off.
  ///
  /// - Parameter url: A file that ``train(on:validation:checkpoint:best:observer:)`` wrote.
  /// - Throws: ``TrainingError``: no such checkpoint, or one of another run. Nothing has changed then.
  public func resume(from url: URL) throws(TrainingError) {
    let checkpoint = try mapping { () throws(CheckpointError) in
      try Checkpoint<TrainingRun>(contentsOf: url)
    }
    try resume(from: checkpoint, path: url.path)
  }

  func resume(
    from checkpoint: Checkpoint<TrainingRun>, path: String
  ) throws(TrainingError) {
    if let difference = run.difference(from: checkpoint.run) {
      throw .otherRun(path: path, difference: difference)
    }
    try mapping { () throws(CheckpointError) in try checkpoint.restore(model, optimizer) }
    schedule = checkpoint.schedule
    run.history = checkpoint.run.history
  }

  /// Trains until all epochs are done, or nothing has improved for too long.
  ///
  /// - Parameters:
  ///   - training: The images to learn from.
  ///   - validation: The images to check on after every epoch.
  ///   - checkpoint: Where to write the state after every epoch; nil writes nothing.
  ///   - best: Where to write the state after every epoch that has the best balanced accuracy so far;
  ///     nil writes nothing.
  ///   - observer: Who watches, and may stop the run.
  /// - Returns: How it ended; ``run`` has the records.
  /// - Throws: ``TrainingError``: the images do not fit or cannot be read, or a checkpoint could not be
  ///   written. The checkpoints before stay as they are.
  public func train(
    on training: some ImageSource, validation: some ImageSource, checkpoint: URL? = nil,
    best: URL? = nil, observer: TrainingObserver = TrainingObserver()
  ) throws(TrainingError) -> TrainingOutcome {
    try check(training, "training")
    try check(validation, "validation")
    let step = TrainingStep(
      model, run.settings,
      classWeights: try run.settings.classWeighting.weights(
        labels: training.labels, classes: model.classes))
    let shard = try shard(of: training)
    defer { replicas?.release(model) }
    try beginTogether()
    while run.history.count < run.settings.epochs {
      if run.isPatienceExhausted { return .stoppedEarly(best: run.best?.epoch ?? 0) }
      let epoch = run.history.count + 1
      var totals = StepTotals()
      if let ending = try trainEpoch(epoch, step, on: training, shard, &totals, observer) {
        return ending
      }
      try communicating { () throws(CommunicationError) in
        try replicas?.averageStatistics(model)
      }
      if let place = model.firstNonFiniteParameter() ?? model.firstNonFiniteBuffer() {
        return .diverged(epoch: epoch, step: totals.steps, primitive: place)
      }
      let record = try together { () throws(TrainingError) in
        EpochRecord(
          epoch: epoch, learningRate: optimizer.learningRate, steps: totals,
          evaluation: try Evaluation(model, on: validation, batchSize: passSize))
      }
      note(record)
      _ = try together { () throws(TrainingError) in
        try write(checkpoint, best)
        return epoch
      }
      try communicating { () throws(CommunicationError) in
        try replicas?.check(model, epoch: epoch)
      }
      observer.didEndEpoch(record)
    }
    return .finished
  }

  /// How many images go through the network at once.
  private var passSize: Int {
    min(run.settings.batchSize, run.settings.partSize ?? run.settings.batchSize)
  }

  private func check(_ images: some ImageSource, _ name: String) throws(TrainingError) {
    guard images.count > 0 else { throw .noImages(set: name) }
    if let expected = model.imageShape, expected != images.imageShape {
      throw .misshapenSet(set: name, expected: expected, actual: images.imageShape)
    }
    let classes = model.classes
    for (index, label) in images.labels.enumerated() where !(0..<classes).contains(label) {
      throw .labelOutOfRange(set: name, index: index, label: label, classes: classes)
    }
  }

  // MARK: Epochs

  private func trainEpoch(
    _ epoch: Int, _ step: TrainingStep<Model>, on images: some ImageSource, _ shard: [Int],
    _ totals: inout StepTotals, _ observer: TrainingObserver
  ) throws(TrainingError) -> TrainingOutcome? {
    model.setTraining(true)
    model.clearGradients()
    let labels = images.labels
    let order = run.settings.sampling
      .order(labels: shard.map { labels[$0] }, seed: run.settings.seed, epoch: epoch)
      .map { shard[$0] }
    let batches = evenParts(
      of: order.count, count: batchCount(of: labels.count, size: run.settings.batchSize)
    ).map { Array(order[$0]) }
    let loader = BatchLoader(
      images, name: "training", batches: batches, map: map(epoch, images.imageShape))
    let gradients = replicas.map { GradientSum(model.parameters, $0.replicas) }
    let start = Date()
    for _ in batches {
      guard let (batch, total) = try next(loader, step, observer) else {
        return .interrupted(epochsDone: epoch - 1)
      }
      gradients?.begin()
      var result = try step.run(batch, of: total, gradients: gradients)
      try communicating { () throws(CommunicationError) in
        try gradients?.complete()
        if let replicas { result = try replicas.result(result) }
      }
      if let place = result.nonFinite ?? clip() {
        return .diverged(epoch: epoch, step: totals.steps + 1, primitive: place)
      }
      optimizer.step()
      model.clearGradients()
      totals.add(result)
      observer.didStep(
        .init(
          epoch: epoch, step: totals.steps, steps: batches.count,
          loss: result.loss(alpha: run.settings.alpha)))
    }
    totals.seconds = Date().timeIntervalSince(start)
    return nil
  }

  /// What is done to the training images of an epoch.
  private func map(_ epoch: Int, _ imageShape: [Int]) -> (@Sendable (Int) -> PixelMap)? {
    guard let augmentation = run.settings.augmentation else { return nil }
    let seed = run.settings.seed
    return { index in
      augmentation.map(
        ofImage: index, epoch: epoch, seed: seed, height: imageShape[1], width: imageShape[2])
    }
  }

  /// Bounds the norm of the gradient; says which one is not finite, if any.
  private func clip() -> String? {
    guard let largest = run.settings.maximumGradientNorm else { return nil }
    let norm = model.clipGradients(maxNorm: largest)
    return norm.isFinite ? nil : model.firstNonFiniteGradient() ?? "norm of the gradient"
  }

  /// Takes note of an epoch.
  private func note(_ record: EpochRecord) {
    run.history.append(record)
    optimizer.learningRate = schedule.rate(
      afterEpoch: record.epoch - 1, metric: record.crossEntropy,
      learningRate: record.learningRate)
  }

  /// Writes the checkpoints after an epoch.
  private func write(_ checkpoint: URL?, _ best: URL?) throws(TrainingError) {
    // The best one first: if the process dies in between, this epoch is trained again.
    let isBest = run.best?.epoch == run.history.count
    let files = [isBest ? best : nil, checkpoint].compactMap { $0 }
    guard !files.isEmpty else { return }
    let state = state
    try mapping { () throws(CheckpointError) in
      for file in files { try state.write(to: file) }
    }
  }

  /// All that it takes to go on.
  var state: Checkpoint<TrainingRun> {
    let epoch = run.history.count
    return Checkpoint(
      model: model, optimizer: optimizer, schedule: schedule, epoch: epoch,
      generator: SeededGenerator(seed: run.settings.seed, name: "order.\(epoch + 1)"), run: run)
  }

  func mapping<Result>(
    _ body: () throws(CheckpointError) -> Result
  ) throws(TrainingError) -> Result {
    do throws(CheckpointError) {
      return try body()
    } catch {
      throw .checkpoint(error)
    }
  }

  func communicating<Result>(
    _ body: () throws(CommunicationError) -> Result
  ) throws(TrainingError) -> Result {
    do throws(CommunicationError) {
      return try body()
    } catch {
      throw .communication(error)
    }
  }
}
