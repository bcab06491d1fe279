/// How far an integer program is searched.
public struct MixedIntegerSettings: Sendable {
  /// Families of cutting planes.
  public struct Cuts: OptionSet, Sendable {
    /// The bits.
    public let rawValue: Int

    /// The families of these bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Gomory's mixed integer cuts.
    public static let gomory = Cuts(rawValue: 1)
    /// Mixed integer rounding.
    public static let rounding = Cuts(rawValue: 2)
    /// Covers of knapsack rows.
    public static let covers = Cuts(rawValue: 4)
    /// Cliques of binary variables.
    public static let cliques = Cuts(rawValue: 8)
    /// All four.
    public static let all: Cuts = [.gomory, .rounding, .covers, .cliques]
  }

  /// The gap |objective − bound| that is good enough; 0 searches for the optimum.
  public var absoluteGap: Double
  /// The gap relative to |objective| that is good enough; 0 searches for the optimum.
  public var relativeGap: Double
  /// Seconds at most; nil for no limit. It is looked at between nodes.
  public var timeLimit: Double?
  /// Nodes of the search tree at most; nil for no limit.
  public var nodeLimit: Int?
  /// How far the incumbent may violate a row or a bound, relative to 1 + the largest value.
  public var tolerance: Double
  /// How far from an integer the relaxation's value may be to count as one. It is rounded then.
  /// GLPK's default of 1e-5 lets more through that cannot be rounded.
  public var integrality: Double
  /// Whether the program is reduced before it is searched.
  public var presolve: Bool
  /// The cutting planes that are tried. All of them: what they cost is little beside a node saved.
  public var cuts: Cuts
  /// Asked at every node; true stops with the status `.cancelled` and keeps the incumbent. It must
  /// not solve programs.
  public var isCancelled: (@Sendable () -> Bool)?
  /// Told of every better solution. It must not solve programs.
  public var observer: (@Sendable (MixedIntegerProgress) -> Void)?

  /// Settings, each with its default.
  public init(
    absoluteGap: Double = 0, relativeGap: Double = 0, timeLimit: Double? = nil,
    nodeLimit: Int? = nil, tolerance: Double = 1e-6, integrality: Double = 1e-6,
    presolve: Bool = true, cuts: Cuts = .all, isCancelled: (@Sendable () -> Bool)? = nil,
    observer: (@Sendable (MixedIntegerProgress) -> Void)? = nil
  ) {
    self.absoluteGap = absoluteGap
    self.relativeGap = relativeGap
    self.timeLimit = timeLimit
    self.nodeLimit = nodeLimit
    self.tolerance = tolerance
    self.integrality = integrality
    self.presolve = presolve
    self.cuts = cuts
    self.isCancelled = isCancelled
    self.observer = observer
  }
}

/// A better solution, at the moment it was found.
public struct MixedIntegerProgress: Sendable, Equatable {
  /// Its objective.
  public let objective: Double
  /// What no solution can better.
  public let bound: Double
  /// Nodes of the tree so far.
  public let nodes: Int

  /// |objective − bound|.
  public var absoluteGap: Double { abs(objective - bound) }
  /// |objective − bound| / |objective|.
  public var relativeGap: Double { absoluteGap / (abs(objective) + .ulpOfOne) }
}
