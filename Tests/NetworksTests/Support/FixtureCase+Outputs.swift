import Networks
import TestSupport
import Testing

/// The outputs of a case's network that are not gradients.
extension FixtureCase {
  /// Expects logits, features and running statistics to be the reference's.
  func expectScores(_ output: GatedOutput, _ model: some Module) throws {
    try expect("logits", output.logits)
    try expect("features", output.features)
    for (name, buffer) in model.namedBuffers() where outputs["stats/" + name] != nil {
      try expect("stats/" + name, buffer.tensor)
    }
  }

  /// Expects mean and root mean square of each channel of a stage's output `[N, C, H, W]` to be the
  /// reference's.
  func expectMoments(of stage: Tensor, _ name: String) throws {
    try expect("mean/" + name, stage.mean(axes: [2, 3]))
    let squares = (stage * stage).mean(axes: [2, 3]).elements
    try expect("rms/" + name, squares.map { $0.squareRoot() })
  }
}
