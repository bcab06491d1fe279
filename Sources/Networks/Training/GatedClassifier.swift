/// A network that classifies images through two attention gates.
public protocol GatedClassifier: Module {
  /// Logits and attention maps of a batch of images.
  ///
  /// - Shapes: images `[N, C, H, W]`.
  func callAsFunction(_ images: Tensor) -> GatedOutput
  /// The number of classes.
  var classes: Int { get }
  /// The learned multiplier λ of Eq. 6, if the network has one.
  var witness: Parameter? { get }
}

extension UNetEncoder: GatedClassifier {
  /// The number of classes.
  public var classes: Int { settings.classes }
  /// λ of Eq. 6, `[1, 1, rows, columns]` of the coarse grid.
  public var witness: Parameter? { marginals?.lamb }
}
