/// What a gated classifier computes from a batch of images.
public struct GatedOutput: Sendable {
  /// The scores of the classes before softmax, `[N, classes]`.
  public let logits: Tensor
  /// What the scores are an affine map of, `[N, channels]`.
  public let features: Tensor
  /// The early, detailed map τᵏ; nil without that gate.
  public let fine: AttentionMap?
  /// The late, semantic map τˡ; nil without that gate.
  public let coarse: AttentionMap?

  /// The given values.
  ///
  /// - Parameters:
  ///   - logits: The scores of the classes.
  ///   - features: What the scores are an affine map of.
  ///   - fine: The early map.
  ///   - coarse: The late map.
  public init(
    logits: Tensor, features: Tensor, fine: AttentionMap? = nil, coarse: AttentionMap? = nil
  ) {
    self.logits = logits
    self.features = features
    self.fine = fine
    self.coarse = coarse
  }
}
