/// How good a multiplier is: what it promises without a solve, and what the exact solution says.
///
/// With p, q and μ_λ as in ``Reparameterization``, and μ, ν, λ* the exact solution of Eq. 4:
public struct WitnessQuality: Sendable, Equatable {
  /// The optimum of Eq. 4, in nats; +∞ when it is infeasible.
  public var optimum: Double
  /// g(λ) ≤ optimum, the value of the dual at λ.
  public var dualValue: Double
  /// optimum − g(λ) ≥ 0, how far λ is from optimal.
  public var suboptimality: Double
  /// w_c KL(q‖p) ≥ `suboptimality`: what (μ_λ, q) certifies, without the exact solution.
  public var gapFromFine: Double
  /// w_f KL(p‖q) ≥ `suboptimality`: what p certifies when A is a partition; NaN when it is not.
  public var gapFromCoarse: Double
  /// ‖p − q‖₁, the violation of Eq. 5.
  public var residual: Double
  /// ‖p − q‖_∞, its largest component.
  public var largestResidual: Double
  /// ‖λ − λ*‖₂ over the cells that carry mass, both in the gauge of mean zero there.
  public var witnessDistance: Double
  /// ½ ‖μ_λ − μ‖₁, the total variation between λ's fine map and the exact one.
  public var fineDistance: Double
  /// ½ ‖p − ν‖₁, the total variation between λ's coarse map and the exact one.
  public var coarseDistance: Double

  /// The certified gap: the smaller of the two.
  public var gap: Double { .minimum(gapFromFine, gapFromCoarse) }

  /// The measures with what they are called in print, in the order of their declaration.
  static let measures: [(name: String, value: WritableKeyPath<WitnessQuality, Double> & Sendable)] =
    [
      ("optimum", \.optimum),
      ("dual value", \.dualValue),
      ("suboptimality", \.suboptimality),
      ("gap from fine", \.gapFromFine),
      ("gap from coarse", \.gapFromCoarse),
      ("residual, sum", \.residual),
      ("residual, max", \.largestResidual),
      ("distance of λ", \.witnessDistance),
      ("distance of μ", \.fineDistance),
      ("distance of ν", \.coarseDistance),
    ]

  /// Each measure by a rule from that of several qualities.
  static func combining(
    _ qualities: [WitnessQuality], _ rule: ([Double]) -> Double
  ) -> WitnessQuality {
    var combined = WitnessQuality.unknown
    for (_, value) in measures {
      combined[keyPath: value] = rule(qualities.map { $0[keyPath: value] })
    }
    return combined
  }

  /// Nothing is known of a sample whose data are wrong.
  static let unknown = WitnessQuality(
    optimum: .nan, dualValue: .nan, suboptimality: .nan, gapFromFine: .nan, gapFromCoarse: .nan,
    residual: .nan, largestResidual: .nan, witnessDistance: .nan, fineDistance: .nan,
    coarseDistance: .nan)
}
