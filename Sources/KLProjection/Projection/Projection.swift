/// The projection of one pair of maps onto the consistent ones, with its certificate.
///
/// ```
/// minimize  w_f KL(μ‖τ) + w_c KL(ν‖ρ)   subject to  ν = Aμ,  Σμ = 1,  Σν = 1,  μ, ν ≥ 0
/// ```
///
/// - Source: Ron et al., ICML 2022, eq. 4.
public struct Projection<Scalar: ProjectionScalar>: Sendable {
  /// The batch that this is a sample of.
  let batch: ProjectionBatch<Scalar>
  /// Its place in the batch.
  let index: Int

  /// How the solve ended, and its numbers.
  public var summary: ProjectionSummary { batch.summaries[index] }
  /// How the solve ended.
  public var status: ProjectionStatus { summary.status }
  /// The way to the answer.
  public var method: ProjectionMethod { summary.method }
  /// Newton steps; 0 for the closed form.
  public var iterations: Int { summary.iterations }
  /// The value of the program at μ and ν, in nats; +∞ when infeasible.
  public var optimum: Double { summary.optimum }
  /// g(λ), which no feasible point's value is below.
  public var dualValue: Double { summary.dualValue }
  /// optimum − g(λ), the certified distance from optimal, up to rounding.
  public var gap: Double { summary.gap }
  /// max |Aμ − ν|: see ``ProjectionSummary/residual``.
  public var residual: Double { summary.residual }

  /// μ, the consistent fine map, `[m]`; zero unless the status is `solved` or `iterationLimit`.
  public var fine: [Scalar] {
    Array(batch.fine[index * batch.fineCount..<(index + 1) * batch.fineCount])
  }

  /// ν, the consistent coarse map, `[n]`; zero unless the status is `solved` or `iterationLimit`.
  public var coarse: [Scalar] {
    Array(batch.coarse[index * batch.coarseCount..<(index + 1) * batch.coarseCount])
  }

  /// λ, the dual witness, `[n]`: ν_i ∝ ρ_i e^{λ_i/w_c} and μ_j ∝ τ_j e^{−(Aᵀλ)_j/w_f}.
  ///
  /// When the columns of A that can carry mass sum to 1, λ is defined up to a constant and has
  /// mean zero over the cells that carry mass; otherwise it is unique. It is 0 where ν_i is forced
  /// to zero, and everywhere when there is no solution.
  public var witness: [Scalar] { detail.witness.map { Scalar($0) } }

  /// log μ, `[m]`, accurate where μ itself underflows; −∞ on cells forced to zero.
  public var logFine: [Scalar] { detail.logFine.map { Scalar($0) } }

  /// log ν, `[n]`, accurate where ν itself underflows; −∞ on cells forced to zero.
  public var logCoarse: [Scalar] { detail.logCoarse.map { Scalar($0) } }

  /// Whether each fine cell can carry mass, `[m]`. Where not, the constraints force μ_j to zero.
  public var fineSupport: [Bool] { detail.logFine.map { $0 > -.infinity } }

  /// Whether each coarse cell can carry mass, `[n]`. Where not, the constraints force ν_i to zero.
  public var coarseSupport: [Bool] { detail.logCoarse.map { $0 > -.infinity } }

  var detail: ProjectionDetail { batch.detail(index) }
}
