/// A network that classifies images, through attention gates or without.
public protocol GatedClassifier: Module {
  /// Logits of a batch of images, and the attention maps of the gates that there are.
  ///
  /// - Shapes: images `[N, C, H, W]`.
  func callAsFunction(_ images: Tensor) -> GatedOutput
  /// The number of classes.
  var classes: Int { get }
  /// Channels, rows and columns of the images; nil if any fit.
  var imageShape: [Int]? { get }
  /// The learned multiplier λ of Eq. 6, if the network has one.
  var witness: Parameter? { get }
  /// Freezes all but the gates, λ and the classifying layer.
  ///
  /// - Parameter movingStatistics: Whether batch norms are left in training; see
  ///   ``Module/freeze(movingStatistics:)``.
  func freezeBackbone(movingStatistics: Bool)
}

extension GatedClassifier {
  /// Any images.
  public var imageShape: [Int]? { nil }
  /// No λ.
  public var witness: Parameter? { nil }

  /// Freezes all that does not bear the name of a gate (`tau_k`, `tau_l`), of λ (`marginals`) or of the
  /// classifying layer (`fc`, `head`).
  ///
  /// - Parameter movingStatistics: Whether batch norms are left in training.
  public func freezeBackbone(movingStatistics: Bool) {
    let tuned: Set = ["fc", "head", "tau_k", "tau_l", "marginals"]
    let parts = Set(namedParameters().map { String($0.name.prefix { $0 != "." }) })
    freeze(under: parts.subtracting(tuned).sorted(), movingStatistics: movingStatistics)
  }
}

extension UNetEncoder: GatedClassifier {
  /// The number of classes.
  public var classes: Int { settings.classes }
  /// Channels, rows and columns of the images.
  public var imageShape: [Int]? { [settings.channels] + settings.size }
  /// λ of Eq. 6, `[1, 1, rows, columns]` of the coarse grid.
  public var witness: Parameter? { marginals?.lamb }
}

extension ResNet {
  /// Channels, rows and columns of the images; nil without gates, where any rows and columns fit.
  public var imageShape: [Int]? {
    tauK == nil && tauL == nil ? nil : [settings.channels] + settings.size
  }
}
