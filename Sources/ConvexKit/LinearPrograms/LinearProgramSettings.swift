/// How a linear program is solved, when the solver gives up, and how accurate a solution must be to
/// be called one.
public struct LinearProgramSettings: Sendable {
  /// Which of GLPK's algorithms.
  public enum Method: Sendable, CaseIterable {
    /// The dual simplex method, and the primal one where it fails. The fastest for most programs,
    /// and for one whose bounds have changed since the basis that it starts from was optimal.
    case dualSimplex
    /// The primal simplex method: for a program whose objective has changed since then.
    case primalSimplex
    /// The interior point. It has no basis, and its numbers are good to about 1e-8; for large
    /// sparse programs on which the simplex methods take too long.
    case interiorPoint
    /// The simplex method, finished in rational arithmetic, without any rounding. GLPK takes each
    /// number of the data as the simplest fraction near it: 0.1 as 1/10. A single step can take
    /// minutes at a hundred dense rows of long fractions, and limits and cancellation are looked
    /// at between steps only.
    case exact
  }

  /// Which of GLPK's algorithms.
  public var method: Method
  /// Whether the simplex methods solve a reduced program first. It pays for large programs with
  /// redundant rows; a basis to start from is then not used.
  public var presolve: Bool
  /// Simplex iterations at most; nil for no limit.
  public var iterationLimit: Int?
  /// Seconds at most; nil for no limit.
  public var timeLimit: Double?
  /// The largest residual of a solution. The simplex methods aim at a tenth of it in their own
  /// scaling, within 1e-9 and 1e-7, and usually end at rounding; GLPK's interior point does not
  /// reach much less than 1e-7.
  public var tolerance: Double
  /// Where the simplex methods start, from a solution of a similar program; nil for a basis that
  /// the matrix suggests, which also takes the place of one that is singular.
  public var basis: LinearProgramBasis?
  /// Asked now and then; true stops with the status `.cancelled`. It must not solve programs.
  public var isCancelled: (@Sendable () -> Bool)?

  /// Settings, each with its default.
  public init(
    method: Method = .dualSimplex, presolve: Bool = false, iterationLimit: Int? = nil,
    timeLimit: Double? = nil, tolerance: Double = 1e-6, basis: LinearProgramBasis? = nil,
    isCancelled: (@Sendable () -> Bool)? = nil
  ) {
    self.method = method
    self.presolve = presolve
    self.iterationLimit = iterationLimit
    self.timeLimit = timeLimit
    self.tolerance = tolerance
    self.basis = basis
    self.isCancelled = isCancelled
  }
}
