import ConvexKit

// Multi-head self-attention. For tokens x_t of width D, H heads and d = D/H,
//
//     q, k, v = W_qkv x + b                       each split into H heads of width d       (1)
//     A_st = softmax over t of ⟨q_s, k_t⟩/√d       one matrix per head                       (2)
//     y_s = W_proj [Σ_t A_st v_t for every head] + b                                       (3)
//
// It is made of the primitives that it is written with, so that every explainer that knows linear
// maps, products and softmax can walk through it.

/// Multi-head self-attention with timm's names.
///
/// - Shapes: tokens `[N, T, D]` → the same, and attention `[N, H, T, T]`.
/// - Source: Vaswani et al., NeurIPS 2017, section 3.2.
public struct SelfAttention: Module {
  /// W_qkv, `[3D, D]`: queries, keys and values, each head by head.
  public let qkv: Linear
  /// W_proj, `[D, D]`
  public let proj: Linear
  /// H
  public let heads: Int

  /// An attention with random weights.
  ///
  /// - Parameters:
  ///   - width: The extent D of the tokens, a multiple of the number of heads.
  ///   - heads: H
  ///   - generator: Where the weights come from.
  public init(width: Int, heads: Int, using generator: inout SeededGenerator) {
    precondition(
      heads > 0 && width % heads == 0, "SelfAttention: \(heads) heads of \(width) channels")
    qkv = .transformer(inputs: width, outputs: 3 * width, using: &generator)
    proj = .transformer(inputs: width, outputs: width, using: &generator)
    self.heads = heads
  }

  /// The result and the attention of every head.
  public func callAsFunction(_ x: Tensor) -> (tokens: Tensor, attention: Tensor) {
    let (n, t, width) = (x.shape[0], x.shape[1], x.shape[2])
    let all = qkv(x).reshaped([n, t, 3, width])  // (1)
    let parts = (0..<3).map { all.sliced(axis: 2, $0..<$0 + 1).reshaped([n, t, width]) }
    return mixed(queries: parts[0], keys: parts[1], values: parts[2])
  }

  /// The result of the first token alone, `[N, 1, D]`: queries of the others are not needed.
  func first(_ x: Tensor) -> Tensor {
    let (n, t, width) = (x.shape[0], x.shape[1], x.shape[2])
    let (weight, bias) = (qkv.weight.value, qkv.bias?.value)
    let q = x.sliced(axis: 1, 0..<1).linear(
      weight.sliced(axis: 0, 0..<width), bias: bias?.sliced(axis: 0, 0..<width))
    let rest = width..<3 * width
    let kv = x.linear(weight.sliced(axis: 0, rest), bias: bias?.sliced(axis: 0, rest))
      .reshaped([n, t, 2, width])
    let parts = (0..<2).map { kv.sliced(axis: 2, $0..<$0 + 1).reshaped([n, t, width]) }
    return mixed(queries: q, keys: parts[0], values: parts[1]).tokens
  }

  /// Equations (2) and (3): `[N, S, D]` and twice `[N, T, D]` → `[N, S, D]` and `[N, H, S, T]`.
  private func mixed(
    queries: Tensor, keys: Tensor, values: Tensor
  ) -> (tokens: Tensor, attention: Tensor) {
    let (n, s, t) = (queries.shape[0], queries.shape[1], keys.shape[1])
    let d = queries.shape[2] / heads
    let q = (1 / Float(d).squareRoot() * queries).reshaped([n, s, heads, d])
    let (k, v) = (keys.reshaped([n, t, heads, d]), values.reshaped([n, t, heads, d]))
    let scores = q.permuted([0, 2, 1, 3]).matrixProduct(k.permuted([0, 2, 3, 1]))
    let attention = scores.softmax()  // (2)
    let mixed = attention.matrixProduct(v.permuted([0, 2, 1, 3])).permuted([0, 2, 1, 3])
    return (proj(mixed.reshaped([n, s, heads * d])), attention)  // (3)
  }
}

extension Linear {
  /// A map with weights of deviation 0.02 and no bias to start with, as timm draws those of a
  /// transformer.
  static func transformer(
    inputs: Int, outputs: Int, using generator: inout SeededGenerator
  ) -> Linear {
    Linear(
      weight: Parameter(
        .truncatedNormal([outputs, inputs], deviation: 0.02, bound: 2, using: &generator)),
      bias: Parameter(Tensor(repeating: 0, shape: [outputs])))
  }
}
