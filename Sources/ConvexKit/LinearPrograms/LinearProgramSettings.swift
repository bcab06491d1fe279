/// When the simplex method gives up, and how accurate a solution must be to be called one.
public struct LinearProgramSettings: Sendable, Equatable {
  /// Simplex iterations at most; nil for no limit.
  public var iterationLimit: Int?
  /// Seconds at most; nil for no limit.
  public var timeLimit: Double?
  /// The largest residual of a solution. The simplex method stops at 1e-7 in its own scaling, so
  /// that less would call good solutions trouble.
  public var tolerance: Double

  /// Settings, each with its default.
  public init(
    iterationLimit: Int? = nil, timeLimit: Double? = nil, tolerance: Double = 1e-6
  ) {
    self.iterationLimit = iterationLimit
    self.timeLimit = timeLimit
    self.tolerance = tolerance
  }
}
