/// What a solver found for a ``ConeProgram``, measured against the program's own data.
public struct ConeSolution: Sendable, Equatable {
  /// Why the solver stopped.
  public internal(set) var status: SolveStatus
  /// x, `[n]`: the best iterate, whatever the status; the ray of an unbounded program.
  public internal(set) var primal: Vector<Double>
  /// s, `[m]`; the ray's slack of an unbounded program.
  public internal(set) var slack: Vector<Double>
  /// z, `[m]`, the multipliers; those of the certificate of an infeasible program.
  public internal(set) var dual: Vector<Double>
  /// ½ xᵀP x + qᵀx.
  public internal(set) var objective: Double
  /// −½ xᵀP x − bᵀz.
  public internal(set) var dualObjective: Double
  /// How far the optimality conditions are from holding, recomputed from the data.
  public internal(set) var residuals: ConeResiduals
  /// The proof that there is no solution, where the status says so.
  public internal(set) var certificate: ConeCertificate?
  /// Iterations: of the interior point, or of the simplex method where that solved the program.
  public internal(set) var iterations: Int
  /// Seconds it took.
  public internal(set) var seconds: Double
  /// What solved it.
  public internal(set) var method: ConeMethod
}

/// What solves a cone program.
@nonexhaustive
public enum ConeMethod: String, Sendable {
  /// The primal-dual interior-point method.
  case interiorPoint
  /// GLPK's simplex method, for programs that are linear.
  case simplex
}
