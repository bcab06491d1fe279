/// Whether to stop, from the measures of a point.
struct Termination {
  let settings: ConeSettings

  /// The status at full accuracy, if there is one.
  func decide(_ measures: Measures) -> SolveStatus? { decide(measures, settings.tolerances) }

  /// The status at reduced accuracy, if there is one.
  func decideReduced(_ measures: Measures) -> SolveStatus? {
    switch decide(measures, settings.reducedTolerances) {
    case .solved: .solvedToReducedAccuracy
    case let status: status
    }
  }

  /// The same conditions, for one set of tolerances.
  private func decide(_ measures: Measures, _ tolerances: ConeTolerances) -> SolveStatus? {
    if measures.primal <= tolerances.feasibility, measures.dual <= tolerances.feasibility,
      measures.gap <= tolerances.gap || measures.relativeGap <= tolerances.gap
    {
      return .solved
    }
    let (farkas, ray) = (measures.farkas, measures.ray)
    if farkas.value < 0, farkas.error <= tolerances.infeasibility * -farkas.value {
      return .primalInfeasible
    }
    if ray.value < 0, ray.error <= tolerances.infeasibility * -ray.value {
      return .dualInfeasible
    }
    return nil
  }
}
