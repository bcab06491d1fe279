import ArgumentParser

/// `convex data`: data sets made ready for the experiments.
struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Make data sets ready for the experiments.",
    subcommands: [PETCommand.self])
}
