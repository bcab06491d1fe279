import ArgumentParser
import Experiments
import Foundation
import MedicalImages

/// `convex experiment perturbation`: the first experiment.
struct PerturbationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "perturbation",
    abstract: "Remove pixels in the order of each map and watch the classifier (Fig. 3, Table 1).",
    discussion: """
      Reads labeled projections (labels.csv with image, patient, label; 'convex data pet' makes them), trains \
      a residual network that tells normal, mild and severe apart, the same network with attention gates \
      (τᵏ, τˡ, both, Eq. 6, the optimum of Eq. 4) and a vision transformer, for each seed. Pixels of held-out \
      images are removed from the least important on, by every method's maps at blocks 3 and 4, and the \
      network without gates classifies what is left.

      \(ExperimentOptions.discussion)

      EXAMPLES
        convex phantom --kind pet --out bodies --patients 90
        convex data pet --in bodies --out projections
        convex experiment perturbation --data projections --out perturbation
        convex experiment perturbation --data clinic --out run --scale paper --config mine.json
      """)

  @OptionGroup var options: ExperimentOptions

  func run() throws {
    try ExperimentSession(options).run { work in
      try Experiment(
        perturbing: URL(fileURLWithPath: options.data, isDirectory: true),
        options.configuration(PerturbationConfiguration.self), work: work)
    }
  }
}
