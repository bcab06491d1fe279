import Foundation
import MedicalImages
import Synchronization
import TestSupport
import Testing

@testable import Experiments

/// The first experiment from files to tables, with the smallest networks.
@Suite struct PerturbationExperimentTests {
  private func experiment(
    _ folder: URL, _ configuration: PerturbationConfiguration = ExampleData.perturbation()
  ) throws -> Experiment {
    try Experiment(perturbing: folder.appendingPathComponent("data"), configuration)
  }

  @Test func `a run that was stopped ends with the same bytes as one that was not`() throws {
    try withTemporaryDirectory { folder in
      let unreadable = "gone.png,gone,mild,"
      try ExampleData.writeProjections(
        to: folder.appendingPathComponent("data"), extra: [unreadable])
      let experiment = try experiment(folder)
      #expect(
        experiment.manifest.contains("left out: ") && experiment.manifest.contains("gone.png"))
      #expect(experiment.recordCount == 24)
      let (whole, parts) = (
        folder.appendingPathComponent("whole"), folder.appendingPathComponent("parts")
      )
      guard
        case .finished(let results) = try experiment.run(
          in: whole, estimate: ExampleData.unmeasured)
      else {
        Issue.record("not finished")
        return
      }
      try check(results)
      // Stopped after three records, and then between two steps of the next network's training.
      let records = Counter()
      #expect(
        try experiment.run(
          in: parts, estimate: ExampleData.unmeasured,
          observer: ExperimentObserver(
            shouldStop: { records.value >= 3 }, didRecord: { _ in records.add() }))
          == .interrupted(done: 3, of: 24))
      let steps = Counter()
      #expect(
        try experiment.run(
          in: parts, estimate: ExampleData.unmeasured,
          observer: ExperimentObserver(
            shouldStop: { steps.value >= 1 }, didAdvance: { _ in steps.add() }))
          == .interrupted(done: 3, of: 24))
      #expect(try experiment.run(in: parts, estimate: ExampleData.unmeasured) == .finished(results))
      let endings = ["json", "csv", "md"]
      let (a, b) = (
        try contents(of: whole, endings: endings), try contents(of: parts, endings: endings)
      )
      #expect(a.keys.sorted() == b.keys.sorted() && a.count == 24 + 7)
      for (path, bytes) in a { #expect(b[path] == bytes, "\(path)") }

      var other = ExampleData.perturbation()
      other.gates.alpha = 5
      #expect(
        thrown { () throws(ExperimentError) in
          let changed = try Experiment(perturbing: folder.appendingPathComponent("data"), other)
          _ = try changed.run(in: whole)
        }
          == .otherConfiguration(path: whole.path, name: "gates.alpha", before: "10", now: "5"))
      try ExampleData.writeProjections(to: folder.appendingPathComponent("data"), patients: 5)
      guard
        case .otherData(let path, let before, let now) = thrown({ () throws(ExperimentError) in
          let grown = try Experiment(
            perturbing: folder.appendingPathComponent("data"), ExampleData.perturbation())
          _ = try grown.run(in: whole)
        })
      else {
        Issue.record("not refused")
        return
      }
      #expect(path == whole.path && before != now && before.count == 64)
    }
  }

  private func check(_ results: ExperimentResults) throws {
    #expect(results.records.count == 24 && results.shown.count == 2)
    for record in results.records {
      #expect(Block.allCases.filter { record[$0] != nil } == record.method.blocks)
      #expect((record.consistency != nil) == record.method.isPair)
      for block in record.method.blocks {
        let score = try #require(record[block])
        let curve = try #require(score.curve)
        #expect(curve.fractions == [0, 0.5, 1])
        #expect(curve.accuracies.allSatisfy { (0...1).contains($0) })
        // Trapezoids over three fractions.
        let area =
          0.25 * curve.accuracies[0] + 0.5 * curve.accuracies[1] + 0.25 * curve.accuracies[2]
        #expect(abs(try #require(score.metrics[.area]) - area) < 1e-12)
        #expect(abs(try #require(score.metrics[.areaAboveChance]) - area + 1.0 / 3) < 1e-12)
      }
      #expect(record.panels.count == (record.seed == 1 ? 2 : 0))
    }
    for seed in results.seeds {
      let records = results.records.filter { $0.seed == seed }
      // Nothing removed: what the baseline does on the images as they are, whatever the map.
      let baseline = try #require(records.first { $0.method == .gradCAM }).network.balancedAccuracy
      for record in records {
        for block in record.method.blocks {
          #expect(record[block]?.curve?.accuracies[0] == baseline)
        }
      }
      // Eq. 4 leaves no gap where it is solved.
      let cvx = try #require(records.first { $0.method == .cvx }?.consistency)
      let none = try #require(records.first { $0.method == .unconstrained }?.consistency)
      #expect(cvx.witness == .exact && cvx.certifiedGap < 1e-6 && cvx.residual < 1e-5)
      #expect(cvx.optimum == none.optimum && none.certifiedGap >= none.optimum - 1e-6)
      for method in [Method.deepLIFT, .lrp] {
        #expect(try #require(records.first { $0.method == method }?.completenessGap) < 1e-2)
      }
    }
    let panel = try #require(results.records.first { $0.method == .cvx }?.panels.first)
    #expect(panel.maps.map(\.block) == [.third, .fourth])
    #expect(panel.maps.map(\.grid) == [[2, 2], [1, 1]])
    #expect(abs(panel.maps[0].values.reduce(0, +) - 1) < 1e-5)
  }

  @Test func `where there are no data, the error says how to make some`() throws {
    try withTemporaryDirectory { folder in
      let path = folder.appendingPathComponent("data")
      guard
        case .noData(let found, let remedy) = thrown({ () throws(ExperimentError) in
          _ = try Experiment(perturbing: path, ExampleData.perturbation())
        })
      else {
        Issue.record("not refused")
        return
      }
      #expect(found == path.path && remedy.contains("convex phantom --kind pet"))
      try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
      guard
        case .images(.noImages(let empty, _)) = thrown({ () throws(ExperimentError) in
          _ = try Experiment(perturbing: path, ExampleData.perturbation())
        })
      else {
        Issue.record("an empty folder is not refused")
        return
      }
      #expect(empty == path.path)
    }
  }

  @Test func `a label that nobody can learn is refused`() throws {
    try withTemporaryDirectory { folder in
      let data = folder.appendingPathComponent("data")
      try ExampleData.writeProjections(to: data)
      let table = data.appendingPathComponent("labels.csv")
      let lines = try String(contentsOf: table, encoding: .utf8).split(separator: "\n")
      try lines.filter { !$0.contains(",severe,") }.joined(separator: "\n")
        .write(to: table, atomically: true, encoding: .utf8)
      #expect(
        thrown { () throws(ExperimentError) in
          _ = try Experiment(perturbing: data, ExampleData.perturbation())
        }
          == .tooFew(
            what: "labels with training images", found: 2, needed: 3,
            remedy: "add patients, or change images.trainingFraction"))
    }
  }

  @Test func `a learning rate that breaks the numbers ends in an error that names the network`()
    throws
  {
    try withTemporaryDirectory { folder in
      try ExampleData.writeProjections(to: folder.appendingPathComponent("data"))
      var configuration = ExampleData.perturbation()
      configuration.backbone.training.learningRate = 1e38
      guard
        case .diverged(let network, let seed, _, _, _) = thrown({ () throws(ExperimentError) in
          let experiment = try Experiment(
            perturbing: folder.appendingPathComponent("data"), configuration)
          let run = ExperimentRun(
            study: experiment.study, seeds: [1], folder: folder, costs: WorkCosts(),
            observer: ExperimentObserver())
          _ = try run.run()
        })
      else {
        Issue.record("not refused")
        return
      }
      #expect(network == "baseline" && seed == 1)
    }
  }

  @Test func `the estimate counts every image of every kind of work`() throws {
    try withTemporaryDirectory { folder in
      try ExampleData.writeProjections(to: folder.appendingPathComponent("data"))
      let estimate = try experiment(folder).estimate()
      let images = Dictionary(uniqueKeysWithValues: estimate.items.map { ($0.name, $0.images) })
      // 6 images train and 6 are held out, 2 seeds.
      #expect(images["train baseline"] == 2 * 2 * (6 + 2))
      #expect(images["train dual"] == 2 * 1 * (6 + 2))
      #expect(images["explain by LRP"] == 2 * 6)
      // 3 fractions, 10 methods with two blocks and 2 with one.
      #expect(images["classify perturbed images"] == 2 * 6 * 3 * 22)
      #expect(estimate.items.filter { $0.secondsPerImage <= 0 }.isEmpty)
    }
  }
}

/// A count that closures on any thread share.
private final class Counter: Sendable {
  private let count = Mutex(0)
  var value: Int { count.withLock { $0 } }
  func add() { count.withLock { $0 += 1 } }
}
