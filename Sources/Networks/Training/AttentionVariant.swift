/// A network of the paper's comparison: which gates it has, and what is asked of their maps.
///
/// The paper's CVX is no training of its own. It is ``unconstrained`` with the exact projection of
/// its maps, ``HeldOutMaps/projected()``.
///
/// - Source: Ron et al., ICML 2022, section 4; ``exact`` is this package's.
public enum AttentionVariant: String, Sendable, Codable, CaseIterable {
  /// No gates: the plain classifier.
  case baseline
  /// The fine gate alone, τᵏ.
  case fine
  /// The coarse gate alone, τˡ.
  case coarse
  /// Both gates, which may contradict each other.
  case unconstrained
  /// Both gates and Eq. 6 with a learned λ.
  case dual
  /// Both gates and the optimum of Eq. 4.
  case exact
  /// Both gates and KL(ρ‖Aτ).
  case klCoarseFine = "kl-coarse-fine"
  /// Both gates and KL(Aτ‖ρ).
  case klFineCoarse = "kl-fine-coarse"

  /// Whether the network has the fine gate.
  public var hasFineGate: Bool { self != .baseline && self != .coarse }

  /// Whether the network has the coarse gate.
  public var hasCoarseGate: Bool { self != .baseline && self != .fine }

  /// What is asked of the maps.
  public var penalty: AttentionPenalty {
    switch self {
    case .baseline, .fine, .coarse, .unconstrained: .unconstrained
    case .dual: .dual
    case .exact: .exact
    case .klCoarseFine: .klCoarseFine
    case .klFineCoarse: .klFineCoarse
    }
  }
}

extension UNetEncoder.Settings {
  /// These settings with the gates of a variant. λ stays where both gates do.
  public func gated(as variant: AttentionVariant) -> Self {
    var settings = self
    if !variant.hasFineGate { settings.fineGate = nil }
    if !variant.hasCoarseGate { settings.coarseGate = nil }
    settings.hasMarginals = hasMarginals && variant.hasFineGate && variant.hasCoarseGate
    return settings
  }
}

extension ResNet.Settings {
  /// These settings with the gates of a variant. λ stays where both gates do.
  public func gated(as variant: AttentionVariant) -> Self {
    var settings = self
    if !variant.hasFineGate { settings.fineGate = nil }
    if !variant.hasCoarseGate { settings.coarseGate = nil }
    settings.hasMarginals = hasMarginals && variant.hasFineGate && variant.hasCoarseGate
    return settings
  }
}
