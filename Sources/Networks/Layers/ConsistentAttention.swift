import DualLayer
import KLProjection

/// Makes a network's fine and coarse attention maps agree: Eqs. 4-6 as functions of tensors.
///
/// ```
/// let pooling = try Marginalization(fine: [32, 32], coarse: [16, 16])
/// let consistency = try ConsistentAttention(pooling)
/// let loss = crossEntropy + consistency.witnessPenalty(fine: τᵏ, coarse: τˡ, witness: λ.value)
/// ```
///
/// Gated maps come with their potentials, so nothing underflows, and every sample is treated on its
/// own. The grids of the maps have the cells of the marginalization, row by row.
///
/// - Source: Ron et al., ICML 2022, eqs. 4-6.
public struct ConsistentAttention: Sendable {
  /// Eq. 6: its divergence and α.
  public let penalty: WitnessPenalty

  /// The consistency of maps on given cells.
  ///
  /// - Parameters:
  ///   - marginalization: A, which fine cells make up which coarse cell; its columns sum to 1.
  ///   - weights: w_f and w_c of Eq. 4, both 1 as in the paper unless given.
  ///   - divergence: Eq. 6's divergence: coarse against fine unless given, as in the published code.
  ///   - alpha: α, the factor of the penalties: 10 as in the paper unless given.
  /// - Throws: ``DualLayer/DualLayerError`` when a column of A does not sum to 1, or α is not positive.
  public init(
    _ marginalization: Marginalization, weights: ProjectionWeights = .unit,
    divergence: Divergence = .coarseFromFine, alpha: Double = 10
  ) throws(DualLayerError) {
    penalty = try WitnessPenalty(
      marginalization, weights: weights, divergence: divergence, alpha: alpha)
  }

  /// Eq. 6: α times the divergence between the two sides of Eq. 5 at λ, the mean over the batch.
  ///
  /// With λ = 0 it is the direct divergence between the coarse map and the pooled fine one.
  ///
  /// - Shapes: maps `[N, H, W]` and `[N, h, w]`, λ `[1, 1, h, w]` or one map per sample
  ///   `[N, 1, h, w]` → a scalar.
  /// - Parameters:
  ///   - fine: τᵏ.
  ///   - coarse: τˡ.
  ///   - witness: λ, learned (`marginals.lamb`) or predicted by a ``WitnessHead``.
  /// - Returns: The penalty, in nats.
  public func witnessPenalty(
    fine: AttentionMap, coarse: AttentionMap, witness: Tensor
  ) -> Tensor {
    witnessPenalty(
      fine: fine.potentials, coarse: coarse.potentials, as: .potentials, witness: witness)
  }

  /// Eq. 6 of maps in either form, the mean over the batch.
  ///
  /// Probabilities are for maps without potentials, such as a mean over attention heads; entries that
  /// have underflowed to 0 are cells that cannot carry mass.
  ///
  /// - Shapes: maps `[N, …]`, λ `[1, …]` or one map per sample `[N, …]` → a scalar.
  /// - Parameters:
  ///   - fine: The fine maps.
  ///   - coarse: The coarse maps.
  ///   - form: What the maps' entries are.
  ///   - witness: λ.
  /// - Returns: The penalty, in nats.
  public func witnessPenalty(
    fine: Tensor, coarse: Tensor, as form: AttentionForm, witness: Tensor
  ) -> Tensor {
    Primitives.witnessPenalty([fine, coarse, witness], .init(penalty: penalty, form: form))
  }
}
