/// A rule that changes parameters along their gradients.
///
/// ```swift
/// let optimizer = Adam(model.namedParameters(), learningRate: 1e-3)
/// let loss = model(images).crossEntropy(labels)
/// loss.backward()
/// optimizer.step()
/// model.clearGradients()
/// ```
///
/// A parameter that is frozen or has no gradient is left alone, weight decay and momentum
/// included, and its count of steps stands still, as in PyTorch.
///
/// An optimizer belongs to the thread that trains.
public protocol Optimizer: AnyObject {
  /// The step size η. A schedule's result is assigned here.
  var learningRate: Double { get set }

  /// Changes every parameter that has a gradient.
  func step()

  /// All that the next steps depend on beside the parameters and their gradients.
  var state: OptimizerState { get }

  /// Checks that a state fits this optimizer and its parameters.
  ///
  /// - Parameters:
  ///   - state: A state, from ``state`` or from a file.
  ///   - path: What to call its source in errors.
  /// - Returns: The assignment of the state, which cannot fail: nothing changes before it is
  ///   called.
  /// - Throws: ``CheckpointError/optimizerMismatch(path:expected:actual:)`` and
  ///   ``CheckpointError/mismatch(path:_:)``.
  func restoring(
    _ state: OptimizerState, path: String
  ) throws(CheckpointError) -> () -> Void
}

extension Optimizer {
  /// Goes on from a state: settings, learning rate and moments.
  ///
  /// - Parameter state: A state, from ``state`` or from a file.
  /// - Throws: As ``restoring(_:path:)``; nothing has changed then.
  public func restore(_ state: OptimizerState) throws(CheckpointError) {
    try restoring(state, path: "optimizer state")()
  }
}
