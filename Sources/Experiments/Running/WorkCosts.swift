import ConvexKit
import Explanations
import Foundation
import Networks

/// Seconds per image of every kind of work in an experiment, measured.
struct WorkCosts: Sendable, Equatable {
  /// A step of training, per image.
  var training: [StudiedNetwork: Double] = [:]
  /// A method's maps, per image.
  var explaining: [Method: Double] = [:]
  /// A pass of the baseline, per image.
  var pass = 0.0

  /// Pixels that go through a network at once while measuring: enough to be fast, few enough for any
  /// memory.
  private static let pixels = 1 << 19

  /// Measures an experiment's work: two steps of each network, of which the second counts, and the
  /// maps of a few images by each method.
  init(measuring study: any Study, seed: UInt64) throws(ExperimentError) {
    var models: [StudiedNetwork: any GatedClassifier] = [:]
    for network in study.networks {
      let model = try study.makeNetwork(network, seed: seed)
      training[network] = try Self.step(model, network, study)
      models[network] = model
    }
    for method in study.methods {
      guard let model = models[method.network] else { continue }
      explaining[method] = try Self.maps(method, model, study)
    }
    if let baseline = models[.baseline] { pass = Self.pass(baseline, study) }
  }

  /// No time for anything.
  init() {}

  /// How many images are measured with.
  private static func count(_ study: any Study, atMost limit: Int) -> Int {
    let size = study.training.imageShape.dropFirst().reduce(1, *)
    return max(2, min(limit, pixels / size))
  }

  private static func step(
    _ model: some GatedClassifier, _ network: StudiedNetwork, _ study: any Study
  ) throws(ExperimentError) -> Double {
    var settings = study.settings(of: network, seed: 0)
    settings.epochs = 2
    let count = min(count(study, atMost: settings.batchSize), study.training.count)
    let (images, labels) = study.training.batch(0..<count)
    let few = ImageSet(
      elements: images.elements, imageShape: study.training.imageShape, labels: labels)
    do {
      let trainer = Trainer(model, settings: settings, data: "")
      _ = try trainer.train(on: few, validation: few)
      model.setTraining(false)
      return (trainer.run.history.last?.trainingSeconds ?? 0) / Double(count)
    } catch {
      throw .training(error)
    }
  }

  private static func maps(
    _ method: Method, _ model: any GatedClassifier, _ study: any Study
  ) throws(ExperimentError) -> Double {
    let count = min(
      count(study, atMost: study.explanation.batchSize), study.explained.count)
    let (images, labels) = study.batch(0..<count)
    do {
      let maker = try MapMaker(method, of: model, in: study, seed: 0)
      let target = study.explanation.target(labels)
      _ = try maker.maps(images, target: target, start: 0)
      let start = Date()
      _ = try maker.maps(images, target: target, start: 0)
      return Date().timeIntervalSince(start) / Double(count)
    } catch {
      throw .explanation(error)
    }
  }

  private static func pass(_ model: any GatedClassifier, _ study: any Study) -> Double {
    let count = min(
      count(study, atMost: study.explanation.batchSize), study.explained.count)
    let (images, _) = study.batch(0..<count)
    withoutRecording { _ = model(images) }
    let start = Date()
    withoutRecording { _ = model(images).logits.elements }
    return Date().timeIntervalSince(start) / Double(count)
  }

  // MARK: Sums

  /// One epoch of a network: a pass over the training images, and one over the held-out ones, which
  /// needs no gradient and costs about a third.
  func epoch(of network: StudiedNetwork, in study: any Study) -> Double {
    (training[network] ?? 0)
      * (Double(study.training.count) + Double(study.validation.count) / 3)
  }

  /// All epochs of a network.
  func training(of network: StudiedNetwork, in study: any Study) -> Double {
    Double(study.plan(of: network).epochs) * epoch(of: network, in: study)
  }

  /// What it takes to judge a method's maps of all images.
  func judging(_ method: Method, in study: any Study) -> Double {
    pass * Double(study.passesPerMap * method.blocks.count * study.explained.count)
  }

  /// A record without its network.
  func record(of method: Method, in study: any Study) -> Double {
    (explaining[method] ?? 0) * Double(study.explained.count) + judging(method, in: study)
  }

  /// The estimate of a whole experiment.
  func estimate(of study: any Study, seeds: Int) -> TimeEstimate {
    var items = study.networks.map { network in
      let epochs = study.plan(of: network).epochs
      let images = study.training.count + study.validation.count / 3
      return TimeEstimate.Item(
        name: "train \(network.name)", secondsPerImage: training[network] ?? 0,
        images: seeds * epochs * images)
    }
    items += study.methods.map { method in
      TimeEstimate.Item(
        name: "explain by \(method.title)", secondsPerImage: explaining[method] ?? 0,
        images: seeds * study.explained.count)
    }
    let blocks = study.methods.reduce(0) { $0 + $1.blocks.count }
    if study.passesPerMap > 0 {
      items.append(
        TimeEstimate.Item(
          name: "classify perturbed images", secondsPerImage: pass,
          images: seeds * study.explained.count * study.passesPerMap * blocks))
    }
    return TimeEstimate(items: items, costs: self)
  }
}
