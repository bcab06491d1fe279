/// Why a solver stopped, and so what its numbers mean.
///
/// An outcome, not an error: every one of them comes with the iterate, its residuals and, where the
/// problem has no solution, the certificate of that.
@nonexhaustive
public enum SolveStatus: String, Sendable {
  /// The optimality conditions hold to tolerance.
  case solved
  /// The optimality conditions hold to the reduced tolerance only: look at the residuals before
  /// using the numbers, and rescale the problem if they are not good enough.
  case solvedToReducedAccuracy
  /// No point satisfies the constraints.
  case primalInfeasible
  /// The dual has no feasible point: if the primal has one, its objective is unbounded.
  case dualInfeasible
  /// The iterations ran out.
  case iterationLimit
  /// The nodes of a search tree ran out: the incumbent is a solution, and its gap says how far from
  /// the best one it can be. Raise the limit to narrow it.
  case nodeLimit
  /// The time ran out.
  case timeLimit
  /// The caller asked to stop.
  case cancelled
  /// The numbers became too inaccurate to go on, or to be trusted.
  case numericalTrouble
}
