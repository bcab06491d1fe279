/// Which layer of a network shares out relevance by which rule.
public struct RelevanceComposite: Sendable {
  /// A layer with weights, as a composite sees it.
  public struct Layer: Sendable, Equatable {
    /// What a layer is.
    public enum Kind: Sendable, Equatable {
      /// A convolution.
      case convolution
      /// An affine map.
      case dense
      /// A batch norm with given statistics, or a layer norm.
      case normalization
    }

    /// Its path, where its weights are parameters of the network.
    public let path: String?
    /// What it is.
    public let kind: Kind
    /// Its place among the layers with weights of its own kind, 0 nearest to the image.
    public let position: Int
    /// The number of layers of its kind.
    public let count: Int
  }

  /// What the composite is called.
  public let name: String
  /// The rule of a layer.
  public let rule: @Sendable (Layer) -> RelevanceRule

  /// A composite of one's own.
  ///
  /// - Parameters:
  ///   - name: What it is called.
  ///   - rule: The rule of a layer.
  public init(_ name: String, rule: @escaping @Sendable (Layer) -> RelevanceRule) {
    (self.name, self.rule) = (name, rule)
  }

  /// The same rule everywhere.
  public static func uniform(_ rule: RelevanceRule) -> RelevanceComposite {
    RelevanceComposite("\(rule)") { _ in rule }
  }

  /// The flat rule for the first convolution, z⁺ for the others, ε for affine maps and norms.
  ///
  /// - Source: the composite that Kohlbrenner et al., IJCNN 2020, recommend.
  public static func epsilonPlusFlat(epsilon: Float = 1e-6) -> RelevanceComposite {
    RelevanceComposite("epsilon plus flat") { layer in
      switch layer.kind {
      case .convolution: layer.position == 0 ? .flat : .zPlus
      case .dense, .normalization: .epsilon(epsilon)
      }
    }
  }

  /// The γ rule for convolutions, ε for affine maps and norms.
  public static func epsilonGamma(epsilon: Float = 1e-6, gamma: Float = 0.25) -> RelevanceComposite
  {
    RelevanceComposite("epsilon gamma") { layer in
      layer.kind == .convolution ? .gamma(gamma) : .epsilon(epsilon)
    }
  }
}
