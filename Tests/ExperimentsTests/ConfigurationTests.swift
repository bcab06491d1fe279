import Foundation
import TestSupport
import Testing

@testable import Experiments

@Suite struct ConfigurationTests {
  @Test(arguments: ExperimentScale.allCases)
  func `the defaults of every scale are valid, and survive their own file`(
    _ scale: ExperimentScale
  ) throws {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("c.json")
      let first = PerturbationConfiguration(scale: scale)
      try first.check()
      try data(first).write(to: url)
      #expect(
        try ConfigurationFile.read(url, over: PerturbationConfiguration(scale: .small)) == first)
      let second = SegmentationConfiguration(scale: scale)
      try second.check()
      try data(second).write(to: url)
      #expect(
        try ConfigurationFile.read(url, over: SegmentationConfiguration(scale: .paper)) == second)
    }
  }

  @Test func `the paper's sizes are those of the paper`() {
    let first = PerturbationConfiguration(scale: .paper)
    #expect(first.images.height == 512 && first.images.width == 512)
    #expect(first.backbone.blocks == [3, 4, 6, 3] && first.backbone.width == 64)
    #expect(
      first.transformer.settings(channels: 3, classes: 3, height: 512, width: 512).hidden == 3072)
    #expect(first.gates.alpha == 10 && first.gates.inSeries == 2 && first.seeds.count == 5)
    #expect(first.removal.fractions.count == 11 && first.removal.order == .ascending)
    let second = SegmentationConfiguration(scale: .paper)
    #expect(second.images.height == 256 && second.backbone.features == 32)
    #expect(second.quantiles == [0.975, 0.95, 0.9])
  }

  private func read(_ text: String) throws -> PerturbationConfiguration {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("c.json")
      try Data(text.utf8).write(to: url)
      return try ConfigurationFile.read(url, over: PerturbationConfiguration(scale: .small))
    }
  }

  private func error(_ text: String) -> ExperimentError? {
    do {
      _ = try read(text)
      return nil
    } catch {
      return error as? ExperimentError
    }
  }

  @Test func `a file replaces what it names and leaves the rest`() throws {
    let training = #"{"epochs": 3, "precision": "bfloat16"}"#
    let found = try read(
      #"{"seeds": [7], "gates": {"training": \#(training)}, "removal": {"fillValue": null}}"#)
    var expected = PerturbationConfiguration(scale: .small)
    expected.seeds = [7]
    expected.gates.training.epochs = 3
    expected.gates.training.precision = .bfloat16
    let settings = expected.gates.training.settings(penalty: .unconstrained, alpha: 0, seed: 1)
    #expect(settings.precision == .bfloat16)
    expected.removal.fillValue = nil
    #expect(found == expected)
  }

  @Test func `a name that no configuration has is refused with those that there are`() {
    guard case .unknownSetting(_, let name, let known) = error(#"{"gates": {"epochs": 3}}"#) else {
      Issue.record("not refused")
      return
    }
    #expect(name == "gates.epochs")
    #expect(known == ["alpha", "gain", "inSeries", "start", "training"])
  }

  @Test(arguments: [
    ("[1, 2]", "it is no object"), ("{", "it is no JSON"),
    (#"{"seeds": "all"}"#, "seeds is no Array<Any>"),
    (
      #"{"gates": {"start": "never"}}"#,
      "gates.start: Cannot initialize Start from invalid String value never"
    ),
    (
      #"{"gates": {"training": {"precision": "float16"}}}"#,
      "gates.training.precision: Cannot initialize Precision from invalid String value float16"
    ),
  ])
  func `a file that is no configuration is refused with the reason`(
    _ text: String, _ reason: String
  ) {
    guard case .unreadableConfiguration(let path, let found) = error(text) else {
      Issue.record("not refused: \(text)")
      return
    }
    #expect(path.hasSuffix("c.json"))
    #expect(found == reason)
  }

  @Test func `settings outside their range are named with their value`() {
    typealias First = PerturbationConfiguration
    let changes: [(name: String, change: (inout First) -> Void)] = [
      ("seeds", { $0.seeds = [] }), ("seeds", { $0.seeds = [1, 1] }),
      ("seeds", { $0.seeds = [1 << 53] }), ("images.height", { $0.images.height = 33 }),
      ("images.width", { $0.images.width = 0 }), ("images.channels", { $0.images.channels = 2 }),
      ("images.fullScale", { $0.images.fullScale = 0 }),
      ("images.trainingFraction", { $0.images.trainingFraction = 1 }),
      ("backbone.blocks", { $0.backbone.blocks = [1, 1] }),
      ("backbone.width", { $0.backbone.width = 0 }),
      ("backbone.training.epochs", { $0.backbone.training.epochs = 0 }),
      ("backbone.training.batchSize", { $0.backbone.training.batchSize = 1 }),
      ("backbone.training.learningRate", { $0.backbone.training.learningRate = 0 }),
      ("gates.inSeries", { $0.gates.inSeries = 0 }), ("gates.alpha", { $0.gates.alpha = -1 }),
      ("transformer.patch", { $0.transformer.patch = 5 }),
      ("transformer.depth", { $0.transformer.depth = 0 }),
      ("transformer.heads", { $0.transformer.heads = 3 }),
      ("transformer.weightsGrid", { $0.transformer.weightsGrid = [196] }),
      ("explanation.batchSize", { $0.explanation.batchSize = 0 }),
      ("explanation.panels", { $0.explanation.panels = -1 }),
      ("removal.fractions", { $0.removal.fractions = [0, 0] }),
      ("removal.fillValue", { $0.removal.fillValue = .infinity }),
    ]
    for (name, change) in changes {
      var configuration = First(scale: .small)
      change(&configuration)
      guard
        case .invalidSetting(let found, _, _) = thrown({ () throws(ExperimentError) in
          try configuration.check()
        })
      else {
        Issue.record("\(name) is not refused")
        continue
      }
      #expect(found == name)
    }
    var second = SegmentationConfiguration(scale: .small)
    second.images.height = 40
    #expect(
      thrown { () throws(ExperimentError) in try second.check() }
        == .invalidSetting(name: "images.height", value: "40", required: "a multiple of 16"))
    second = SegmentationConfiguration(scale: .small)
    second.images.slicesPerPatient = 0
    #expect(
      thrown { () throws(ExperimentError) in try second.check() }
        == .invalidSetting(
          name: "images.slicesPerPatient", value: "0", required: "at least 1, or null"))
    second = SegmentationConfiguration(scale: .small)
    second.quantiles = [0.5, 1]
    #expect(
      thrown { () throws(ExperimentError) in try second.check() }
        == .invalidSetting(
          name: "quantiles", value: "[0.5, 1.0]", required: "numbers between 0 and 1"))
    second.quantiles = [0.5, 0.5]
    #expect(
      thrown { () throws(ExperimentError) in try second.check() }
        == .invalidSetting(
          name: "quantiles", value: "[0.5, 0.5]", required: "different from each other"))
    second = SegmentationConfiguration(scale: .small)
    second.backbone.features = 0
    #expect(
      thrown { () throws(ExperimentError) in try second.check() }
        == .invalidSetting(name: "backbone.features", value: "0", required: "at least 1"))
  }

  @Test func `a folder of another configuration is refused with the first difference`() throws {
    try withTemporaryDirectory { folder in
      var configuration = PerturbationConfiguration(scale: .small)
      try ConfigurationFile.claim(folder, for: configuration)
      try ConfigurationFile.claim(folder, for: configuration)
      configuration.gates.training.epochs += 2
      configuration.seeds = [3]
      #expect(
        thrown { () throws(ExperimentError) in
          try ConfigurationFile.claim(folder, for: configuration)
        }
          == .otherConfiguration(
            path: folder.path, name: "gates.training.epochs", before: "10", now: "12"))
    }
  }

  @Test func `a folder from before there was a choice of precision is Float32's`() throws {
    try withTemporaryDirectory { folder in
      var configuration = PerturbationConfiguration(scale: .small)
      let text = String(decoding: data(configuration), as: UTF8.self)
      let older = text.replacing(#/,\s*"precision" : "float32"/#, with: "")
      #expect(older != text && !older.contains("precision"))
      let url = folder.appendingPathComponent(ConfigurationFile.name)
      try Data(older.utf8).write(to: url)
      try ConfigurationFile.claim(folder, for: configuration)
      configuration.backbone.training.precision = .bfloat16
      #expect(
        thrown { () throws(ExperimentError) in
          try ConfigurationFile.claim(folder, for: configuration)
        }
          == .otherConfiguration(
            path: folder.path, name: "backbone.training.precision",
            before: #""float32""#, now: #""bfloat16""#))
    }
  }
}
