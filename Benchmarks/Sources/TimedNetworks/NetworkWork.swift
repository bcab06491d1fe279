import Networks

/// Something that is done with a network again and again.
protocol NetworkWork {
  /// What it finds, to be compared with what other software does.
  func answer() throws -> [Float]
  /// Does it once.
  func run() throws
}

/// Training steps of Adam on one batch.
struct TrainingWork: NetworkWork {
  private let loss: () throws -> Tensor
  private let optimizer: Adam
  private let clearGradients: () -> Void

  /// - Parameters:
  ///   - model: The network.
  ///   - loss: The loss on the batch.
  init(_ model: some Module, loss: @escaping () throws -> Tensor) {
    self.loss = loss
    optimizer = Adam(model.namedParameters(), learningRate: 1e-4)
    clearGradients = model.clearGradients
  }

  func answer() throws -> [Float] { [try step(), try step()] }

  func run() throws { _ = try step() }

  private func step() throws -> Float {
    clearGradients()
    let loss = try loss()
    loss.backward()
    optimizer.step()
    return loss.item
  }
}

/// The logits of one batch.
struct InferenceWork: NetworkWork {
  let logits: () -> Tensor

  func answer() -> [Float] { withoutRecording { logits().elements } }

  func run() { withoutRecording { _ = logits().elements } }
}
