import ArgumentParser
import Foundation

/// The command `convex`.
@main
struct Convex: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convex",
    abstract: "Make two attention maps agree, exactly, and train networks that do.",
    discussion: """
      A network with two attention gates has a fine map τ and a coarse map ρ. They agree when ρ is what \
      τ says about the coarse cells. The closest pair that agrees is a convex program (Eq. 4 of Ron et \
      al., ICML 2022):

        minimize  w_f KL(μ‖τ) + w_c KL(ν‖ρ)   subject to  ν = Aμ,  Σμ = 1,  Σν = 1,  μ, ν ≥ 0

      'convex solve' takes any other convex cone program too.

      Exit codes: 0 done; 1 the solver says no (infeasible); 2 wrong usage or bad input; 130 interrupted.
      """,
    version: "0.1.0",
    subcommands: [
      Solve.self, PhantomCommand.self, DataCommand.self, TrainCommand.self, ExperimentCommand.self,
      Benchmark.self,
    ])

  /// Runs the command that the arguments name; see ``Exit`` for how it ends.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      Exit(error).leave()
    }
  }
}
