/// What a classifier computes from a batch of images.
public struct GatedOutput: Sendable {
  /// The scores of the classes before softmax, `[N, classes]`.
  public let logits: Tensor
  /// What the scores are an affine map of, `[N, channels]`.
  public let features: Tensor
  /// The early, detailed map τᵏ; nil without that gate.
  public let fine: AttentionMap?
  /// The late, semantic map τˡ; nil without that gate.
  public let coarse: AttentionMap?
  /// The maps of all gates, the earliest first.
  public let maps: [AttentionMap]
  /// How much each token of a transformer takes from each other one, for every block
  /// `[N, heads, tokens, tokens]`, rows with sum 1; empty unless asked for.
  public let attention: [Tensor]
  /// What each stage of the network computed, by the path of the stage (`layer3`, `encoder2`,
  /// `blocks.11`); empty unless asked for.
  public let stages: [String: Tensor]

  /// The given values.
  ///
  /// - Parameters:
  ///   - logits: The scores of the classes.
  ///   - features: What the scores are an affine map of.
  ///   - fine: The early map.
  ///   - coarse: The late map.
  ///   - maps: The maps of all gates; the early and the late one unless given.
  ///   - attention: The attention of a transformer's blocks.
  ///   - stages: What each stage computed.
  public init(
    logits: Tensor, features: Tensor, fine: AttentionMap? = nil, coarse: AttentionMap? = nil,
    maps: [AttentionMap]? = nil, attention: [Tensor] = [], stages: [String: Tensor] = [:]
  ) {
    self.logits = logits
    self.features = features
    self.fine = fine
    self.coarse = coarse
    self.maps = maps ?? [fine, coarse].compactMap { $0 }
    self.attention = attention
    self.stages = stages
  }
}
