import DualLayer
import KLProjection
import Networks

/// The attention maps of a gated network as its explanation: as computed, or made consistent by the
/// exact solution of Eq. 4.
///
/// - Shapes: images `[N, C, H, W]` → `[N, 1, h, w]`, the cells of the map; each sums to 1.
/// - Source: Ron et al., ICML 2022, eqs. 2 and 4.
public struct GateAttention: Explainer {
  /// Which map.
  public enum Map: String, Sendable, CaseIterable, Codable {
    /// τᵏ, the early map.
    case fine = "tau_k"
    /// τˡ, the late map.
    case coarse = "tau_l"
    /// μᵏ, the early map of the pair nearest to τᵏ and τˡ that agrees.
    case consistentFine = "mu_k"
    /// μˡ, the late one of that pair.
    case consistentCoarse = "mu_l"

    var needsBoth: Bool { self == .consistentFine || self == .consistentCoarse }
  }

  /// Whose maps.
  public let network: ExplainedNetwork
  /// Which map.
  public let map: Map
  /// Eq. 4, where it is needed.
  public let consistency: ConsistentAttention?
  /// What the method is called.
  public var name: String {
    switch map {
    case .fine: "τᵏ"
    case .coarse: "τˡ"
    case .consistentFine: "μᵏ"
    case .consistentCoarse: "μˡ"
    }
  }

  /// A map of a network.
  ///
  /// - Parameters:
  ///   - network: Whose maps.
  ///   - map: Which map.
  ///   - weights: w_f and w_c of Eq. 4.
  /// - Throws: ``ExplanationError`` if the network has no such map, or if the grids of its two maps do
  ///   not nest.
  public init(
    _ network: ExplainedNetwork, map: Map, weights: ProjectionWeights = .unit
  ) throws(ExplanationError) {
    (self.network, self.map) = (network, map)
    let output = try network.output(Tensor(repeating: 0, shape: [1] + network.imageShape))
    let fine = try output.fine.required(as: .fine, by: map)
    let coarse = try output.coarse.required(as: .coarse, by: map)
    guard map.needsBoth, let fine, let coarse else {
      consistency = nil
      return
    }
    do {
      consistency = try ConsistentAttention(
        Marginalization(
          fine: Array(fine.map.shape.dropFirst()), coarse: Array(coarse.map.shape.dropFirst())),
        weights: weights)
    } catch {
      throw .inconsistent(reason: "\(error)")
    }
  }

  /// The map of each image; see ``Explainer/explain(_:target:)``. Whose score is asked for makes no
  /// difference to it.
  public func explain(
    _ images: Tensor, target: Target
  ) throws(ExplanationError) -> Explanation {
    let output = try network.output(images)
    let (classes, scores) = try output.scores.scores(target)
    guard let values = values(output) else { throw .noAttention(map: map.rawValue) }
    let shape = values.shape
    return Explanation(
      attribution: values.reshaped([shape[0], 1, shape[1], shape[2]]), classes: classes,
      scores: scores)
  }

  /// The map, `[N, h, w]`.
  private func values(_ output: ExplainedNetwork.Output) -> Tensor? {
    switch map {
    case .fine: return output.fine?.map
    case .coarse: return output.coarse?.map
    case .consistentFine, .consistentCoarse:
      guard let consistency, let fine = output.fine, let coarse = output.coarse else { return nil }
      let pair = withoutRecording { consistency.project(fine: fine, coarse: coarse) }
      return map == .consistentFine ? pair.fine.reshaped(fine.map.shape) : pair.coarse
    }
  }
}

extension AttentionMap? {
  /// This map, which must be there if `map` is made from it.
  fileprivate func required(
    as own: GateAttention.Map, by map: GateAttention.Map
  ) throws(ExplanationError) -> AttentionMap? {
    if self == nil, map == own || map.needsBoth { throw .noAttention(map: own.rawValue) }
    return self
  }
}
