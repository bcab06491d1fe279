import Networks

// What a vision transformer's class token attends to. With A_b the attention of block b, `[heads, T, T]`,
// and the class token first:
//
//     last block   mean over heads of A_B, the class token's row without its own entry          (1)
//     rollout      the same of Π_b M_b,  M_b = ½ (I + mean over heads of A_b)                       (2)
//
// Rows of A_b sum to 1, so those of M_b do.

/// The attention of a vision transformer as its explanation.
///
/// - Shapes: images `[N, C, H, W]` → `[N, 1, h, w]`, one cell per patch.
/// - Source: the last block as in Ron et al., ICML 2022, section 5.1; the rollout: Abnar & Zuidema, ACL
///   2020.
public struct TransformerAttention: Explainer {
  /// Which attention.
  public enum Kind: String, Sendable, CaseIterable, Codable {
    /// That of the last block, (1).
    case lastBlock
    /// That of all blocks, (2).
    case rollout
  }

  /// Whose attention.
  public let network: ExplainedNetwork
  /// Which attention.
  public let kind: Kind
  /// What the method is called.
  public var name: String { kind == .lastBlock ? "ViT attention" : "ViT attention rollout" }

  /// The attention of a network.
  ///
  /// - Parameters:
  ///   - network: Whose attention.
  ///   - kind: Which attention; the last block's unless given.
  /// - Throws: ``ExplanationError/noAttention(map:)`` if the network has none.
  public init(
    _ network: ExplainedNetwork, kind: Kind = .lastBlock
  ) throws(ExplanationError) {
    (self.network, self.kind) = (network, kind)
    let output = try network.output(Tensor(repeating: 0, shape: [1] + network.imageShape))
    guard !output.attention.isEmpty else { throw .noAttention(map: "attention") }
  }

  /// The map of each image; see ``Explainer/explain(_:target:)``. Whose score is asked for makes no
  /// difference to it.
  public func explain(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Explanation {
    let output = try network.output(images)
    let (classes, scores) = try output.scores.scores(target)
    let attention = withoutRecording { () -> Tensor in
      let means = output.attention.map { $0.detached().mean(axes: [1]) }
      return kind == .lastBlock ? means[means.count - 1] : Self.rollout(means)
    }
    return Explanation(
      attribution: try classRow(attention, images.shape), classes: classes, scores: scores)
  }

  /// (2): `[N, T, T]` of each block → the same.
  private static func rollout(_ means: [Tensor]) -> Tensor {
    let tokens = means[0].shape[1]
    let identity = Tensor(shape: [1, tokens, tokens]) { elements in
      elements.update(repeating: 0)
      for token in 0..<tokens { elements[token * tokens + token] = 1 }
    }
    let mixed = means.map { 0.5 * ($0 + identity) }
    return mixed.dropFirst().reduce(mixed[0]) { $1.matrixProduct($0) }
  }

  /// The class token's row without its own entry, on the grid of the patches.
  private func classRow(
    _ attention: Tensor, _ images: [Int]
  ) throws(ExplanationError) -> Tensor {
    let (samples, tokens) = (attention.shape[0], attention.shape[2])
    let patch = Int((Double(images[2] * images[3]) / Double(tokens - 1)).squareRoot().rounded())
    let grid = [images[2] / patch, images[3] / patch]
    guard grid[0] * grid[1] == tokens - 1 else {
      throw .shapeMismatch(
        operand: "attention", expected: [samples, 1 + grid[0] * grid[1], 1 + grid[0] * grid[1]],
        actual: attention.shape)
    }
    return withoutRecording {
      attention.sliced(axis: 1, 0..<1).sliced(axis: 2, 1..<tokens)
        .reshaped([samples, 1] + grid)
    }
  }
}
