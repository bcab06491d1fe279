import Experiments
import Foundation
import Networks

/// One trained network: its records and its maps on the held-out images.
struct TrainedVariant {
  let variant: AttentionVariant
  /// The seed, where there are several.
  let seed: UInt64?
  let history: [EpochRecord]
  let evaluation: Evaluation

  var name: String { variant.title + (seed.map { ", seed \($0)" } ?? "") }
  var fileName: String { variant.rawValue + (seed.map { "-\($0)" } ?? "") }
}

extension AttentionVariant {
  /// The name in tables and charts.
  var title: String {
    switch self {
    case .baseline: "Baseline"
    case .fine: "Fine gate"
    case .coarse: "Coarse gate"
    case .unconstrained: "Unconstrained"
    case .dual: "Dual"
    case .exact: "Exact"
    case .klCoarseFine: "KL(ρ‖Aτ)"
    case .klFineCoarse: "KL(Aτ‖ρ)"
    }
  }
}

/// The tables at the end of a run, for the terminal and for the report.
enum TrainingTables {
  /// All of them; the means over the seeds first where there are several.
  static func all(_ variants: [TrainedVariant]) -> [TextTable] {
    let means = variants.contains { $0.seed != nil } ? [seeds(variants)] : []
    return means + [networks(variants), witnesses(variants)].filter { !$0.rows.isEmpty }
  }

  /// What each variant reaches over the seeds.
  static func seeds(_ variants: [TrainedVariant]) -> TextTable {
    let names = variants.map(\.variant)
    let groups = AttentionVariant.allCases.filter { names.contains($0) }.map { variant in
      variants.filter { $0.variant == variant }
    }
    return TextTable(
      caption:
        "Each network over the seeds, mean ± standard deviation, on the held-out images. “Best” is the "
        + "largest balanced accuracy of a run's epochs.",
      columns: [
        "network", "seeds", "accuracy, %", "balanced accuracy, %", "best, %", "cross-entropy",
        "disagreement",
      ],
      rows: groups.map { runs in
        let best = runs.compactMap { run in run.history.map(\.balancedAccuracy).max() }
        let optima = runs.compactMap { $0.evaluation.oracle?.optimum }
        return [
          runs[0].variant.title, "\(runs.count)", spread(runs.map { 100 * $0.evaluation.accuracy }),
          spread(runs.map { 100 * $0.evaluation.balancedAccuracy }), spread(best.map { 100 * $0 }),
          spread(runs.map(\.evaluation.crossEntropy)), spread(optima),
        ]
      })
  }

  private static func spread(_ values: [Double]) -> String {
    guard !values.isEmpty else { return "–" }
    let spread = Spread(values)
    return "\(number(spread.mean)) ± \(number(spread.standardDeviation))"
  }

  /// How the networks classify, and how far from agreeing their maps are.
  static func networks(_ variants: [TrainedVariant]) -> TextTable {
    TextTable(
      caption:
        "The networks on the held-out images. “Disagreement” is the optimum of Eq. 4 on their maps, in "
        + "nats: 0 means that the coarse map is exactly what the fine map says about the coarse cells. "
        + "“Peak” is a map's largest value over that of a flat map, on average: maps that are nearly "
        + "flat, near 1, agree whatever they mean.",
      columns: [
        "network", "epochs", "accuracy", "balanced accuracy", "cross-entropy", "disagreement",
        "peak of τ", "peak of ρ", "seconds per epoch",
      ],
      rows: variants.map { variant in
        let seconds = variant.history.map(\.trainingSeconds).reduce(0, +)
        let maps = variant.evaluation.maps
        return [
          variant.name, "\(variant.history.count)", percent(variant.evaluation.accuracy),
          percent(variant.evaluation.balancedAccuracy),
          number(variant.evaluation.crossEntropy), number(variant.evaluation.oracle?.optimum),
          peak(maps.fine), peak(maps.coarse),
          String(format: "%.1f", seconds / Double(max(1, variant.history.count))),
        ]
      })
  }

  /// The λ that each network carries against the exact program on the same maps.
  static func witnesses(_ variants: [TrainedVariant]) -> TextTable {
    let learned = variants.compactMap { variant -> [String]? in
      guard let oracle = variant.evaluation.oracle else { return nil }
      return [
        variant.name + (variant.variant == .dual ? ", learned λ" : ", λ = 0"),
        number(oracle.totalVariation), number(oracle.suboptimality), number(oracle.certifiedGap),
        number(oracle.residual), number(oracle.witnessDistance),
        String(format: "%.3f", oracle.witnessMilliseconds),
      ]
    }
    let exact = variants.compactMap { variant -> [String]? in
      guard let oracle = variant.evaluation.oracle else { return nil }
      return [
        variant.name + ", exact program", "0", "0", number(oracle.exactGap),
        number(oracle.exactResidual), "0", String(format: "%.3f", oracle.exactMilliseconds),
      ]
    }
    return TextTable(
      caption:
        "The λ that each network carries, against the exact program on the same maps, means over the held-out "
        + "images. Accuracy: total variation between the map that λ gives (Theorem 3.1) and the exact one. "
        + "Optimality: optimum − g(λ), and the gap that λ certifies by itself, in nats. The exact program "
        + "is the closed form; its gap and residual are rounding.",
      columns: [
        "network and λ", "distance to exact map", "suboptimality", "certified gap",
        "residual of Eq. 5", "‖λ − λ*‖", "ms per batch",
      ], rows: learned + exact)
  }

  /// Four significant digits, a dash for what a network does not have.
  static func number(_ value: Double?) -> String { value.map(number) ?? "–" }

  private static func peak(_ maps: MapStack?) -> String {
    maps.map { String(format: "%.2f", $0.meanPeak) } ?? "–"
  }

  /// Four significant digits.
  static func number(_ value: Double) -> String {
    abs(value) >= 1e-3 && abs(value) < 1e4 || value == 0
      ? String(format: "%.4g", value) : String(format: "%.1e", value)
  }

  /// A fraction in percent.
  static func percent(_ value: Double) -> String {
    String(format: "%.1f %%", 100 * value)
  }
}
