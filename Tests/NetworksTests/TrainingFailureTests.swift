import ArrayFiles
import ConvexKit
import Foundation
import TestSupport
import Testing

// ConvexKit has one too.
import class Networks.Parameter

@testable import Networks

/// The mean of each channel, and an affine map of it; what may go wrong on the way is a setting.
private struct Fragile: GatedClassifier {
  let fc: Linear
  let poison: Primitive<Void>

  /// y = x, with a pullback that may be a broken one.
  init(brokenPullback: Bool = false) {
    var generator = SeededGenerator(seed: 1)
    fc = Linear(inputs: 1, outputs: 2, using: &generator)
    poison = Primitive(
      name: "poison", forward: { inputs, _ in .init(inputs[0]) },
      pullback: { _, _, dy in [brokenPullback ? Float.nan * dy : dy] })
  }

  var classes: Int { 2 }
  var imageShape: [Int]? { [1, 16, 16] }

  func freezeBackbone(movingStatistics: Bool) {}

  func callAsFunction(_ images: Tensor) -> GatedOutput {
    let features = images.mean(axes: [2, 3])
    return GatedOutput(logits: poison(fc(features)), features: features)
  }
}

@Suite struct TrainingFailureTests {
  private let images = CornerImages.set(count: 8, seed: 1)

  private func trainer(
    _ model: Fragile, learningRate: Double = 1e-3, epochs: Int = 2, clip: Double? = nil
  ) -> Trainer<Fragile> {
    Trainer(
      model,
      settings: TrainingSettings(
        epochs: epochs, batchSize: 4, learningRate: learningRate, maximumGradientNorm: clip),
      data: "d")
  }

  /// Trains one good epoch, then with `bad` settings; the checkpoint must stay what it was.
  private func divergence(
    _ bad: Trainer<Fragile>, on source: some ImageSource
  ) throws -> TrainingOutcome {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let good = trainer(Fragile(), epochs: 1)
      #expect(try good.train(on: images, validation: images, checkpoint: file) == .finished)
      let before = try Data(contentsOf: file)
      let outcome = try bad.train(on: source, validation: images, checkpoint: file)
      #expect(try Data(contentsOf: file) == before)
      return outcome
    }
  }

  @Test func `a gradient that is not finite stops the step that has it, where norms are bounded`()
    throws
  {
    #expect(
      try divergence(trainer(Fragile(brokenPullback: true), clip: 1), on: images)
        == .diverged(epoch: 1, step: 1, primitive: "gradient of fc.weight"))
  }

  @Test func `a parameter that is not finite is named, at the next step or before a checkpoint`()
    throws
  {
    #expect(
      try divergence(trainer(Fragile(brokenPullback: true)), on: images)
        == .diverged(epoch: 1, step: 2, primitive: "parameter fc.weight"))
    // One step an epoch: there is no next one.
    let single = Trainer(
      Fragile(brokenPullback: true), settings: TrainingSettings(epochs: 1, batchSize: 8), data: "d")
    #expect(
      try divergence(single, on: images)
        == .diverged(epoch: 1, step: 1, primitive: "parameter fc.weight"))
  }

  @Test func `an image that is not finite stops at the first primitive that shows it`() throws {
    let spoiled = LazyImages(imageShape: [1, 16, 16], labels: images.labels) { index in
      var image = images.image(at: index)
      image.elements[0] = .infinity
      return image
    }
    #expect(
      try divergence(trainer(Fragile()), on: spoiled)
        == .diverged(epoch: 1, step: 1, primitive: "linear"))
  }

  @Test func `an image that cannot be read ends the run, and the checkpoint stays`() throws {
    struct Gone: Error, CustomStringConvertible { let description = "no such file" }
    let source = LazyImages(imageShape: [1, 16, 16], labels: images.labels) { index in
      if index == 5 { throw Gone() }
      return images.image(at: index)
    }
    let expected = TrainingError.unreadableImage(
      set: "training", index: 5, reason: "no such file")
    #expect(throws: expected) { try divergence(trainer(Fragile()), on: source) }
    #expect(expected.description == "the training set: image 5 cannot be read: no such file")
    #expect(
      throws: TrainingError.unreadableImage(set: "validation", index: 5, reason: "no such file")
    ) { try trainer(Fragile()).train(on: images, validation: source) }
  }

  @Test func `images of another shape are refused before the first step`() {
    let wide = ImageSet(
      elements: [Float](repeating: 0, count: 2 * 64), imageShape: [1, 8, 8], labels: [0, 1])
    let expected = TrainingError.misshapenSet(
      set: "training", expected: [1, 16, 16], actual: [1, 8, 8])
    #expect(throws: expected) { try trainer(Fragile()).train(on: wide, validation: images) }
    #expect(
      expected.description
        == "the training set: images are of shape [1, 8, 8] and the network takes [1, 16, 16]")
  }

  @Test func `a checkpoint with tensors of another type or shape is refused, by name`() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("checkpoint.safetensors")
      let first = trainer(Fragile(), epochs: 1)
      #expect(try first.train(on: images, validation: images, checkpoint: file) == .finished)
      var contents = try Safetensors(contentsOf: file)
      contents.arrays["model.fc.weight"] = StoredArray([1, 2] as [Int64], shape: [2, 1])
      contents.arrays["model.fc.bias"] = StoredArray([1, 2, 3] as [Float], shape: [3])
      try contents.write(to: file)
      let other = trainer(Fragile())
      let before = other.model.state
      #expect(
        throws: TrainingError.checkpoint(
          .mismatch(
            path: file.path,
            StateMismatch(
              misshapen: [.init(name: "fc.bias", expected: [2], actual: [3])],
              mistyped: [.init(name: "fc.weight", actual: .i64)])))
      ) { try other.resume(from: file) }
      #expect(other.model.state == before && other.run.history.isEmpty)
    }
  }

  @Test func `a folder that is gone is an error of the checkpoint, and the network goes on`() throws
  {
    try withTemporaryDirectory { folder in
      let file = folder.appendingPathComponent("gone/checkpoint.safetensors")
      let trainer = trainer(Fragile())
      #expect(
        throws: TrainingError.checkpoint(
          .file(.unwritable(path: file.path, reason: "No such file or directory")))
      ) { try trainer.train(on: images, validation: images, checkpoint: file) }
      let ending = try trainer.train(on: images, validation: images)
      #expect(ending == .finished)
    }
  }
}
