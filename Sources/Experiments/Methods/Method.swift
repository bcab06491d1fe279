import Networks

/// A row of the tables: a way to make maps of where a network looks.
public enum Method: String, Sendable, Codable, CaseIterable {
  /// τᵏ of the network with that gate alone.
  case fine = "tau-k"
  /// τˡ of the network with that gate alone.
  case coarse = "tau-l"
  /// τᵏ and τˡ of a network of which nothing else is asked.
  case unconstrained
  /// μᵏ and μˡ, the exact solution of Eq. 4 for the maps of ``unconstrained``.
  case cvx
  /// τᵏ and τˡ of the network trained with Eq. 6.
  case dual
  /// τᵏ and τˡ of the network trained with the optimum of Eq. 4.
  case exact
  /// τᵏ and τˡ of the network trained with KL(ρ‖Aτ).
  case klCoarseFine = "kl-coarse-fine"
  /// τᵏ and τˡ of the network trained with KL(Aτ‖ρ).
  case klFineCoarse = "kl-fine-coarse"
  /// DeepLIFT of the baseline.
  case deepLIFT = "deeplift"
  /// Layer-wise relevance propagation of the baseline.
  case lrp
  /// GradCAM of the baseline.
  case gradCAM = "gradcam"
  /// Gradient times input of the baseline.
  case gradientTimesInput = "gradient-times-input"
  /// The last attention of the vision transformer.
  case transformer
  /// A random order, without any information.
  case random

  /// What tables call it.
  public var title: String {
    switch self {
    case .fine: "τᵏ alone"
    case .coarse: "τˡ alone"
    case .unconstrained: "Unconstrained"
    case .cvx: "CVX"
    case .dual: "Dual"
    case .exact: "Exact"
    case .klCoarseFine: "KL(ρ‖Aτ)"
    case .klFineCoarse: "KL(Aτ‖ρ)"
    case .deepLIFT: "DeepLIFT"
    case .lrp: "LRP"
    case .gradCAM: "GradCAM"
    case .gradientTimesInput: "Gradient × input"
    case .transformer: "ViT attention"
    case .random: "Random order"
    }
  }

  /// The network that it explains.
  public var network: StudiedNetwork {
    switch self {
    case .fine: .gated(.fine)
    case .coarse: .gated(.coarse)
    case .unconstrained, .cvx: .gated(.unconstrained)
    case .dual: .gated(.dual)
    case .exact: .gated(.exact)
    case .klCoarseFine: .gated(.klCoarseFine)
    case .klFineCoarse: .gated(.klFineCoarse)
    case .deepLIFT, .lrp, .gradCAM, .gradientTimesInput, .random: .baseline
    case .transformer: .transformer
    }
  }

  /// The blocks that it has maps of.
  public var blocks: [Block] {
    switch self {
    case .fine: [.third]
    case .coarse: [.fourth]
    default: [.third, .fourth]
    }
  }

  /// Whether its maps are a pair that Eq. 4 speaks of.
  public var isPair: Bool {
    switch self {
    case .unconstrained, .cvx, .dual, .exact, .klCoarseFine, .klFineCoarse: true
    default: false
    }
  }
}
