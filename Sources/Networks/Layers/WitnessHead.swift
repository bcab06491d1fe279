import ConvexKit
import DualLayer
import KLProjection

/// Predicts λ for each sample: the amortized witness of Eq. 6.
///
/// ```
/// h = relu(W₁ [x, log a, log ρ] + b₁),    λ = W₂ h − mean over the cells
/// ```
///
/// with 1×1 convolutions of the features x that the coarse gate sees and, as two more channels, the
/// log-maps on the coarse cells: log ρ, and log a with a = Aτ. On partitions the exact multiplier is
/// κ (log a − log ρ) up to a constant, which such a head can represent.
///
/// λ is defined up to a constant; the head returns the one of mean zero. It starts small: W₂ is drawn
/// and then scaled by 0.1, so that training begins near λ = 0, the maps as they are.
///
/// - Shapes: features `[N, C, h, w]`, maps `[N, H, W]` and `[N, h, w]` → `[N, 1, h, w]`.
/// - Source: Ron et al., ICML 2022, eq. 6, with λ a function of the sample instead of a constant.
public struct WitnessHead: Module {
  /// W₁ and b₁, `[E, C + 2, 1, 1]`
  public let w1: Conv2D
  /// W₂, `[1, E, 1, 1]`
  public let w2: Conv2D
  /// A
  public let marginal: LogMarginal

  /// A head with given weights.
  ///
  /// - Parameters:
  ///   - marginalization: A, which fine cells make up which coarse cell; its columns sum to 1.
  ///   - w1: W₁ and b₁.
  ///   - w2: W₂.
  /// - Throws: `DualLayerError` when a column of A does not sum to 1.
  public init(
    _ marginalization: Marginalization, w1: Conv2D, w2: Conv2D
  ) throws(DualLayerError) {
    marginal = try LogMarginal(marginalization)
    (self.w1, self.w2) = (w1, w2)
  }

  /// A head with random weights.
  ///
  /// - Parameters:
  ///   - marginalization: A, which fine cells make up which coarse cell; its columns sum to 1.
  ///   - channels: The channels C of the coarse features.
  ///   - embed: The extent E of the hidden layer.
  ///   - generator: Where the weights come from.
  /// - Throws: `DualLayerError` when a column of A does not sum to 1.
  public init(
    _ marginalization: Marginalization, channels: Int, embed: Int,
    using generator: inout SeededGenerator
  ) throws(DualLayerError) {
    try self.init(
      marginalization,
      w1: Conv2D(inputs: channels + 2, outputs: embed, kernel: [1, 1], using: &generator),
      w2: Conv2D(inputs: embed, outputs: 1, kernel: [1, 1], hasBias: false, using: &generator))
    w2.weight.value = 0.1 * w2.weight.value
  }

  /// λ of every sample, with mean zero.
  ///
  /// - Parameters:
  ///   - features: The features that the coarse gate sees.
  ///   - fine: τᵏ.
  ///   - coarse: τˡ.
  /// - Returns: λ, `[N, 1, h, w]`.
  public func callAsFunction(
    _ features: Tensor, fine: AttentionMap, coarse: AttentionMap
  ) -> Tensor {
    let (n, h, w) = (features.shape[0], features.shape[2], features.shape[3])
    let logA = Primitives.logMarginal([fine.potentials], marginal).reshaped([n, 1, h, w])
    let logρ = coarse.logMap.reshaped([n, 1, h, w])
    let λ = w2(w1(Tensor.concatenated([features, logA, logρ], axis: 1)).relu())
    return λ - λ.mean(axes: [2, 3], keepingAxes: true)
  }
}
