import Foundation
import Networks

/// A trained network of one seed and what it does on the held-out images.
struct TrainedNetwork {
  let model: any GatedClassifier
  let evaluation: Evaluation
}

/// The networks of one seed: trained, or read from their checkpoints, when a method asks for them.
final class NetworkStore {
  private let study: any Study
  private let folder: URL
  private let seed: UInt64
  private let costs: WorkCosts
  private let meter: WorkMeter
  private let observer: ExperimentObserver
  private var trained: [StudiedNetwork: TrainedNetwork] = [:]

  /// The store of a seed.
  ///
  /// - Parameters:
  ///   - study: The experiment.
  ///   - folder: Where every network has a folder of its own.
  ///   - seed: The seed of the networks.
  ///   - costs: What an epoch of each network costs.
  ///   - meter: Hears of epochs that are done.
  ///   - observer: Who may stop the training.
  init(
    _ study: any Study, folder: URL, seed: UInt64, costs: WorkCosts, meter: WorkMeter,
    observer: ExperimentObserver
  ) {
    (self.study, self.folder, self.seed) = (study, folder, seed)
    (self.costs, self.meter, self.observer) = (costs, meter, observer)
  }

  /// Where a network's checkpoint is.
  static func checkpoint(_ network: StudiedNetwork, seed: UInt64, in folder: URL) -> URL {
    folder.appendingPathComponent(network.name)
      .appendingPathComponent("seed-\(seed)")
      .appendingPathComponent("checkpoint.safetensors")
  }

  /// A network, trained to its last epoch.
  ///
  /// - Returns: The network in evaluation mode; nil if the observer stopped the training.
  /// - Throws: ``ExperimentError``: it cannot be trained, or its numbers are not finite any more.
  func network(_ network: StudiedNetwork) throws(ExperimentError) -> TrainedNetwork? {
    if let known = trained[network] { return known }
    let model = try study.makeNetwork(network, seed: seed)
    if study.startsFromBaseline(network) {
      guard let baseline = try self.network(.baseline) else { return nil }
      do {
        try model.load(
          baseline.model.state, path: "the baseline's weights",
          allowing: AllowedDifferences(missing: ["tau_k", "tau_l", "marginals"]))
      } catch {
        throw .weights(error)
      }
    }
    guard let result = try train(model, as: network) else { return nil }
    trained[network] = result
    return result
  }

  private func train(
    _ model: some GatedClassifier, as network: StudiedNetwork
  ) throws(ExperimentError) -> TrainedNetwork? {
    let url = Self.checkpoint(network, seed: seed, in: folder)
    try makeFolder(url.deletingLastPathComponent())
    let outcome: TrainingOutcome
    do throws(TrainingError) {
      let trainer = Trainer(
        model, settings: study.settings(of: network, seed: seed),
        data: study.fingerprint + " " + network.name)
      if FileManager.default.fileExists(atPath: url.path) { try trainer.resume(from: url) }
      outcome = try trainer.train(
        on: study.training, validation: study.validation, checkpoint: url,
        observer: trainingObserver(network, done: trainer.run.history.count))
    } catch {
      throw .training(error)
    }
    switch outcome {
    case .finished, .stoppedEarly: return try evaluated(model)
    case .interrupted: return nil
    case .diverged(let epoch, let step, let place):
      throw .diverged(
        network: network.name, seed: seed, epoch: epoch, step: step, place: place)
    }
  }

  private func evaluated(_ model: some GatedClassifier) throws(ExperimentError) -> TrainedNetwork {
    do {
      let evaluation = try Evaluation(
        model, on: study.validation, batchSize: study.explanation.batchSize)
      model.setTraining(false)
      return TrainedNetwork(model: model, evaluation: evaluation)
    } catch {
      throw .training(error)
    }
  }

  private func trainingObserver(_ network: StudiedNetwork, done: Int) -> TrainingObserver {
    let epoch = costs.epoch(of: network, in: study)
    let (meter, shouldStop) = (meter, observer.shouldStop)
    let name = "\(network.name), seed \(seed)"
    meter.skip(Double(done) * epoch)
    return TrainingObserver(
      shouldStop: shouldStop,
      didStep: { step in
        meter.advance(epoch / Double(step.steps), "\(name), epoch \(step.epoch)")
      })
  }
}
