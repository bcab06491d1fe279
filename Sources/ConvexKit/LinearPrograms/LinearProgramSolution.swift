/// What GLPK found, measured against the program's own data.
///
/// With multipliers y for the rows and z for the variables, x is optimal when
///
/// ```
/// l ≤ A x ≤ u,  b ≤ x ≤ d                                            primal feasibility     (2)
/// Aᵀ y + z = c                                                       stationarity           (3)
/// y_i > 0 only at (A x)_i = l_i,  y_i < 0 only at u_i;  z, x alike   complementarity        (4)
/// ```
///
/// for a minimum; for a maximum the signs in (4) are the opposite ones. y_i is the derivative of
/// the optimum with respect to the bound of row i that holds with equality.
public struct LinearProgramSolution: Sendable, Equatable {
  /// Why the solver stopped.
  public let status: SolveStatus
  /// x, `[n]`; where the status is not solved, the last point, 0 if there is none.
  public let primal: Vector<Double>
  /// y, `[m]`.
  public let rowDuals: Vector<Double>
  /// z, `[n]`.
  public let reducedCosts: Vector<Double>
  /// cᵀx + c₀.
  public let objective: Double
  /// How far (2), (3) and (4) are from holding.
  public let residuals: LinearProgramResiduals
  /// The proof that there is no solution, where the status says so.
  public let certificate: LinearProgramCertificate?
  /// The last vertex's basis, to start a similar program from; nil where there is none: after the
  /// interior point, or for a program without rows and variables.
  public let basis: LinearProgramBasis?
  /// Simplex iterations.
  public let iterations: Int
}
