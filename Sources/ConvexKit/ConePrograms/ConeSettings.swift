/// When a cone solver stops, and what it tells on the way.
public struct ConeSettings: Sendable {
  /// What solves the program.
  public enum Method: Sendable {
    /// The simplex method for programs that are linear, where GLPK is there; the interior point
    /// for all others, and where the simplex method gives up.
    case automatic
    /// The interior point.
    case interiorPoint
  }

  /// What solves the program.
  public var method: Method
  /// What counts as solved.
  public var tolerances: ConeTolerances
  /// Relative residuals and gap that are worth another iteration when the tolerances hold. The last
  /// iterations gain two digits each or more, and flat objectives need them: where curvature is 1e-6, x
  /// has half of the digits that the gap has beyond six. It ends when an iteration gains little.
  public var aim: Double
  /// What counts as solved to reduced accuracy, once progress has ended.
  public var reducedTolerances: ConeTolerances
  /// Iterations at most. Programs that can be solved take 10 to 30, hard ones 60. Where they end
  /// without an answer, the search for a ray of an unbounded program has as many of its own.
  public var iterationLimit: Int
  /// Seconds at most; nil for no limit.
  public var timeLimit: Double?
  /// Asked once per iteration; true stops with the status `.cancelled`.
  public var isCancelled: (@Sendable () -> Bool)?
  /// Told once per iteration; of Newton's method on the boundary of curved cones, which ends many
  /// programs, when it is done.
  public var observer: (@Sendable (ConeProgress) -> Void)?

  /// Settings, each with its default.
  public init(
    method: Method = .automatic, tolerances: ConeTolerances = .full, aim: Double = 1e-12,
    reducedTolerances: ConeTolerances = .reduced, iterationLimit: Int = 200,
    timeLimit: Double? = nil, isCancelled: (@Sendable () -> Bool)? = nil,
    observer: (@Sendable (ConeProgress) -> Void)? = nil
  ) {
    self.method = method
    self.tolerances = tolerances
    self.aim = aim
    self.reducedTolerances = reducedTolerances
    self.iterationLimit = iterationLimit
    self.timeLimit = timeLimit
    self.isCancelled = isCancelled
    self.observer = observer
  }
}

/// How small residuals must be.
///
/// Residuals are those of ``ConeResiduals``, relative; a gap is small absolutely or relatively.
public struct ConeTolerances: Sendable, Equatable {
  /// Of the relative primal and dual residuals.
  public var feasibility: Double
  /// Of the gap, absolute or relative.
  public var gap: Double
  /// Of a certificate's equations, relative to bᵀz or qᵀx.
  public var infeasibility: Double

  /// Tolerances.
  ///
  /// - Parameters:
  ///   - feasibility: Of the relative primal and dual residuals.
  ///   - gap: Of the gap, absolute or relative.
  ///   - infeasibility: Of a certificate's equations, relative to bᵀz or qᵀx.
  public init(feasibility: Double, gap: Double, infeasibility: Double) {
    self.feasibility = feasibility
    self.gap = gap
    self.infeasibility = infeasibility
  }

  /// 1e-8: half of the digits of a Double, which every well-posed program reaches.
  public static let full = ConeTolerances(feasibility: 1e-8, gap: 1e-8, infeasibility: 1e-8)
  /// 1e-4 and 5e-5: three to four digits, for programs too ill-conditioned for more.
  public static let reduced = ConeTolerances(feasibility: 1e-4, gap: 5e-5, infeasibility: 5e-5)
}

/// The state of an interior point at the beginning of an iteration.
public struct ConeProgress: Sendable, Equatable {
  /// Iterations done.
  public var iteration: Int
  /// ½ xᵀP x + qᵀx.
  public var objective: Double
  /// −½ xᵀP x − bᵀz.
  public var dualObjective: Double
  /// The relative gap.
  public var relativeGap: Double
  /// The relative primal residual.
  public var relativePrimal: Double
  /// The relative dual residual.
  public var relativeDual: Double
  /// μ: the mean of the complementarity products.
  public var complementarity: Double
  /// The last step's length, 0 before the first.
  public var stepLength: Double
}
