import ArgumentParser
import Experiments
import Foundation
import MedicalImages

/// `convex experiment segmentation`: the second experiment.
struct SegmentationCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "segmentation",
    abstract: "Compare each map with the tumor, which no network was shown (Table 2).",
    discussion: """
      Reads patients in the BraTS layout, trains a U-Net encoder that tells halves of slices with tumor from \
      those without, the same network with attention gates (τᵏ, τˡ, both, Eq. 6, the optimum of Eq. 4, the \
      two direct divergences) and a vision transformer, for each seed. Every method's maps at blocks 3 and 4 are \
      compared with the masks of held-out halves with tumor.

      \(ExperimentOptions.discussion)

      EXAMPLES
        convex phantom --out patients --patients 40 --spacing 1.5
        convex experiment segmentation --data patients --out segmentation
        convex experiment segmentation --data BraTS18 --out run --scale paper
      """)

  @OptionGroup var options: ExperimentOptions

  func run() throws {
    try ExperimentSession(options).run { work in
      try Experiment(
        segmenting: URL(fileURLWithPath: options.data, isDirectory: true),
        options.configuration(SegmentationConfiguration.self), work: work)
    }
  }
}
