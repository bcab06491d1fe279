/// How the computation of one sample ended.
@nonexhaustive
public enum ProjectionStatus: Sendable, Equatable {
  /// The sample's μ, ν and λ are optimal, and its gap and residual say how nearly.
  case solved
  /// No ν = Aμ exists on the cells that can carry mass. μ and ν are zero.
  case infeasible
  /// Newton stopped short of the tolerance. μ and ν are its best point, whose gap and residual
  /// are reported; raise `maximumIterations` or `tolerance`.
  case iterationLimit
  /// The sample's data are wrong. μ and ν are zero.
  case invalid(ProjectionError)
}

/// The way by which a sample was solved.
@nonexhaustive
public enum ProjectionMethod: String, Sendable, Equatable {
  /// The closed form of partitions: no iteration.
  case closedForm
  /// Newton on the dual.
  case newton
}
