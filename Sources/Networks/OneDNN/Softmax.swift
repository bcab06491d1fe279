import CKernels
import COneDNN
import ConvexKit

/// Softmax and its logarithm along the middle axis of a row-major `[outer, n, inner]` array.
enum Softmax {
  /// y_i = exp(x_i) / Σ_j exp(x_j), or its logarithm.
  static func run(_ x: Tensor, outer: Int, length: Int, inner: Int, logarithmic: Bool) -> Tensor {
    let x = x.inPlainLayout()
    let layout = Layout.plain([outer, length, inner])
    let result = Memory(byteCount: layout.byteCount)
    if logarithmic {
      ckernels_log_softmax(
        Int64(outer), Int64(length), Int64(inner), x.memory.floats, result.floats,
        Int32(Parallel.defaultThreadCount))
      withExtendedLifetime(x) {}
      return Tensor(shape: x.shape, memory: result)
    }
    let key = OperationKey(.softmax, [layout.identifier])
    expecting { () throws(NetworkError) in
      let operation = try OperationCache.operation(key) { () throws(NetworkError) in
        try forward(layout, logarithmic: false)
      }
      try operation.run([
        .init(DNNL_ARG_SRC, x.memory, layout), .init(DNNL_ARG_DST, result, layout),
      ])
    }
    return Tensor(shape: x.shape, memory: result)
  }

  /// dx = y (dy − ⟨y, dy⟩), or dx = dy − exp(y) Σ dy for the logarithm.
  static func pullBack(
    _ y: Tensor, _ dy: Tensor, outer: Int, length: Int, inner: Int, logarithmic: Bool
  ) -> Tensor {
    let (y, dy) = (y.inPlainLayout(), dy.inPlainLayout())
    let layout = Layout.plain([outer, length, inner])
    let key = OperationKey(.softmaxBackward, [layout.identifier, logarithmic ? 1 : 0])
    let result = Memory(byteCount: layout.byteCount)
    expecting { () throws(NetworkError) in
      let operation = try OperationCache.operation(key) { () throws(NetworkError) in
        var description = dnnl_softmax_v2_desc_t()
        try check(
          dnnl_softmax_v2_backward_desc_init(
            &description, logarithmic ? dnnl_softmax_log : dnnl_softmax_accurate,
            layout.descriptor, layout.descriptor, layout.descriptor, 1), "softmax backward")
        return try Operation(
          "softmax backward of \(layout.shape)", description,
          hint: forward(layout, logarithmic: logarithmic))
      }
      try operation.run([
        .init(DNNL_ARG_DST, y.memory, layout), .init(DNNL_ARG_DIFF_DST, dy.memory, layout),
        .init(DNNL_ARG_DIFF_SRC, result, layout),
      ])
    }
    return Tensor(shape: y.shape, memory: result)
  }

  private static func forward(
    _ layout: Layout, logarithmic: Bool
  ) throws(NetworkError) -> Operation {
    var description = dnnl_softmax_v2_desc_t()
    try check(
      dnnl_softmax_v2_forward_desc_init(
        &description, dnnl_forward_training,
        logarithmic ? dnnl_softmax_log : dnnl_softmax_accurate, layout.descriptor,
        layout.descriptor, 1), "softmax")
    return try Operation("softmax of \(layout.shape)", description)
  }
}
