import KLProjection
import Networks

/// How far two maps are from agreeing, and what the multiplier beside them proves; means over the
/// held-out images.
public struct ConsistencyScore: Sendable, Codable, Equatable {
  /// Whose multiplier λ it is.
  public enum Witness: String, Sendable, Codable {
    /// λ = 0.
    case zero
    /// Learned with Eq. 6.
    case learned
    /// The solution's own.
    case exact
  }

  /// Whose multiplier λ it is.
  public var witness: Witness
  /// The optimum of Eq. 4 for the network's own maps τ, ρ, in nats: 0 for maps that agree.
  public var optimum: Double
  /// The duality gap that λ certifies, in nats.
  public var certifiedGap: Double
  /// The residual of the constraint that λ leaves, ‖Aμ − ν‖₁.
  public var residual: Double

  /// The given numbers.
  public init(witness: Witness, optimum: Double, certifiedGap: Double, residual: Double) {
    (self.witness, self.optimum) = (witness, optimum)
    (self.certifiedGap, self.residual) = (certifiedGap, residual)
  }

  /// What the oracle says about the maps of a method.
  ///
  /// - Returns: The numbers; nil for a network that has not two gates.
  /// - Throws: `TrainingError` if the grids of the maps do not nest.
  init?(_ evaluation: Evaluation, of method: Method) throws(TrainingError) {
    guard method.isPair, let oracle = evaluation.oracle else { return nil }
    guard method == .cvx else {
      self.init(
        witness: method == .dual ? .learned : .zero, optimum: oracle.optimum,
        certifiedGap: oracle.certifiedGap, residual: oracle.residual)
      return
    }
    guard let (fine, coarse) = try evaluation.maps.projected().pair else { return nil }
    self.init(
      witness: .exact, optimum: oracle.optimum, certifiedGap: oracle.exactGap,
      residual: try Self.residual(fine, coarse))
  }

  /// The mean of ‖Aμ − ν‖₁ over maps.
  static func residual(_ fine: MapStack, _ coarse: MapStack) throws(TrainingError) -> Double {
    let pooling: Marginalization
    do {
      pooling = try Marginalization(fine: fine.grid, coarse: coarse.grid)
    } catch {
      throw .unfit(reason: "the attention maps are no instance of Eq. 4: \(error)")
    }
    let residuals = (0..<fine.count).map { index in
      let marginal = pooling.marginal(of: fine.probabilities(at: index).map(Double.init))
      return zip(marginal, coarse.probabilities(at: index)).reduce(0) { sum, pair in
        sum + abs(pair.0 - Double(pair.1))
      }
    }
    return residuals.reduce(0, +) / Double(max(1, residuals.count))
  }
}
