import Synchronization

/// Whether a layer is being trained: a cell, switched by ``Module/setTraining(_:)``.
public final class Mode: Sendable {
  private let state: Mutex<Bool>

  /// A layer's mode; layers start in training, as PyTorch's do.
  public init(isTraining: Bool = true) {
    state = Mutex(isTraining)
  }

  /// Whether the layer behaves as in training.
  public var isTraining: Bool {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
