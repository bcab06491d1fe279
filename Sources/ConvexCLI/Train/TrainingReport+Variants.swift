import Foundation
import MedicalImages
import Networks

extension ReportPage {
  /// The report of a run.
  ///
  /// - Parameters:
  ///   - variants: The trained networks.
  ///   - panels: The held-out slices to show.
  ///   - manifest: What the data were.
  ///   - command: The words after `convex`.
  init(
    _ variants: [TrainedVariant], panels: [Panel], manifest: Manifest, command: String
  ) {
    self.init(
      title: "Two attention maps that agree: a learned λ beside the exact program",
      summary: Self.summary(variants, manifest),
      headings: Headings(
        tables: "Learned λ and the exact program", charts: "Training", panels: "Held-out slices"),
      tables: TrainingTables.all(variants),
      charts: Self.charts(variants.ofFirstSeed), panelColumns: SlicePanel.columns, panels: panels,
      facts: Self.facts(manifest, command: command))
  }

  private static func summary(_ variants: [TrainedVariant], _ manifest: Manifest) -> [String] {
    let (training, validation) = (
      manifest.totals(of: .training), manifest.totals(of: .validation)
    )
    var sentences = [
      "Each network tells from half an axial slice whether it holds a tumor, and looks through attention "
        + "gates: a fine map τ, a coarse map ρ, both, or none. \(training.patients) patients trained, "
        + "\(validation.patients) others, \(validation.positives + validation.negatives) halves, were held out; "
        + "everything below was measured on those."
    ]
    if let dual = variants.first(where: { $0.variant == .dual })?.evaluation.oracle {
      sentences.append(
        "The learned λ of the Dual network leaves \(TrainingTables.number(dual.suboptimality)) nats to the "
          + "optimum (\(TrainingTables.number(dual.optimum)) nats) and certifies a gap of "
          + "\(TrainingTables.number(dual.certifiedGap)) by itself; the exact program leaves none, in "
          + "\(TrainingTables.number(dual.exactMilliseconds)) ms per batch against "
          + "\(TrainingTables.number(dual.witnessMilliseconds)).")
    }
    return sentences
  }

  private static func charts(_ variants: [TrainedVariant]) -> [LineChart] {
    func chart(
      _ title: String, _ label: String, _ scale: LineChart.Scale = .linear,
      _ value: (EpochRecord) -> Double?
    ) -> LineChart {
      LineChart(
        title: title, xLabel: "epoch", yLabel: label, yScale: scale,
        series: zip(variants, LineChart.palette).map { variant, color in
          LineChart.Series(
            name: variant.name, color: color,
            points: variant.history.compactMap { record in
              value(record).map { (Double(record.epoch), $0) }
            })
        }.filter { !$0.points.isEmpty })
    }
    return [
      chart("Cross-entropy, training", "nats") { $0.trainingCrossEntropy },
      chart("Cross-entropy, held out", "nats") { $0.crossEntropy },
      chart("Accuracy, held out", "fraction") { $0.accuracy },
      chart("Disagreement: optimum of Eq. 4", "nats", .logarithmic) { $0.oracle?.optimum },
      chart("Certified gap of the current λ", "nats", .logarithmic) { $0.oracle?.certifiedGap },
      chart("Exact suboptimality of the current λ", "nats", .logarithmic) {
        $0.oracle?.suboptimality
      },
      chart("Constraint residual of Eq. 5", "‖Aμ − ν‖₁", .logarithmic) { $0.oracle?.residual },
      chart("Distance to the exact λ*", "‖λ − λ*‖₂", .logarithmic) { $0.oracle?.witnessDistance },
    ]
  }

  private static func facts(
    _ manifest: Manifest, command: String
  ) -> [(name: String, value: String)] {
    let totals = [PatientSplit.training, .validation].map { split in
      let sum = manifest.totals(of: split)
      return "\(split.rawValue): \(sum.patients) patients, \(sum.slices) slices, "
        + "\(sum.positives) halves with tumor, \(sum.negatives) without"
    }
    return [
      (name: "Command", value: "convex " + command),
      (name: "Data", value: "SHA-256 " + manifest.fingerprint),
      (name: "Split", value: totals.joined(separator: "; ")),
      (
        name: "Rules",
        value: "slices with at least \(manifest.rules.minimumTumorArea) mm² of tumor; halves; "
          + "label: more than \(manifest.rules.labelThreshold) mm² of tumor in the half"
      ),
      (
        name: "Left out",
        value: manifest.problems.isEmpty ? "nothing" : manifest.problems.joined(separator: "; ")
      ),
    ]
  }
}

extension [TrainedVariant] {
  /// One network of each variant: the first, where there are several seeds.
  var ofFirstSeed: [TrainedVariant] {
    var seen: Set<AttentionVariant> = []
    return filter { seen.insert($0.variant).inserted }
  }
}
