import Networks

/// A network that is trained for an experiment.
public enum StudiedNetwork: Hashable, Sendable {
  /// A classifier with the gates and the penalty of a variant.
  case gated(AttentionVariant)
  /// The vision transformer.
  case transformer

  /// The plain classifier, whose accuracy perturbed images are judged by.
  public static let baseline = StudiedNetwork.gated(.baseline)

  /// The name of its folder.
  public var name: String {
    switch self {
    case .gated(let variant): variant.rawValue
    case .transformer: "transformer"
    }
  }
}
