/// Where a gate looks: a distribution over the cells of each sample.
///
/// ```
/// τ = softmax over all cells of φ
/// ```
///
/// - Shapes: `[N, H, W]` throughout.
///
/// Losses start from ``potentials``: a peaked map spans hundreds of orders of magnitude, and its
/// smallest entries are 0 in Float.
public struct AttentionMap: Sendable {
  /// φ, up to a constant the logarithm of the map.
  public let potentials: Tensor
  /// τ, positive and with sum 1 in each sample.
  public let map: Tensor

  /// The map of the given potentials, `[N, H, W]`.
  public init(potentials: Tensor) {
    precondition(
      potentials.rank == 3, "AttentionMap: potentials of shape \(potentials.shape), not [N, H, W]")
    self.potentials = potentials
    map = potentials.spatialSoftmax()
  }

  /// ln τ, exact where τ itself underflows.
  public var logMap: Tensor {
    Primitives.softmax([potentials], .init(axes: 1..<3, isLogarithmic: true))
  }
}
