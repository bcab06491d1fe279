import DualLayer
import KLProjection

/// Makes any number of attention maps agree, each grid a divisor of the one before: Eqs. 4-6 along a
/// chain.
///
/// ```
/// let consistency = try ConsistentHierarchy(grids: [[64, 64], [32, 32], [16, 16]])
/// let loss = crossEntropy + consistency.exactPenalty(output.maps)
/// ```
///
/// - Source: Ron et al., ICML 2022, eqs. 4-6, for more than two maps.
public struct ConsistentHierarchy: Sendable {
  /// Eqs. 4-6 between neighbouring maps, the finest pair first.
  public let pairs: [ConsistentAttention]
  /// The optimum of Eq. 4 for all maps at once as a penalty.
  public let exact: HierarchyPenalty

  /// The consistency of maps on given grids.
  ///
  /// - Parameters:
  ///   - grids: The sides of the maps' grids, the finest first, at least two.
  ///   - weights: w_t of Eq. 4, all 1 unless given. Pairs have the weights of their maps.
  ///   - divergence: Eq. 6's divergence: coarse against fine unless given.
  ///   - alpha: α, the factor of the penalties: 10 as in the paper unless given.
  /// - Throws: `ProjectionError` when a grid does not divide the one before or a weight is not
  ///   positive, `DualLayerError` when α is not.
  public init(
    grids: [[Int]], weights: [Double]? = nil, divergence: Divergence = .coarseFromFine,
    alpha: Double = 10
  ) throws {
    let projection = try HierarchyProjection(shapes: grids, weights: weights)
    let weights = projection.weights
    pairs = try projection.levels.enumerated().map { t, level in
      try ConsistentAttention(
        level, weights: ProjectionWeights(fine: weights[t], coarse: weights[t + 1]),
        divergence: divergence, alpha: alpha)
    }
    exact = try HierarchyPenalty(projection, alpha: alpha)
  }

  /// Eq. 6 between neighbouring maps, its sum over the pairs.
  ///
  /// - Shapes: maps `[N, H_t, W_t]`, λ_t `[1, 1, H_{t+1}, W_{t+1}]` or one map per sample → a scalar.
  /// - Parameters:
  ///   - maps: τ_t, the finest first.
  ///   - witnesses: λ_t between map t and map t + 1; a network's are in its `marginals`.
  /// - Returns: The penalty, in nats.
  public func witnessPenalty(_ maps: [AttentionMap], witnesses: [Tensor]) -> Tensor {
    precondition(
      maps.count == pairs.count + 1 && witnesses.count == pairs.count,
      "witnessPenalty: \(maps.count) maps and \(witnesses.count) witnesses of a hierarchy of "
        + "\(pairs.count + 1) maps")
    return pairs.indices.dropFirst().reduce(penalty(0)) { $0 + penalty($1) }

    func penalty(_ t: Int) -> Tensor {
      pairs[t].witnessPenalty(fine: maps[t], coarse: maps[t + 1], witness: witnesses[t])
    }
  }

  /// α times the optimum of Eq. 4 for all maps at once, the mean over the batch.
  ///
  /// - Shapes: maps `[N, H_t, W_t]` → a scalar.
  /// - Parameter maps: τ_t, the finest first.
  /// - Returns: The penalty, in nats.
  public func exactPenalty(_ maps: [AttentionMap]) -> Tensor {
    Primitives.hierarchyPenalty(
      maps.map(\.potentials), .init(program: exact, form: .potentials))
  }

  /// The consistent maps nearest to the given ones, with their derivative.
  ///
  /// - Shapes: maps `[N, H_t, W_t]` → the same.
  /// - Parameter maps: τ_t, the finest first.
  /// - Returns: μ_t, the finest first.
  public func project(_ maps: [AttentionMap]) -> [Tensor] {
    let finest = Primitives.hierarchyProjection(
      maps.map(\.potentials), .init(program: exact.projection, form: .potentials))
    var projected = [finest]
    for (t, level) in exact.projection.levels.enumerated() {
      let marginal = Primitives.marginal([projected[t]], level)
      projected.append(marginal.reshaped(maps[t + 1].map.shape))
    }
    return projected
  }
}
