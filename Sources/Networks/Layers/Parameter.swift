import Synchronization

/// A trainable tensor of a module: a cell that layers read and optimizers change.
///
/// Layers are values, parameters are references: a parameter that two layers share is one cell,
/// trained once and listed once. Freezing a parameter takes it off the tape, so that nothing is
/// kept or computed for it.
public final class Parameter: Sendable {
  private struct State {
    var shape: [Int]
    var memory: Memory
    var layout: Layout?
    var leaf: Leaf?
    var isTrainable: Bool
    var gradient: Tensor?
  }

  private let state: Mutex<State>

  /// A parameter that starts at `value`.
  public init(_ value: Tensor, isTrainable: Bool = true) {
    state = Mutex(
      State(
        shape: value.shape, memory: value.memory, layout: value.layout, leaf: nil,
        isTrainable: isTrainable, gradient: nil))
  }

  /// The extents of the axes, which never change.
  public var shape: [Int] { state.withLock { $0.shape } }

  /// The current value. Setting it keeps the shape.
  public var value: Tensor {
    get {
      state.withLock { state in
        let leaf: Leaf
        if let variables = Recording.variables {
          // A leaf of its own: what is variable here says nothing about training.
          leaf = Leaf(parameter: self, isTrainable: variables.contains(ObjectIdentifier(self)))
        } else {
          leaf = state.leaf ?? Leaf(parameter: self, isTrainable: state.isTrainable)
          state.leaf = leaf
        }
        return Tensor(
          shape: state.shape, memory: state.memory, layout: state.layout, origin: .leaf(leaf))
      }
    }
    set {
      state.withLock { state in
        precondition(
          newValue.shape == state.shape,
          "a parameter of shape \(state.shape) cannot take a value of shape \(newValue.shape)")
        state.memory = newValue.memory
        state.layout = newValue.layout
      }
    }
  }

  /// Whether backward walks find this parameter's gradient.
  public var isTrainable: Bool {
    get { state.withLock { $0.isTrainable } }
    set {
      state.withLock { state in
        guard newValue != state.isTrainable else { return }
        state.isTrainable = newValue
        state.leaf = nil
        state.gradient = nil
      }
    }
  }

  /// The sum of the gradients since it was last cleared; nil if there was none.
  public var gradient: Tensor? {
    get { state.withLock { $0.gradient } }
    set {
      state.withLock { state in
        if let newValue {
          precondition(
            newValue.shape == state.shape,
            "a gradient of shape \(newValue.shape) for a parameter of shape \(state.shape)")
        }
        state.gradient = newValue?.detached()
      }
    }
  }

  /// Adds to the gradient.
  func accumulate(_ gradient: Tensor) {
    state.withLock { state in
      state.gradient = state.gradient.map { Elementwise.add($0, gradient) } ?? gradient.detached()
    }
  }

  /// Takes over a copy of its own value in the layout that an operation computes with, so that it
  /// need not be made again. The value stays the same.
  func adopt(_ reordered: Tensor, from original: Tensor) {
    state.withLock { state in
      guard state.memory === original.memory else { return }
      state.memory = reordered.memory
      state.layout = reordered.layout
    }
  }

  /// Changes the value in place.
  ///
  /// - Parameter body: Gets the memory, padding included, and the layout that it lies in; it must
  ///   leave zeros where there are zeros in the padding.
  func update(_ body: (UnsafeMutableBufferPointer<Float>, Layout?) -> Void) {
    state.withLock { state in
      let count = state.layout.map { $0.byteCount / 4 } ?? state.shape.reduce(1, *)
      if !isKnownUniquelyReferenced(&state.memory) {
        // A tensor still shows the old value: leave it that.
        let copy = Memory(count: count)
        copy.floats.update(from: state.memory.floats, count: count)
        state.memory = copy
      }
      body(UnsafeMutableBufferPointer(start: state.memory.floats, count: count), state.layout)
    }
  }
}
