import CKernels
import ConvexKit

/// Elements at other places, not recorded.
enum Rearrangement {
  /// y[i] = x[i permuted]: axis k of y is axis `axes[k]` of x.
  ///
  /// Nothing moves: y lies in x's memory, read along other strides. Matrix products take it as it
  /// is, other operations copy what they need in order.
  static func permuted(_ x: Tensor, _ axes: [Int]) -> Tensor {
    let x = x.strides == nil ? x.inPlainLayout() : x
    guard let strides = x.strides, x.rank > 0 else { return x }
    let shape = axes.map { x.shape[$0] }
    let layout = Layout.interned(.strided(shape: shape, strides: axes.map { strides[$0] }))
    return Tensor(shape: shape, memory: x.memory, layout: layout)
  }

  /// x repeated along axes of extent 1 and missing ones, to `shape`.
  static func repeated(_ x: Tensor, to shape: [Int]) -> Tensor {
    copy(x, shape: shape, strides: Broadcasting.strides(of: x.shape, repeatedTo: shape))
  }

  /// The part of x whose index along an axis is in a range.
  static func sliced(_ x: Tensor, axis: Int, range: Range<Int>) -> Tensor {
    let x = x.inPlainLayout()
    let strides = Layout.rowMajorStrides(x.shape)
    var shape = x.shape
    shape[axis] = range.count
    return copy(x, shape: shape, strides: strides, offset: range.lowerBound * strides[axis])
  }

  /// Zeros, with x in the given range along an axis: the adjoint of a slice.
  static func embedded(_ x: Tensor, axis: Int, range: Range<Int>, in shape: [Int]) -> Tensor {
    let memory = Memory(count: shape.reduce(1, *))
    memory.clear()
    write(x, into: memory, shape: shape, axis: axis, at: range.lowerBound)
    return Tensor(shape: shape, memory: memory)
  }

  /// Tensors one after the other along an axis.
  static func concatenated(_ parts: [Tensor], axis: Int, shape: [Int]) -> Tensor {
    let memory = Memory(count: shape.reduce(1, *))
    var start = 0
    for part in parts {
      write(part, into: memory, shape: shape, axis: axis, at: start)
      start += part.shape[axis]
    }
    return Tensor(shape: shape, memory: memory)
  }

  private static func copy(
    _ x: Tensor, shape: [Int], strides: [Int], offset: Int = 0
  ) -> Tensor {
    precondition(shape.count <= Int(CKERNELS_MAX_RANK), "shape \(shape) has too many axes")
    let x = x.inPlainLayout()
    let result = Memory(count: shape.reduce(1, *))
    withExtendedLifetime(x) {
      ckernels_copy(
        Int32(shape.count), shape.map(Int64.init), strides.map(Int64.init),
        Layout.rowMajorStrides(shape).map(Int64.init), x.memory.floats + offset, result.floats,
        Int32(Parallel.defaultThreadCount))
    }
    return Tensor(shape: shape, memory: result)
  }

  private static func write(
    _ part: Tensor, into memory: Memory, shape: [Int], axis: Int, at start: Int
  ) {
    precondition(shape.count <= Int(CKERNELS_MAX_RANK), "shape \(shape) has too many axes")
    let strides = Layout.rowMajorStrides(shape)
    let part = part.strides == nil ? part.inPlainLayout() : part
    let own = part.strides ?? Layout.rowMajorStrides(part.shape)
    withExtendedLifetime(part) {
      ckernels_copy(
        Int32(shape.count), part.shape.map(Int64.init), own.map(Int64.init),
        strides.map(Int64.init), part.memory.floats, memory.floats + start * strides[axis],
        Int32(Parallel.defaultThreadCount))
    }
  }
}
