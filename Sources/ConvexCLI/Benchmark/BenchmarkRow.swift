import Foundation

/// One way to consistent maps: how near it comes, and what it costs.
struct BenchmarkRow: Encodable, Equatable {
  /// The way.
  let method: String
  /// ½‖μ − μ*‖₁ and ½‖ν − ν*‖₁ to the exact maps, mean over the samples.
  let fineDistance, coarseDistance: Double
  /// How far from the optimum, exactly: optimum − g(λ) for a multiplier, otherwise the difference of
  /// the values. In nats, mean over the samples.
  let suboptimality: Double
  /// The certified gap, in nats, mean over the samples; NaN where nothing is certified.
  let gap: Double
  /// max |Aμ − ν|, mean over the samples.
  let residual: Double
  /// The best time for the whole batch; NaN where it was not taken.
  var milliseconds = Double.nan

  private enum CodingKeys: String, CodingKey {
    case method, suboptimality, gap, residual
    case fineDistance = "fine_distance"
    case coarseDistance = "coarse_distance"
    case milliseconds = "milliseconds_per_batch"
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(method, forKey: .method)
    for (key, value) in [
      (CodingKeys.fineDistance, fineDistance), (.coarseDistance, coarseDistance),
      (.suboptimality, suboptimality), (.gap, gap), (.residual, residual),
      (.milliseconds, milliseconds),
    ] {
      // JSON has no NaN: what was not measured is null.
      try container.encode(value.isFinite ? value : nil, forKey: key)
    }
  }

  /// The rows as a table.
  static func table(_ rows: [BenchmarkRow]) -> String {
    let titles = ["TV of μ", "TV of ν", "subopt.", "gap", "residual", "ms/batch"]
    let width = rows.map(\.method.count).max() ?? 0
    let header = pad("", width) + titles.map { pad($0, 11, left: true) }.joined()
    let lines = rows.map { row in
      let numbers = [
        row.fineDistance, row.coarseDistance, row.suboptimality, row.gap, row.residual,
      ].map { $0.isNaN ? "-" : String(format: "%.2e", $0) }
      let time = row.milliseconds.isNaN ? "-" : String(format: "%.3f", row.milliseconds)
      return pad(row.method, width) + (numbers + [time]).map { pad($0, 11, left: true) }.joined()
    }
    return ([header] + lines).joined(separator: "\n")
  }

  private static func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
    let blanks = String(repeating: " ", count: max(0, width - text.count))
    return left ? blanks + text : text + blanks
  }
}
