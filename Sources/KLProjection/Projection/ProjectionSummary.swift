/// The numbers of one solve: what a caller looks at before using its maps.
public struct ProjectionSummary: Sendable, Equatable {
  /// How it ended.
  public var status: ProjectionStatus
  /// The way to the answer.
  public var method: ProjectionMethod
  /// Newton steps; 0 for the closed form.
  public var iterations: Int
  /// w_f KL(μ‖τ) + w_c KL(ν‖ρ) at the point returned; +∞ when infeasible, NaN when invalid.
  public var optimum: Double
  /// g(λ) ≤ optimum at the witness returned; +∞ when infeasible, NaN when invalid.
  public var dualValue: Double
  /// max |Aμ − ν|, of the maps as returned by the closed form, and of the two sides of Theorem 3.1
  /// at λ by Newton, which returns ν = Aμ; +∞ when infeasible, NaN when invalid. In `Float`, pooling
  /// by 2 × 2 has a bound on what rounding leaves of it, at most 2⁻²² of the largest ν.
  public var residual: Double

  /// optimum − g(λ): how far from optimal the point can be at most, up to rounding; +∞ when
  /// infeasible, NaN when invalid.
  public var gap: Double { optimum.isInfinite ? .infinity : optimum - dualValue }

  static func invalid(_ error: ProjectionError, method: ProjectionMethod) -> Self {
    Self(
      status: .invalid(error), method: method, iterations: 0, optimum: .nan, dualValue: .nan,
      residual: .nan)
  }

  static func infeasible(method: ProjectionMethod, iterations: Int = 0) -> Self {
    Self(
      status: .infeasible, method: method, iterations: iterations, optimum: .infinity,
      dualValue: .infinity, residual: .infinity)
  }
}
