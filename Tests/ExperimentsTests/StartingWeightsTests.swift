import ArrayFiles
import ConvexKit
import Foundation
import Networks
import TestSupport
import Testing

@testable import Experiments

@Suite struct StartingWeightsTests {
  private func network(_ variant: AttentionVariant, classes: Int = 3, seed: UInt64) -> ResNet {
    var generator = SeededGenerator(seed: seed)
    let settings = ResNet.Settings(
      channels: 1, blocks: [1, 1, 1, 1], width: 1, classes: classes, size: [32, 32])
    return ResNet(settings.gated(as: variant), using: &generator)
  }

  @Test func `gates stay as they are and all else comes from the baseline`() throws {
    let (baseline, gated) = (network(.baseline, seed: 1), network(.dual, seed: 2))
    let gate = gated.state["tau_k.w1.weight"]
    try gated.start(from: baseline)
    #expect(gated.state["tau_k.w1.weight"] == gate)
    for (name, array) in baseline.state { #expect(gated.state[name] == array, "\(name)") }
  }

  @Test func `a file for other classes leaves the classifier, and a misshapen one is refused`()
    throws
  {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("weights.safetensors")
      let (published, model) = (
        network(.baseline, classes: 10, seed: 1), network(.dual, seed: 2)
      )
      try published.save(to: url)
      let classifier = model.state["fc.weight"]
      try model.start(fromFile: url.path, classifier: "fc")
      #expect(model.state["fc.weight"] == classifier)
      #expect(model.state["conv1.weight"] == published.state["conv1.weight"])
      var arrays = published.state
      arrays["conv1.weight"] = StoredArray([Float](repeating: 0, count: 4), shape: [4])
      try Safetensors(arrays: arrays).write(to: url)
      #expect(throws: CheckpointError.self) {
        try model.start(fromFile: url.path, classifier: "fc")
      }
      let missing = folder.appendingPathComponent("none.safetensors").path
      #expect {
        try model.start(fromFile: missing, classifier: "fc")
      } throws: { error in
        if case .file(.unreadable(missing, _)) = error as? CheckpointError { true } else { false }
      }
    }
  }
}
