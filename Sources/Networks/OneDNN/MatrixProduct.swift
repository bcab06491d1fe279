import COneDNN

/// Matrix products of batches of matrices.
enum MatrixProduct {
  /// An operand: a batch of matrices along strides, each possibly read as its transpose.
  struct Operand {
    let tensor: Tensor
    /// The extents of the batch axes; 1 where the matrices are repeated.
    let batch: [Int]
    let rows: Int
    let columns: Int
    let isTransposed: Bool

    /// The last two axes of a tensor as matrices.
    ///
    /// - Parameters:
    ///   - tensor: At least two axes.
    ///   - isTransposed: Whether rows and columns are exchanged.
    init(_ tensor: Tensor, transposed isTransposed: Bool = false) {
      precondition(tensor.rank >= 2, "a matrix product of shape \(tensor.shape)")
      self.tensor = Self.isMatrix(tensor) ? tensor : tensor.inPlainLayout()
      batch = Array(tensor.shape.dropLast(2))
      let (r, c) = (tensor.shape[tensor.rank - 2], tensor.shape[tensor.rank - 1])
      (rows, columns) = isTransposed ? (c, r) : (r, c)
      self.isTransposed = isTransposed
    }

    /// Whether the elements of a row or of a column are neighbours, as products need it.
    private static func isMatrix(_ tensor: Tensor) -> Bool {
      guard let strides = tensor.strides else { return false }
      let (row, column) = (strides[tensor.rank - 2], strides[tensor.rank - 1])
      let (r, c) = (tensor.shape[tensor.rank - 2], tensor.shape[tensor.rank - 1])
      return (column == 1 && row >= c) || (row == 1 && column >= r)
    }

    /// The layout with `rank` axes, batches of one matrix put in front.
    func layout(rank: Int) -> Layout {
      let missing = rank - tensor.rank
      let shape = Broadcasting.padded(batch, rank: rank - 2) + [rows, columns]
      var strides = tensor.strides ?? Layout.rowMajorStrides(tensor.shape)
      if isTransposed { strides.swapAt(tensor.rank - 2, tensor.rank - 1) }
      let outer = Array(repeating: tensor.storedCount, count: missing)
      return .interned(.strided(shape: shape, strides: outer + strides))
    }
  }

  /// y = a b + bias
  ///
  /// - Parameters:
  ///   - a: `[…, m, k]`
  ///   - b: `[…, k, n]`; batches are repeated to each other's extents.
  ///   - bias: `[n]`, added to every row.
  ///   - activation: A function of the sums, applied to each.
  /// - Returns: `[…, m, n]`
  static func run(
    _ a: Operand, _ b: Operand, bias: Tensor? = nil, activation: ElementwiseFunction? = nil
  ) -> Tensor {
    precondition(
      a.columns == b.rows,
      "matrix product: shapes \(a.tensor.shape) and \(b.tensor.shape) do not match")
    let batch = Broadcasting.shape(a.batch, b.batch, "matrix product")
    let rank = batch.count + 2
    let left = a.layout(rank: rank)
    let right = b.layout(rank: rank)
    let shape = batch + [a.rows, b.columns]
    let layout = Layout.plain(shape)
    let biasLayout = bias.map { _ in
      Layout.plain(Array(repeating: 1, count: rank - 1) + [b.columns])
    }
    let result = Memory(byteCount: layout.byteCount)
    let key = OperationKey(
      .matrixProduct,
      [
        left.identifier, right.identifier, bias == nil ? 0 : 1,
        activation.map { Int($0.algorithm.rawValue) } ?? 0,
      ])
    expecting { () throws(NetworkError) in
      let operation = try OperationCache.operation(key) { () throws(NetworkError) in
        var description = dnnl_matmul_desc_t()
        try check(
          dnnl_matmul_desc_init(
            &description, left.descriptor, right.descriptor, biasLayout?.descriptor,
            layout.descriptor), "matrix product")
        return try Operation(
          "matrix product of \(left.shape) and \(right.shape)", description, activation: activation)
      }
      var arguments: [Operation.Argument] = [
        .init(DNNL_ARG_SRC, a.tensor.memory, left), .init(DNNL_ARG_WEIGHTS, b.tensor.memory, right),
        .init(DNNL_ARG_DST, result, layout),
      ]
      if let bias = bias?.inPlainLayout(), let biasLayout {
        arguments.append(.init(DNNL_ARG_BIAS, bias.memory, biasLayout))
      }
      try operation.run(arguments)
    }
    return Tensor(shape: shape, memory: result)
  }
}
