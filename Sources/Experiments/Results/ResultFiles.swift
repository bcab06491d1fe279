import Foundation
import Networks

extension ExperimentResults {
  /// Every number on a line of its own: `method,seed,block,metric,value`; block 0 is what belongs to no
  /// block.
  public var csv: String {
    var lines = ["method,seed,block,metric,value"]
    for record in records {
      func add(_ block: Int, _ metric: String, _ value: Double) {
        lines.append("\(record.method.rawValue),\(record.seed),\(block),\(metric),\(value)")
      }
      for block in Block.allCases {
        for metric in metrics {
          if let value = record[block]?.metrics[metric] {
            add(block.rawValue, metric.rawValue, value)
          }
        }
      }
      add(0, "network_accuracy", record.network.accuracy)
      add(0, "network_balanced_accuracy", record.network.balancedAccuracy)
      add(0, "network_cross_entropy", record.network.crossEntropy)
      if let consistency = record.consistency {
        add(0, "disagreement", consistency.optimum)
        add(0, "certified_gap", consistency.certifiedGap)
        add(0, "constraint_residual", consistency.residual)
      }
      if let gap = record.completenessGap { add(0, "completeness_gap", gap) }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The perturbation curves: `method,seed,block,fraction,balanced_accuracy`.
  public var curvesCSV: String {
    var lines = ["method,seed,block,fraction,balanced_accuracy"]
    for record in records {
      for block in Block.allCases {
        guard let curve = record[block]?.curve else { continue }
        for (fraction, accuracy) in zip(curve.fractions, curve.accuracies) {
          lines.append(
            "\(record.method.rawValue),\(record.seed),\(block.rawValue),\(fraction),\(accuracy)")
        }
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The tables and what they say about consistency, as Markdown.
  public var markdown: String {
    (tables.map(\.markdown) + ["**Does consistency improve explanation?** " + reading])
      .joined(separator: "\n\n") + "\n"
  }

  /// Means, deviations and all records without their maps.
  public var json: Data {
    data(
      Summary(
        experiment: kind, seeds: seeds,
        methods: methods.map { method in
          Summary.Row(
            method: method, title: method.title,
            blocks: Dictionary(
              uniqueKeysWithValues: Block.allCases.map { block in
                let spreads = metrics.map { ($0, spread($0, method, block)) }
                return (
                  block.title,
                  Dictionary(
                    uniqueKeysWithValues: spreads.compactMap { pair in pair.1.map { (pair.0, $0) } }
                  )
                )
              }))
        },
        reading: reading,
        records: records.map { record in
          var record = record
          record.panels = []
          return record
        }))
  }

  private struct Summary: Encodable {
    var experiment: ExperimentKind
    var seeds: [UInt64]
    var methods: [Row]
    var reading: String
    var records: [MethodRecord]

    struct Row: Encodable {
      var method: Method
      var title: String
      var blocks: [String: [Metric: Spread]]
    }
  }

  /// Writes results.csv, results.json, tables.md and, where there are curves, curves.csv.
  ///
  /// - Parameter folder: The output folder.
  /// - Throws: ``ExperimentError/unwritable(path:reason:)``.
  public func write(to folder: URL) throws(ExperimentError) {
    var files = [
      ("results.csv", Data(csv.utf8)), ("results.json", json), ("tables.md", Data(markdown.utf8)),
    ]
    if kind == .perturbation { files.append(("curves.csv", Data(curvesCSV.utf8))) }
    for (name, contents) in files {
      try Experiments.write(contents, to: folder.appendingPathComponent(name))
    }
  }
}
