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
  /// The optimum of Eq. 4 as a penalty, with the same α.
  public let exact: ExactPenalty
  /// Eq. 4 as a layer.
  public let layer: ProjectionLayer

  /// The consistency of maps on given cells.
  ///
  /// - Parameters:
  ///   - marginalization: A, which fine cells make up which coarse cell; its columns sum to 1.
  ///   - weights: w_f and w_c of Eq. 4, both 1 as in the paper unless given.
  ///   - divergence: Eq. 6's divergence: coarse against fine unless given, as in the published code.
  ///   - alpha: α, the factor of the penalties: 10 as in the paper unless given.
  /// - Throws: `DualLayerError` when a column of A does not sum to 1, or α is not positive.
  public init(
    _ marginalization: Marginalization, weights: ProjectionWeights = .unit,
    divergence: Divergence = .coarseFromFine, alpha: Double = 10
  ) throws(DualLayerError) {
    penalty = try WitnessPenalty(
      marginalization, weights: weights, divergence: divergence, alpha: alpha)
    let projection = MarginalProjection(marginalization, weights: weights)
    exact = try ExactPenalty(projection, alpha: alpha)
    layer = ProjectionLayer(projection)
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
    Primitives.witnessPenalty([fine, coarse, witness], .init(program: penalty, form: form))
  }
  /// α times the optimum of Eq. 4, the mean over the batch: what consistency costs at least.
  ///
  /// - Shapes: maps `[N, H, W]` and `[N, h, w]` → a scalar.
  /// - Parameters:
  ///   - fine: τᵏ.
  ///   - coarse: τˡ.
  /// - Returns: The penalty, in nats.
  public func exactPenalty(fine: AttentionMap, coarse: AttentionMap) -> Tensor {
    exactPenalty(fine: fine.potentials, coarse: coarse.potentials, as: .potentials)
  }

  /// α times the optimum of Eq. 4 of maps in either form, the mean over the batch.
  ///
  /// - Shapes: maps `[N, …]` → a scalar.
  /// - Parameters:
  ///   - fine: The fine maps.
  ///   - coarse: The coarse maps.
  ///   - form: What the maps' entries are.
  /// - Returns: The penalty, in nats.
  public func exactPenalty(fine: Tensor, coarse: Tensor, as form: AttentionForm) -> Tensor {
    Primitives.exactPenalty([fine, coarse], .init(program: exact, form: form))
  }

  /// The consistent maps nearest to the given ones: the solution of Eq. 4, with its derivative.
  ///
  /// - Shapes: maps `[N, H, W]` and `[N, h, w]` → the same.
  /// - Parameters:
  ///   - fine: τᵏ.
  ///   - coarse: τˡ.
  /// - Returns: μ and ν = Aμ.
  public func project(
    fine: AttentionMap, coarse: AttentionMap
  ) -> (fine: Tensor, coarse: Tensor) {
    project(fine: fine.potentials, coarse: coarse.potentials, as: .potentials)
  }

  /// The consistent maps nearest to maps in either form.
  ///
  /// - Shapes: maps `[N, …]` → the same.
  /// - Parameters:
  ///   - fine: The fine maps.
  ///   - coarse: The coarse maps.
  ///   - form: What the maps' entries are.
  /// - Returns: μ and ν = Aμ.
  public func project(
    fine: Tensor, coarse: Tensor, as form: AttentionForm
  ) -> (fine: Tensor, coarse: Tensor) {
    let μ = Primitives.projection([fine, coarse], .init(program: layer, form: form))
    let ν = Primitives.marginal([μ], layer.projection.marginalization)
    return (μ, ν.reshaped(coarse.shape))
  }
}
