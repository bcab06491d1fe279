import Explanations
import Foundation
import Networks

// A run makes, for each seed, the records that are missing:
//
//     for seed: for method: record exists? else network (checkpoint, or train) → maps → score → record
//
// A record is written whole when all its numbers are there; whatever stops a run in between costs at
// most one record and one epoch.

/// One run of an experiment over all seeds and methods.
struct ExperimentRun {
  let study: any Study
  let seeds: [UInt64]
  let folder: URL
  let costs: WorkCosts
  let observer: ExperimentObserver

  private var records: RecordStore {
    RecordStore(folder: folder.appendingPathComponent("records"))
  }

  /// Makes the missing records.
  ///
  /// - Returns: All records by seed and method; nil and the number that are there if the observer
  ///   stopped the run.
  func run() throws(ExperimentError) -> (records: [MethodRecord]?, done: Int) {
    var found: [MethodRecord] = []
    var missing: [(seed: UInt64, methods: [Method])] = []
    for seed in seeds {
      var methods: [Method] = []
      for method in study.methods {
        if let record = try records.read(method, seed: seed) {
          found.append(record)
        } else {
          methods.append(method)
        }
      }
      if !methods.isEmpty { missing.append((seed, methods)) }
    }
    let meter = WorkMeter(total: seconds(of: missing), report: observer.didAdvance)
    for (seed, methods) in missing {
      guard try make(methods, seed: seed, meter, &found) else { return (nil, found.count) }
    }
    return (inOrder(found), found.count)
  }

  /// The records of one seed; false if the observer stopped the run.
  private func make(
    _ methods: [Method], seed: UInt64, _ meter: WorkMeter, _ found: inout [MethodRecord]
  ) throws(ExperimentError) -> Bool {
    let networks = NetworkStore(
      study, folder: folder.appendingPathComponent("networks"), seed: seed, costs: costs,
      meter: meter, observer: observer)
    for method in methods {
      if observer.shouldStop() { return false }
      guard let record = try record(method, seed: seed, networks, meter) else { return false }
      try records.write(record)
      found.append(record)
      observer.didRecord(record)
    }
    return true
  }

  /// One record; nil if the observer stopped the run.
  private func record(
    _ method: Method, seed: UInt64, _ networks: NetworkStore, _ meter: WorkMeter
  ) throws(ExperimentError) -> MethodRecord? {
    guard let baseline = try networks.network(.baseline),
      let network = try networks.network(method.network)
    else { return nil }
    let evaluation = network.evaluation
    var record = MethodRecord(
      method: method, seed: seed,
      network: .init(
        accuracy: evaluation.accuracy, balancedAccuracy: evaluation.balancedAccuracy,
        crossEntropy: evaluation.crossEntropy))
    do throws(TrainingError) {
      record.consistency = try ConsistencyScore(evaluation, of: method)
    } catch {
      throw .training(error)
    }
    guard let made = try maps(method, of: network.model, seed: seed, meter) else { return nil }
    record.completenessGap = made.gap
    for block in method.blocks {
      guard let maps = made.maps[block] else { continue }
      let score = try study.score(maps, baseline: baseline.model) { !observer.shouldStop() }
      guard let score else { return nil }
      record[block] = score
    }
    if seed == seeds.first {
      record.panels = study.shown.map { panel(of: $0, evaluation, made.maps) }
    }
    meter.advance(
      costs.judging(method, in: study), "\(method.title), seed \(seed)")
    return record
  }

  /// The maps of all explained images; nil if the observer stopped the run.
  private func maps(
    _ method: Method, of model: any GatedClassifier, seed: UInt64, _ meter: WorkMeter
  ) throws(ExperimentError) -> (maps: [Block: Tensor], gap: Double?)? {
    var parts: [Block: [Tensor]] = [:]
    var gap: Double?
    do throws(ExplanationError) {
      let maker = try MapMaker(method, of: model, in: study, seed: seed)
      let size = study.explanation.batchSize
      for start in stride(from: 0, to: study.explained.count, by: size) {
        if observer.shouldStop() { return nil }
        let (images, labels) = study.batch(start..<min(start + size, study.explained.count))
        let batch = try maker.maps(
          images, target: study.explanation.target(labels), start: start)
        for (block, maps) in batch.maps { parts[block, default: []].append(maps) }
        if let found = batch.completenessGap { gap = max(found, gap ?? 0) }
        meter.advance(
          Double(labels.count) * (costs.explaining[method] ?? 0),
          "\(method.title), seed \(seed)")
      }
    } catch {
      throw .explanation(error)
    }
    return (parts.mapValues { Tensor.concatenated($0, axis: 0) }, gap)
  }

  private func panel(
    of image: Int, _ evaluation: Evaluation, _ maps: [Block: Tensor]
  ) -> MethodRecord.PanelMaps {
    let place = study.explained.firstIndex(of: image) ?? 0
    return .init(
      image: image, found: evaluation.classes[image],
      maps: maps.keys.sorted().compactMap { block in
        guard let stack = maps[block] else { return nil }
        let map = stack.sliced(axis: 0, place..<place + 1)
        return .init(
          block: block, grid: Array(map.shape.suffix(2)), values: map.elements)
      })
  }

  /// Seconds of work that the missing records need, if no network is trained yet.
  private func seconds(of missing: [(seed: UInt64, methods: [Method])]) -> Double {
    missing.reduce(0) { sum, entry in
      let networks = Set(entry.methods.map(\.network)).union([.baseline])
      let training = networks.reduce(0) { $0 + costs.training(of: $1, in: study) }
      return entry.methods.reduce(sum + training) { $0 + costs.record(of: $1, in: study) }
    }
  }

  private func inOrder(_ found: [MethodRecord]) -> [MethodRecord] {
    study.methods.flatMap { method in
      seeds.compactMap { seed in found.first { $0.method == method && $0.seed == seed } }
    }
  }
}
