import ArgumentParser

/// `convex experiment`: the paper's two experiments.
struct ExperimentCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "experiment",
    abstract: "Run the paper's experiments: which maps explain, and does consistency help?",
    subcommands: [PerturbationCommand.self, SegmentationCommand.self])
}
