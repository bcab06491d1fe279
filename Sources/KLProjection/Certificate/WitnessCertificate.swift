/// What any multiplier λ proves about Eq. 4, optimal or learned, without solving anything.
///
/// ```
/// g(λ) ≤ optimum ≤ P(λ)
/// ```
///
/// with the dual value g(λ) = −w_f log Σ_j τ_j e^{−(Aᵀλ)_j/w_f} − w_c log Σ_i ρ_i e^{λ_i/w_c} and
/// the value P(λ) of a feasible point made from λ. For w = 1 and a partition P(λ) − g(λ) is
/// KL(q‖p) from μ and KL(p‖q) from ν, with p and q the two sides of Eq. 5: the penalty of Eq. 6
/// is a certified duality gap, in nats.
///
/// - Source: Ron et al., ICML 2022, theorem 3.1 and eqs. 4-6; the bounds are weak duality.
public struct WitnessCertificate<Scalar: ProjectionScalar>: Sendable, Equatable {
  /// g(λ), a lower bound of the optimum.
  public let dualValue: Double
  /// ∇g(λ) = Aμ(λ) − ν(λ), `[n]`.
  public let gradient: [Scalar]
  /// μ(λ)_j ∝ τ_j e^{−(Aᵀλ)_j/w_f}, `[m]`.
  public let fine: [Scalar]
  /// q = Aμ(λ), the marginal of μ(λ), `[n]`.
  public let marginal: [Scalar]
  /// p = ν(λ)_i ∝ ρ_i e^{λ_i/w_c}, `[n]`.
  public let coarse: [Scalar]
  /// The value of Eq. 4 at μ(λ) and its marginal; +∞ only when Eq. 4 is infeasible.
  ///
  /// Where μ(λ) has mass that no feasible point can have, it is conditioned on the cells that can;
  /// where columns of A do not sum to 1, it is balanced by a constant added to λ.
  public let valueFromFine: Double
  /// On partitions, the value of Eq. 4 at ν(λ) and the best μ for it, τ conditioned on each block;
  /// +∞ when ν(λ) has mass on a block where τ has none. Nil on other marginalizations.
  public let valueFromCoarse: Double?

  /// P(λ), the smaller of the two values: an upper bound of the optimum.
  public var upperBound: Double { min(valueFromFine, valueFromCoarse ?? .infinity) }

  /// P(λ) − g(λ): how far from the optimum each of the two can be at most, up to rounding.
  public var gapBound: Double { upperBound - dualValue }
}
