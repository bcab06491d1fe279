/// Whether to stop, from the measures of a point.
struct Termination {
  let settings: ConeSettings

  /// The status at full accuracy, if there is one.
  func decide(_ measures: Measures) -> SolveStatus? { decide(measures, settings.tolerances) }

  /// Whether a point is a solution to the reduced tolerances.
  func isSolvedToReducedAccuracy(_ measures: Measures) -> Bool {
    decide(measures, settings.reducedTolerances) == .solved
  }

  /// The same conditions, for one set of tolerances.
  private func decide(_ measures: Measures, _ tolerances: ConeTolerances) -> SolveStatus? {
    if measures.primal <= tolerances.feasibility, measures.dual <= tolerances.feasibility,
      measures.gap <= tolerances.gap || measures.relativeGap <= tolerances.gap
    {
      return .solved
    }
    if measures.farkas.holds(to: tolerances.infeasibility) { return .primalInfeasible }
    if measures.ray.holds(to: tolerances.infeasibility) { return .dualInfeasible }
    return nil
  }
}
