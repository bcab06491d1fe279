import ArrayFiles
import ConvexKit
import Foundation

/// A linear or integer program in an MPS, CPLEX LP or GLPK file.
enum ProgramFileInstance {
  /// What the file has, for `convex solve --help`.
  static let help = """
    A LINEAR OR INTEGER PROGRAM.  FILE.mps (free MPS), FILE.lp (CPLEX LP), FILE.glp
    (GLPK). OUT has x [n]; for a linear program also row_duals [m] and
    reduced_costs [n], or its proof: row_multipliers [m] of one without a feasible
    point, ray [n] of an unbounded one. Names are in OUT's metadata, as JSON.
    --verbose prints every better integer solution.
    """

  /// The format that the file's name says; nil for any other file.
  static func format(_ path: String) -> ProgramFormat? {
    ProgramFormat(pathExtension: URL(fileURLWithPath: path).pathExtension)
  }

  #if GLPK
    /// Reads and solves a file.
    ///
    /// - Parameters:
    ///   - path: Its path.
    ///   - format: What is in it.
    ///   - say: Told of every better integer solution; nil for silence.
    /// - Returns: What was found.
    /// - Throws: ``LinearProgramError`` naming the file and the line.
    static func solve(
      _ path: String, _ format: ProgramFormat, say: (@Sendable (String) -> Void)?
    ) throws -> ProgramFileOutcome {
      let program = try MixedIntegerProgram(contentsOf: URL(fileURLWithPath: path), format: format)
      let isCancelled: @Sendable () -> Bool = { Interruption.isRequested }
      if program.integers.isEmpty {
        let solution = try program.relaxation.solve(
          LinearProgramSettings(isCancelled: isCancelled))
        return ProgramFileOutcome(program.relaxation, solution)
      }
      let settings = MixedIntegerSettings(
        isCancelled: isCancelled,
        observer: { progress in
          say?(
            String(
              format: "objective %.12g  bound %.12g  gap %.1e  %d nodes", progress.objective,
              progress.bound, progress.relativeGap, progress.nodes))
        })
      return ProgramFileOutcome(program.relaxation, try program.solve(settings))
    }
  #endif
}
