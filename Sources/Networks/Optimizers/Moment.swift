/// A running average beside a parameter: of its shape, and lying in memory as it does.
///
/// Padding holds zeros, as in the parameter; every rule here leaves them zero.
struct Moment {
  private var memory: Memory
  private var layout: Layout?
  let shape: [Int]

  /// Zeros, lying like `tensor`.
  init(zerosLike tensor: Tensor) {
    shape = tensor.shape
    layout = tensor.layout
    memory = Memory(count: tensor.storedCount)
    memory.clear()
  }

  /// The given elements, in row-major order.
  init(_ elements: [Float], shape: [Int]) {
    self.shape = shape
    layout = nil
    memory = Tensor(elements, shape: shape).memory
  }

  /// The elements in row-major order.
  var elements: [Float] {
    Tensor(shape: shape, memory: memory, layout: layout).elements
  }

  /// The memory, lying like `tensor`: a parameter may have moved to the layout of the operation
  /// that uses it since the last step.
  mutating func storage(like tensor: Tensor) -> UnsafeMutablePointer<Float> {
    if layout !== tensor.layout {
      let moved = Tensor(shape: shape, memory: memory, layout: layout).laidOut(like: tensor)
      memory = moved.memory
      layout = moved.layout
    }
    return memory.floats
  }
}
