import COneDNN

/// Softmax along the middle axis of a row-major `[outer, n, inner]` array, and its pullback and its
/// logarithm's; the logarithm itself is ``LogSoftmax``'s.
enum Softmax {
  /// y_i = exp(x_i) / Σ_j exp(x_j)
  static func run(_ x: Tensor, outer: Int, length: Int, inner: Int) -> Tensor {
    let x = x.inPlainLayout()
    let layout = Layout.plain([outer, length, inner])
    let key = OperationKey(.softmax, [layout.identifier])
    let result = Memory(byteCount: layout.byteCount)
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
