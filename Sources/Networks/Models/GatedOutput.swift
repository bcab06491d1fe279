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
}
