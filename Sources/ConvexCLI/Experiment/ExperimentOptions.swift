import ArgumentParser
import Experiments
import Foundation
import MedicalImages

/// What both experiments are told.
struct ExperimentOptions: ParsableArguments {
  @Option(help: "The folder with the data.")
  var data: String

  @Option(
    name: [.customLong("out"), .customLong("output")],
    help: "The folder to write: new, or that of the same run, which is continued.")
  var output: String

  @Option(help: "small: minutes on two cores; paper: the paper's sizes, after an estimate of time.")
  var scale = ExperimentScale.small

  @Option(help: "How many seeds, from 1 on; the configuration's unless given, 5 in the paper.")
  var seeds: Int?

  @Option(
    help: ArgumentHelp(
      "A JSON file with settings that replace the scale's defaults.", valueName: "FILE"))
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Numbers to show beside these: results.csv of another run, or published ones in its form.",
      valueName: "FILE"))
  var beside: String?

  @Flag(help: "Print the estimate of time, and do nothing else.")
  var estimateOnly = false

  func validate() throws {
    if let seeds, !(1...1000).contains(seeds) {
      throw ValidationError("--seeds \(seeds): 1 to 1000")
    }
  }

  /// The scale's defaults, with the file's settings and --seeds in their place.
  func configuration<Configuration: ExperimentConfiguration>(
    _: Configuration.Type
  ) throws -> Configuration {
    var configuration = try ConfigurationFile.read(
      config.map { URL(fileURLWithPath: $0) }, over: Configuration(scale: scale))
    if let seeds { configuration.seeds = (1...UInt64(seeds)).map { $0 } }
    try configuration.check()
    return configuration
  }

  /// The numbers of --beside.
  func otherResults() throws -> OtherResults? {
    try beside.map { try OtherResults(contentsOf: URL(fileURLWithPath: $0)) }
  }

  /// The help that both commands have in common.
  static let discussion = """
    The output folder gets one record for each method and seed, the networks' checkpoints, results.csv, \
    results.json, tables.md, the figures, and report.html, which shows everything and needs no network. \
    Interrupt it at any time (Ctrl-C, kill, a power cut): the same command again goes on where it was, to the \
    same numbers. A folder of another configuration or other data is refused, and the difference named.

    All settings are in configuration.json of the output folder. A file given by --config has some of \
    them, as {"seeds": [1, 2], "gates": {"training": {"epochs": 20}}}, and the rest keep their defaults. \
    "precision": "bfloat16" in a network's training is what convex train --precision says.

    --beside adds a table with the numbers of another run, or of a publication, beside this run's: columns method, \
    block, metric, value and, where a mean was published with one, deviation; names as in results.csv. A \
    finished run is not repeated for it.

    Exit codes: 0 done; 1 the numbers of a network are not finite any more; 2 wrong usage or bad input; \
    130 interrupted.
    """
}

extension ExperimentScale: ExpressibleByArgument {}
