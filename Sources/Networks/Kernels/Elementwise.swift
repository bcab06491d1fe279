import CKernels
import ConvexKit

/// Arithmetic on tensors, not recorded: what primitives are made of.
enum Elementwise {
  enum BinaryOperation: Int32 {
    case add, subtract, multiply, divide
  }

  static func add(_ a: Tensor, _ b: Tensor) -> Tensor { binary(.add, a, b) }
  static func subtract(_ a: Tensor, _ b: Tensor) -> Tensor { binary(.subtract, a, b) }
  static func multiply(_ a: Tensor, _ b: Tensor) -> Tensor { binary(.multiply, a, b) }
  static func divide(_ a: Tensor, _ b: Tensor) -> Tensor { binary(.divide, a, b) }

  /// y = a ∘ b with broadcasting. The result lies like an operand of its shape.
  static func binary(_ operation: BinaryOperation, _ a: Tensor, _ b: Tensor) -> Tensor {
    let shape = Broadcasting.shape(a.shape, b.shape, "\(operation)")
    let isFloat32 = a.numberType == .float32 && b.numberType == .float32
    if !isFloat32 { return binary(operation, a.inFloat32(), b.inFloat32()) }
    if a.shape == b.shape, a.liesLike(b), !(operation == .divide && a.hasPadding) {
      // Layouts only oneDNN knows will do: the operation does not care where an element is.
      return combined(
        operation, extents: [a.storedCount], a.memory, [1], b.memory, [1], shape: shape,
        layout: a.layout)
    }
    let (a, b) = (a.inKernelLayout(), b.inKernelLayout())
    let guide = guide(a, b, shape)
    if let guide, guide.hasPadding,
      operation == .divide || a.channels == 1 || b.channels == 1
    {
      // The padding would not stay zero.
      return binary(operation, a.inPlainLayout(), b.inPlainLayout())
    }
    let walk = guide.map(Walk.init(along:)) ?? Walk(along: Tensor(shape: shape, memory: a.memory))
    let (left, leftStrides) = walk.follow(a)
    let (right, rightStrides) = walk.follow(b)
    return combined(
      operation, extents: walk.extents, left, leftStrides, right, rightStrides, shape: shape,
      layout: guide?.layout)
  }

  /// The operand whose layout the result takes: one that is not repeated.
  private static func guide(_ a: Tensor, _ b: Tensor, _ shape: [Int]) -> Tensor? {
    if a.shape == shape, !a.isPlain { return a }
    if b.shape == shape, !b.isPlain { return b }
    return nil
  }

  private static func combined(
    _ operation: BinaryOperation, extents: [Int], _ a: Memory, _ stridesA: [Int], _ b: Memory,
    _ stridesB: [Int], shape: [Int], layout: Layout?
  ) -> Tensor {
    precondition(extents.count <= Int(CKERNELS_MAX_RANK), "shape \(shape) has too many axes")
    let result = Memory(byteCount: layout?.byteCount ?? 4 * shape.reduce(1, *))
    ckernels_binary(
      operation.rawValue, Int32(extents.count), extents.map(Int64.init),
      stridesA.map(Int64.init), stridesB.map(Int64.init), a.floats, b.floats, result.floats,
      Int32(Parallel.defaultThreadCount))
    return Tensor(shape: shape, memory: result, layout: layout)
  }

  /// y = scale · x + shift
  static func affine(_ x: Tensor, scale: Float, shift: Float = 0) -> Tensor {
    // A shift would fill the padding.
    let x = x.hasPadding && shift != 0 ? x.inPlainLayout() : x.inFloat32()
    return mapped(x) { ckernels_affine($0, x.memory.floats, scale, shift, $1, $2) }
  }

  /// y = max(x, 0)
  static func relu(_ x: Tensor) -> Tensor {
    guard x.numberType == .bfloat16 else {
      return mapped(x) { ckernels_relu($0, x.memory.floats, $1, $2) }
    }
    let result = Memory(byteCount: x.actualLayout.byteCount)
    ckernels_narrow_relu(
      Int64(x.storedCount), x.memory.halves, result.halves, Int32(Parallel.defaultThreadCount))
    withExtendedLifetime(x) {}
    return Tensor(shape: x.shape, memory: result, layout: x.layout)
  }

  /// y = eˣ, row-major: the exponential of a layout's padding is not zero.
  static func exp(_ x: Tensor) -> Tensor {
    let x = x.inPlainLayout()
    return mapped(x) { ckernels_exponential($0, x.memory.floats, $1, $2) }
  }

  /// y = ln x, row-major: the logarithm of a layout's padding is not zero.
  static func log(_ x: Tensor) -> Tensor {
    let x = x.inPlainLayout()
    return mapped(x) { ckernels_log($0, x.memory.floats, $1, $2) }
  }

  /// dx = dy · [y > 0], in dy's memory where nobody else has it.
  static func reluPullBack(_ y: Tensor, _ dy: consuming Tensor) -> Tensor {
    dy = dy.laidOut(like: y)
    let result = dy.reusableMemory()
    let (count, threads) = (Int64(y.storedCount), Int32(Parallel.defaultThreadCount))
    if y.numberType == .bfloat16 {
      ckernels_narrow_relu_backward(
        count, y.memory.halves, dy.memory.halves, result.halves, threads)
    } else {
      ckernels_relu_backward(count, y.memory.floats, dy.memory.floats, result.floats, threads)
    }
    withExtendedLifetime((y, dy)) {}
    return Tensor(shape: y.shape, memory: result, layout: y.layout)
  }

  /// A tensor that lies like `x`, filled in by a kernel: its length, its memory, the threads.
  private static func mapped(
    _ x: Tensor, _ kernel: (Int64, UnsafeMutablePointer<Float>, Int32) -> Void
  ) -> Tensor {
    let result = Memory(count: x.storedCount)
    kernel(Int64(x.storedCount), result.floats, Int32(Parallel.defaultThreadCount))
    withExtendedLifetime(x) {}
    return Tensor(shape: x.shape, memory: result, layout: x.layout)
  }

  /// Whether every element is finite.
  static func isFinite(_ x: Tensor) -> Bool {
    let x = x.inFloat32()
    return withExtendedLifetime(x.memory) {
      ckernels_all_finite(
        x.memory.floats, Int64(x.storedCount), Int32(Parallel.defaultThreadCount)) != 0
    }
  }
}

extension Tensor {
  /// Whether the memory holds more than the elements.
  var hasPadding: Bool { layout?.hasPadding ?? false }

  /// The extent of the channel axis of an image; 1 if there is none.
  fileprivate var channels: Int { rank >= 3 ? shape[rank - 3] : 1 }
}
