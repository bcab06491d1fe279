import RealModule

/// The projection of one family of maps onto the consistent ones, with its certificate.
public struct HierarchicalProjection<Scalar: ProjectionScalar>: Sendable {
  /// How the solve ended, and its numbers; the residual is max_t ‖P_t μ_t − μ_{t+1}‖_∞.
  public let summary: ProjectionSummary
  /// μ_t, fine to coarse; zero unless the status is `solved`.
  public let maps: [[Scalar]]
  /// λ_t for μ_{t+1} = P_t μ_t, fine to coarse, each with mean zero over the cells of map t + 1
  /// that carry mass, and 0 on the others.
  ///
  /// μ_t ∝ τ_t exp((λ_{t−1} − P_tᵀλ_t) / w_t).
  public let witnesses: [[Scalar]]
  let hierarchy: HierarchyProjection
  let solution: HierarchySolution?

  /// How the solve ended.
  public var status: ProjectionStatus { summary.status }
  /// The value of the program, in nats; +∞ when infeasible.
  public var optimum: Double { summary.optimum }
  /// g(λ), which no feasible point's value is below.
  public var dualValue: Double { summary.dualValue }
  /// optimum − g(λ), the certified distance from optimal, up to rounding.
  public var gap: Double { summary.gap }
  /// max_t ‖P_t μ_t − μ_{t+1}‖_∞.
  public var residual: Double { summary.residual }

  /// log μ_t, fine to coarse, accurate where μ_t underflows; −∞ on cells forced to zero.
  public var logMaps: [[Scalar]] {
    solution?.logSolutions.map { $0.map { Scalar($0) } }
      ?? hierarchy.sizes.map { Array(repeating: -.infinity, count: $0) }
  }

  /// Whether each cell of each map can carry mass, fine to coarse.
  public var supports: [[Bool]] {
    solution?.logSolutions.map { $0.map { $0 > -.infinity } }
      ?? hierarchy.sizes.map { Array(repeating: false, count: $0) }
  }

  init(_ hierarchy: HierarchyProjection, _ solution: HierarchySolution) {
    let witnesses = hierarchy.levels.indices.map { solution.witness($0) }
    maps = solution.logSolutions.map { $0.map { Scalar(.exp($0)) } }
    self.witnesses = witnesses.map { $0.map { Scalar($0) } }
    self.hierarchy = hierarchy
    self.solution = solution
    var residual = 0.0
    for (t, level) in hierarchy.levels.enumerated() {
      let marginal = level.marginal(of: maps[t].map { Double($0) })
      for (a, b) in zip(marginal, maps[t + 1]) { residual = max(residual, abs(a - Double(b))) }
    }
    summary = ProjectionSummary(
      status: .solved, method: .closedForm, iterations: 0, optimum: solution.value(hierarchy),
      dualValue: solution.dualValue(hierarchy, witnesses), residual: residual)
  }

  private init(_ hierarchy: HierarchyProjection, unsolved summary: ProjectionSummary) {
    self.summary = summary
    self.hierarchy = hierarchy
    maps = hierarchy.sizes.map { Array(repeating: 0, count: $0) }
    witnesses = hierarchy.levels.map { Array(repeating: 0, count: $0.coarseCount) }
    solution = nil
  }

  static func unsolved(_ hierarchy: HierarchyProjection, _ summary: ProjectionSummary) -> Self {
    Self(hierarchy, unsolved: summary)
  }
}
