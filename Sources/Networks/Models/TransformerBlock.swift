import ConvexKit

/// A block of a vision transformer, with timm's names:
///
/// ```
/// h = x + attn(norm1 x)
/// y = h + mlp(norm2 h)
/// ```
///
/// - Shapes: `[N, T, D]` → `[N, T, D]`
/// - Source: Dosovitskiy et al., ICLR 2021, eqs. 2 and 3.
public struct TransformerBlock: Module {
  /// Before the attention.
  public let norm1: LayerNorm
  /// Between the tokens.
  public let attn: SelfAttention
  /// Before the perceptron.
  public let norm2: LayerNorm
  /// Within each token.
  public let mlp: Perceptron

  /// A block with random weights.
  ///
  /// - Parameters:
  ///   - width: The extent D of the tokens.
  ///   - heads: The heads of the attention.
  ///   - hidden: The extent inside the perceptron.
  ///   - epsilon: ε of the layer norms.
  ///   - generator: Where the weights come from.
  public init(
    width: Int, heads: Int, hidden: Int, epsilon: Float, using generator: inout SeededGenerator
  ) {
    norm1 = LayerNorm([width], epsilon: epsilon)
    attn = SelfAttention(width: width, heads: heads, using: &generator)
    norm2 = LayerNorm([width], epsilon: epsilon)
    mlp = Perceptron(width: width, hidden: hidden, using: &generator)
  }

  /// The block's tokens and the attention of every head, `[N, heads, T, T]`.
  public func callAsFunction(_ x: Tensor) -> (tokens: Tensor, attention: Tensor) {
    let (mixed, attention) = attn(norm1(x))
    let h = x + mixed
    return (h + mlp(norm2(h)), attention)
  }

  /// The block's first token alone, `[N, 1, D]`, at a sixth of the cost: what the last block of a
  /// classifier is asked for.
  func first(_ x: Tensor) -> Tensor {
    let h = x.sliced(axis: 1, 0..<1) + attn.first(norm1(x))
    return h + mlp(norm2(h))
  }
}
