import Synchronization

/// A part of a module's state that is saved with it but not trained: a running statistic, or a
/// counter.
public final class Buffer: Sendable {
  /// What a buffer holds.
  public enum Content: Sendable {
    /// Float32 numbers.
    case tensor(Tensor)
    /// One 64-bit integer.
    case count(Int)
  }

  private let state: Mutex<Content>

  /// A buffer of numbers.
  public init(_ tensor: Tensor) {
    state = Mutex(.tensor(tensor.detached()))
  }

  /// A counter.
  public init(count: Int) {
    state = Mutex(.count(count))
  }

  /// The current content. A buffer keeps its kind and its shape.
  public var content: Content {
    get { state.withLock { $0 } }
    set {
      state.withLock { state in
        switch (state, newValue) {
        case (.count, .count): state = newValue
        case (.tensor(let old), .tensor(let new)) where old.shape == new.shape:
          state = .tensor(new.detached())
        default: preconditionFailure("a buffer keeps its kind and its shape")
        }
      }
    }
  }

  /// The numbers of a buffer that holds some.
  public var tensor: Tensor {
    get {
      guard case .tensor(let tensor) = content else {
        preconditionFailure("this buffer is a counter")
      }
      return tensor
    }
    set { content = .tensor(newValue) }
  }

  /// The count of a buffer that is a counter.
  public var count: Int {
    get {
      guard case .count(let count) = content else {
        preconditionFailure("this buffer is not a counter")
      }
      return count
    }
    set { content = .count(newValue) }
  }
}
