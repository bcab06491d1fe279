import Foundation
import Networks

extension ExperimentResults {
  /// The paper's table, with the exact program beside it.
  public var table: TextTable {
    let blocks = Block.allCases
    let columns = blocks.flatMap { block in
      metrics.map { "\(block.title): \($0.title)" }
    }
    let rows = methods.map { method in
      [method.title]
        + blocks.flatMap { block in
          metrics.map { spread($0, method, block)?.text() ?? "–" }
        } + consistency(of: method) + [network(of: method)]
    }
    return TextTable(
      caption: caption,
      columns: ["method"] + columns
        + ["certified gap, nats", "residual", "balanced accuracy of its network"], rows: rows)
  }

  /// How consistent the maps of each pair are.
  public var consistencyTable: TextTable {
    TextTable(
      caption:
        "The exact program (Eq. 4) on the maps of the held-out images, means over images, ± over the seeds. "
        + "“Disagreement” is its optimum for the network's own maps, 0 where they agree. The gap and the "
        + "residual ‖Aμ − ν‖₁ are those of the multiplier λ that the method has: none learned (λ = 0), "
        + "learned by Eq. 6, or exact, where both are rounding.",
      columns: ["method", "λ", "disagreement, nats", "certified gap, nats", "residual"],
      rows: methods.filter(\.isPair).map { method in
        let scores = records(of: method).compactMap(\.consistency)
        return [
          method.title, scores.first?.witness.title ?? "–", small(scores.map(\.optimum)),
          small(scores.map(\.certifiedGap)), small(scores.map(\.residual)),
        ]
      })
  }

  /// All tables: the paper's, the one beside other numbers where there are any, the oracle's.
  public var tables: [TextTable] {
    [table] + (other.map { [table(beside: $0)] } ?? []) + [consistencyTable]
  }

  private var caption: String {
    let seeds =
      seeds.count == 1 ? "one seed" : "mean ± standard deviation over \(seeds.count) seeds"
    switch kind {
    case .perturbation:
      return
        "Table 1: pixels removed from the least important on; area under the curve of the baseline's "
        + "balanced accuracy over the fraction removed, \(seeds). “Above chance” is the "
        + "area between the curve and 1/classes. Larger is better."
    case .segmentation:
      return
        "Table 2: overlap with the tumor on held-out halves that have one; mean average precision, and "
        + "intersection over union of the pixels above a quantile of the map, \(seeds). Larger is better."
    }
  }

  private func consistency(of method: Method) -> [String] {
    let scores = records(of: method).compactMap(\.consistency)
    return [small(scores.map(\.certifiedGap)), small(scores.map(\.residual))]
  }

  private func network(of method: Method) -> String {
    Spread.ofAny(records(of: method).map(\.network.balancedAccuracy))?.text() ?? "–"
  }

  /// Numbers of any size.
  private func small(_ values: [Double]) -> String {
    Spread.ofAny(values)?.text(scientific) ?? "–"
  }
}

/// Two significant digits, in powers of ten where a number is small.
func scientific(_ value: Double) -> String {
  abs(value) >= 1e-3 || value == 0
    ? String(format: "%.3g", value) : String(format: "%.0e", value)
}

extension ConsistencyScore.Witness {
  /// What tables call it.
  var title: String {
    switch self {
    case .zero: "0"
    case .learned: "learned"
    case .exact: "exact"
    }
  }
}
