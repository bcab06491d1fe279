/// What branch and cut found.
///
/// The status `.solved` means that the incumbent is within the gap that was asked for; GLPK drops
/// nodes that improve it by less than 1e-7 relative. Where the search was stopped, by time, nodes or
/// the caller, the incumbent and the bound are the best so far.
public struct MixedIntegerSolution: Sendable, Equatable {
  /// Why the search ended. `.primalInfeasible` with a certificate: the relaxation has no solution
  /// either. `.dualInfeasible`: the relaxation's objective improves forever along the certificate's
  /// ray, and so does this program's if it has a solution and rational data.
  public let status: SolveStatus
  /// x of the best solution, its integers exact; nil if none was found.
  public let incumbent: Vector<Double>?
  /// cᵀx + c₀ of the incumbent; nil if there is none.
  public let objective: Double?
  /// What no solution can better: −∞ for a minimum of which nothing is known.
  public let bound: Double
  /// Nodes of the search tree.
  public let nodes: Int
  /// Simplex iterations of the first relaxation.
  public let iterations: Int
  /// The proof that the relaxation has no solution, where that is why there is none.
  public let certificate: LinearProgramCertificate?

  /// |objective − bound|; +∞ without an incumbent.
  public var absoluteGap: Double { objective.map { abs($0 - bound) } ?? .infinity }
  /// |objective − bound| / |objective|; +∞ without an incumbent.
  public var relativeGap: Double {
    objective.map { abs($0 - bound) / (abs($0) + .ulpOfOne) } ?? .infinity
  }
}
