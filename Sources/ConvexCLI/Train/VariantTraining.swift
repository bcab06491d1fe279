import ArgumentParser
import ArrayFiles
import ConvexKit
import Foundation
import Networks

/// The training of one network: its folder, its lines on the terminal.
struct VariantTraining {
  let variant: AttentionVariant
  /// The seed, where there are several.
  let seed: UInt64?
  let folder: URL
  let settings: TrainingSettings
  let features: Int
  /// What the network starts from; nil for random weights.
  let start: StartingWeights?
  let data: String
  /// Who trains it.
  let machines: TrainingMachines

  private var checkpoint: URL { folder.appendingPathComponent("checkpoint.safetensors") }
  private var best: URL { folder.appendingPathComponent("best.safetensors") }
  private var title: String { variant.title + (seed.map { ", seed \($0)" } ?? "") }

  /// Trains, or goes on, to the last epoch.
  ///
  /// - Parameters:
  ///   - training: The images to learn from.
  ///   - validation: The images to check on.
  /// - Returns: The trained network's records and maps, on the machine that writes them.
  /// - Throws: What training throws; `ExitCode` 130 when interrupted and 1 when the loss is no longer
  ///   finite.
  func run(_ training: ImageSet, _ validation: ImageSet) throws -> TrainedVariant? {
    if machines.isFirst {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      AtomicFile.removeLeftovers(in: folder)
    }
    // The same weights for every variant, so that only gates and penalty differ.
    var generator = SeededGenerator(seed: settings.seed, name: "weights")
    let architecture = UNetEncoder.Settings(
      channels: training.imageShape[0], features: features, classes: 2,
      size: Array(training.imageShape.dropFirst()))
    let model = UNetEncoder(architecture.gated(as: variant), using: &generator)
    try start?.apply(to: model)
    let trainer = Trainer(model, settings: settings, data: data, replicas: machines.replicas)
    if machines.isFirst, FileManager.default.fileExists(atPath: checkpoint.path) {
      try trainer.resume(from: checkpoint)
    }
    printHeading(after: trainer.run.history)
    let outcome = try train(trainer, training, validation)
    switch outcome {
    case .finished: break
    case .stoppedEarly(let best):
      print("stopped: no epoch since epoch \(best) had a better balanced accuracy")
    case .interrupted(let done):
      tell("interrupted; \(title) stands at epoch \(done), run the same command to go on")
      throw ExitCode(Interruption.exitCode)
    case .diverged(let epoch, let step, let primitive):
      tell(
        "error: the numbers are not finite any more in epoch \(epoch), step \(step), first in "
          + "\(primitive); \(epoch > 1 ? "\(checkpoint.path) has the epoch before; " : "")"
          + "try a lower --learning-rate, or --clip 1")
      throw Exit.failure
    }
    guard machines.isFirst else { return nil }
    let evaluation = try Evaluation(model, on: validation, batchSize: settings.batchSize)
    try evaluation.maps.write(to: folder.appendingPathComponent("maps.safetensors"))
    try AtomicFile.write(
      try history(trainer.run), to: folder.appendingPathComponent("history.json"))
    return TrainedVariant(
      variant: variant, seed: seed, history: trainer.run.history, evaluation: evaluation)
  }

  private func train(
    _ trainer: Trainer<UNetEncoder>, _ training: ImageSet, _ validation: ImageSet
  ) throws -> TrainingOutcome {
    let steps = (training.count + settings.batchSize - 1) / settings.batchSize
    let done = trainer.run.history.count
    let line = ProgressLine(
      "\(title), steps", total: max(0, settings.epochs - done) * steps)
    defer { line.finish() }
    return try trainer.train(
      on: training, validation: validation, checkpoint: machines.isFirst ? checkpoint : nil,
      best: machines.isFirst ? best : nil,
      observer: TrainingObserver(
        shouldStop: { Interruption.isRequested },
        didStep: { step in
          line.update(
            (step.epoch - 1 - done) * step.steps + step.step,
            "epoch \(step.epoch), loss \(TrainingTables.number(step.loss))")
        },
        didEndEpoch: { record in
          line.finish()
          print(EpochLine.text(record))
          fflush(nil)
        }))
  }

  private func printHeading(after history: [EpochRecord]) {
    print("\n\(title)\(history.isEmpty ? "" : ", continued after epoch \(history.count)")")
    print(EpochLine.heading)
    for record in history { print(EpochLine.text(record)) }
    fflush(nil)
  }

  private func history(_ run: TrainingRun) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return try encoder.encode(run)
  }

  private func tell(_ text: String) {
    guard machines.isFirst else { return }
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }
}

/// One line per epoch.
enum EpochLine {
  private static let columns = [
    ("epoch", 5), ("train", 8), ("penalty", 9), ("test", 8), ("accuracy", 8), ("optimum", 9),
    ("gap of λ", 9), ("subopt.", 9), ("residual", 9), ("‖λ−λ*‖", 9), ("seconds", 7),
  ]

  /// The names of the columns.
  static var heading: String {
    columns.map { name, width in pad(name, width) }.joined(separator: " ")
  }

  /// The numbers of an epoch under them.
  static func text(_ record: EpochRecord) -> String {
    let oracle = record.oracle
    let cells = [
      "\(record.epoch)", TrainingTables.number(record.trainingCrossEntropy),
      TrainingTables.number(record.trainingPenalty), TrainingTables.number(record.crossEntropy),
      TrainingTables.percent(record.accuracy), TrainingTables.number(oracle?.optimum),
      TrainingTables.number(oracle?.certifiedGap), TrainingTables.number(oracle?.suboptimality),
      TrainingTables.number(oracle?.residual), TrainingTables.number(oracle?.witnessDistance),
      String(format: "%.1f", record.trainingSeconds),
    ]
    return zip(cells, columns).map { pad($0, $1.1) }.joined(separator: " ")
  }

  private static func pad(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
