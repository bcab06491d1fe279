import COneDNN

/// A function of one variable that oneDNN applies to every element.
enum ElementwiseFunction: Hashable {
  case gelu

  /// y = f(x), lying like x.
  static func run(_ function: Self, _ x: Tensor) -> Tensor {
    let layout = x.flatLayout
    let key = OperationKey(.elementwise, [Int(function.algorithm.rawValue), layout.identifier])
    let result = Memory(byteCount: layout.byteCount)
    expecting { () throws(NetworkError) in
      let operation = try OperationCache.operation(key) { () throws(NetworkError) in
        var description = dnnl_eltwise_desc_t()
        try check(
          dnnl_eltwise_forward_desc_init(
            &description, dnnl_forward_training, function.algorithm, layout.descriptor, 0, 0),
          "\(function)")
        return try Operation("\(function) of \(layout.shape)", description)
      }
      try operation.run([
        .init(DNNL_ARG_SRC, x.memory, layout), .init(DNNL_ARG_DST, result, layout),
      ])
    }
    return Tensor(shape: x.shape, memory: result, layout: x.layout)
  }

  /// dx = f′(x) dy, lying like x.
  static func pullBack(_ function: Self, _ x: Tensor, _ dy: Tensor) -> Tensor {
    let layout = x.flatLayout
    let dy = dy.laidOut(like: x)
    let key = OperationKey(
      .elementwiseBackward, [Int(function.algorithm.rawValue), layout.identifier])
    let result = Memory(byteCount: layout.byteCount)
    expecting { () throws(NetworkError) in
      let operation = try OperationCache.operation(key) { () throws(NetworkError) in
        var forward = dnnl_eltwise_desc_t()
        try check(
          dnnl_eltwise_forward_desc_init(
            &forward, dnnl_forward_training, function.algorithm, layout.descriptor, 0, 0),
          "\(function)")
        var description = dnnl_eltwise_desc_t()
        try check(
          dnnl_eltwise_backward_desc_init(
            &description, function.algorithm, layout.descriptor, layout.descriptor, 0, 0),
          "\(function) backward")
        let hint = try Operation("\(function) of \(layout.shape)", forward)
        return try Operation("\(function) backward of \(layout.shape)", description, hint: hint)
      }
      try operation.run([
        .init(DNNL_ARG_SRC, x.memory, layout), .init(DNNL_ARG_DIFF_DST, dy.memory, layout),
        .init(DNNL_ARG_DIFF_SRC, result, layout),
      ])
    }
    return Tensor(shape: x.shape, memory: result, layout: x.layout)
  }

  /// oneDNN's name of it.
  var algorithm: dnnl_alg_kind_t {
    switch self {
    case .gelu: dnnl_eltwise_gelu_erf
    }
  }
}

extension Tensor {
  /// The layout as far as it matters to a function of single elements: row-major memory is a
  /// vector.
  fileprivate var flatLayout: Layout { layout ?? .plain([count]) }
}
