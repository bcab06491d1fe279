import CKernels
import ConvexKit

/// The logarithm of a softmax along the middle axis of a row-major `[outer, n, inner]` array.
enum LogSoftmax {
  /// y_i = x_i − ln Σ_j exp(x_j); a vector with a NaN becomes NaN.
  static func run(_ x: Tensor, outer: Int, length: Int, inner: Int) -> Tensor {
    let x = x.inPlainLayout()
    let result = Memory(count: x.count)
    withExtendedLifetime(x) {
      ckernels_log_softmax(
        Int64(outer), Int64(length), Int64(inner), x.memory.floats, result.floats,
        Int32(Parallel.defaultThreadCount))
    }
    return Tensor(shape: x.shape, memory: result)
  }
}
