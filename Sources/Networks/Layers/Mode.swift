import Synchronization

/// Whether a layer is being trained: a cell, switched by ``Module/setTraining(_:)`` and
/// ``Module/freeze(movingStatistics:)``.
public final class Mode: Sendable {
  private struct State {
    var isTraining: Bool
    var isFrozen = false
    var summing: (@Sendable ([Double]) -> [Double])?
  }

  private let state: Mutex<State>

  /// A layer's mode; layers start in training, as PyTorch's do.
  public init(isTraining: Bool = true) {
    state = Mutex(State(isTraining: isTraining))
  }

  /// Whether the layer behaves as in training; a frozen layer never does.
  public var isTraining: Bool {
    get { state.withLock { $0.isTraining && !$0.isFrozen } }
    set { state.withLock { $0.isTraining = newValue } }
  }

  /// Whether the layer stays in evaluation, whatever it is switched to.
  public var isFrozen: Bool {
    get { state.withLock { $0.isFrozen } }
    set { state.withLock { $0.isFrozen = newValue } }
  }

  /// Adds arrays up over the machines that each have a part of the batch, for a layer that looks at the
  /// whole of it; nil where the batch is here.
  var summing: (@Sendable ([Double]) -> [Double])? {
    get { state.withLock { $0.summing } }
    set { state.withLock { $0.summing = newValue } }
  }
}
