import ArrayFiles
import Foundation
import MedicalImages
import Networks
import TestSupport
import Testing

@testable import Experiments

@Suite struct StartingWeightsTests {
  /// What making the plain classifier and the transformer throws.
  private func error(_ configuration: PerturbationConfiguration) throws -> ExperimentError? {
    let study = try Self.study(configuration)
    return thrown { () throws(ExperimentError) in
      _ = try study.makeNetwork(.baseline, seed: 1)
      _ = try study.makeNetwork(.transformer, seed: 1)
    }
  }

  private static func study(_ configuration: PerturbationConfiguration) throws -> PerturbationStudy
  {
    try withTemporaryDirectory { folder in
      try ExampleData.writeProjections(to: folder)
      return try PerturbationStudy(
        ProjectionDataset(folder: folder, rules: configuration.images.rules), configuration)
    }
  }

  @Test func `weights of other classes leave the classifier as it is`() throws {
    try withTemporaryDirectory { folder in
      var configuration = ExampleData.perturbation()
      let own = try Self.study(configuration).makeNetwork(.baseline, seed: 1).state
      let other = try Self.study(configuration).makeNetwork(.baseline, seed: 2)
      var arrays = other.state
      arrays["fc.weight"] = StoredArray([Float](repeating: 0, count: 320), shape: [10, 32])
      arrays["fc.bias"] = StoredArray([Float](repeating: 0, count: 10), shape: [10])
      let url = folder.appendingPathComponent("weights.safetensors")
      try Safetensors(arrays: arrays).write(to: url)
      configuration.backbone.weights = url.path
      let loaded = try Self.study(configuration).makeNetwork(.gated(.dual), seed: 1).state
      #expect(loaded["fc.weight"] == own["fc.weight"])
      #expect(loaded["conv1.weight"] == other.state["conv1.weight"])
    }
  }

  @Test func `weights that do not fit, or are not there, are refused by name`() throws {
    try withTemporaryDirectory { folder in
      var configuration = ExampleData.perturbation()
      let url = folder.appendingPathComponent("weights.safetensors")
      configuration.backbone.weights = url.path
      guard case .weights(.file(.unreadable(let missing, _))) = try error(configuration) else {
        Issue.record("not refused")
        return
      }
      #expect(missing == url.path)
      try Safetensors(arrays: [
        "conv1.weight": StoredArray([Float](repeating: 0, count: 4), shape: [4])
      ])
      .write(to: url)
      guard case .weights(.mismatch(let path, _)) = try error(configuration) else {
        Issue.record("not refused")
        return
      }
      #expect(path == url.path)
      configuration.backbone.weights = nil
      configuration.transformer.weights = url.path
      guard case .weights(.mismatch) = try error(configuration) else {
        Issue.record("not refused")
        return
      }
    }
  }

  @Test func `gated networks start where the baseline ended`() throws {
    try withTemporaryDirectory { folder in
      let study = try Self.study(ExampleData.perturbation())
      #expect(study.startsFromBaseline(.gated(.dual)))
      #expect(!study.startsFromBaseline(.baseline) && !study.startsFromBaseline(.transformer))
      let store = NetworkStore(
        study, folder: folder, seed: 1, costs: WorkCosts(),
        meter: WorkMeter(total: 1) { _ in }, observer: ExperimentObserver())
      let baseline = try #require(try store.network(.baseline))
      let gated = try study.makeNetwork(.gated(.dual), seed: 1)
      let gate = gated.state["tau_k.w1.weight"]
      try gated.load(
        baseline.model.state,
        allowing: AllowedDifferences(missing: ["tau_k", "tau_l", "marginals"]))
      #expect(gated.state["tau_k.w1.weight"] == gate)
      #expect(gated.state["conv1.weight"] == baseline.model.state["conv1.weight"])
    }
  }
}
