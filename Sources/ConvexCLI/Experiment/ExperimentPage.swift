import ArrayFiles
import Experiments
import Foundation
import MedicalImages
import Networks

/// The page of an experiment, and its figures as files.
struct ExperimentPage {
  private let results: ExperimentResults
  private let manifest: String
  private let command: String

  /// The page of the given results.
  ///
  /// - Parameters:
  ///   - results: The records.
  ///   - manifest: What the data were.
  ///   - command: The words after `convex`.
  init(_ results: ExperimentResults, manifest: String, command: String) {
    (self.results, self.manifest, self.command) = (results, manifest, command)
  }

  /// Writes report.html and the figures.
  ///
  /// - Parameter folder: The output folder.
  /// - Returns: The page's file.
  /// - Throws: What writing files can throw.
  func write(to folder: URL) throws -> URL {
    let figures = folder.appendingPathComponent("figures")
    try FileManager.default.createDirectory(at: figures, withIntermediateDirectories: true)
    for (name, chart) in charts {
      try AtomicFile.write(
        Data(chart.document().utf8), to: figures.appendingPathComponent(name + ".svg"))
    }
    let panels = results.shown.map { ExplanationPanel($0, results) }
    for (number, panel) in panels.enumerated() {
      try PNG.write(
        panel.picture(), to: figures.appendingPathComponent("panel-\(number + 1).png"))
    }
    let url = folder.appendingPathComponent("report.html")
    try AtomicFile.write(Data(try page(panels).html().utf8), to: url)
    return url
  }

  private func page(_ panels: [ExplanationPanel]) -> ReportPage {
    ReportPage(
      title: title, summary: [summary, "Does consistency improve explanation? " + results.reading],
      headings: .init(
        tables: "Methods and the exact program", charts: "Curves", panels: "Where each method looks"
      ),
      tables: results.tables, charts: charts.map(\.chart),
      panelColumns: ExplanationPanel.caption,
      panels: panels.map { panel in
        ReportPage.Panel(
          title: panel.title,
          rows: panel.tiles.map { (network: $0.caption, png: PNG.encode($0.picture)) },
          isGrid: true)
      },
      facts: [
        (name: "Command", value: "convex " + command),
        (name: "Seeds", value: results.seeds.map(String.init).joined(separator: ", ")),
        (name: "Data", value: manifest.split(separator: "\n").joined(separator: "; ")),
      ])
  }

  private var title: String {
    switch results.kind {
    case .perturbation: "Removing pixels in the order of each map"
    case .segmentation: "How each map overlaps the tumor"
    }
  }

  private var summary: String {
    switch results.kind {
    case .perturbation:
      "Pixels of held-out images are removed from the least important on, in the order that a method gives, and "
        + "the classifier without gates, of the same seed, says what it still sees. A map that knows what matters "
        + "keeps the accuracy up."
    case .segmentation:
      "Networks learned from halves of slices whether there is a tumor, not where. Here their maps are compared "
        + "with the tumor, on held-out halves that have one."
    }
  }

  /// The curves at each block, with the names of their files.
  private var charts: [(name: String, chart: LineChart)] {
    guard results.kind == .perturbation else { return [] }
    return Block.allCases.map { block in
      (name: "curves-block-\(block.rawValue)", chart: chart(block))
    }
  }

  private func chart(_ block: Block) -> LineChart {
    var series: [LineChart.Series] = []
    for method in results.methods {
      let curves = results.records(of: method).compactMap { $0[block]?.curve }
      guard let first = curves.first else { continue }
      let spreads = first.fractions.indices.map { index in
        Spread(curves.map { $0.accuracies[index] })
      }
      let colors = LineChart.palette
      series.append(
        LineChart.Series(
          name: method.title, color: colors[series.count % colors.count],
          isDashed: series.count >= colors.count,
          points: zip(first.fractions, spreads).map { (x: $0, y: $1.mean) },
          deviations: spreads.map(\.standardDeviation)))
    }
    return LineChart(
      title: "Block \(block.rawValue): mean over the seeds, band ± standard deviation",
      xLabel: "fraction of pixels removed", yLabel: "balanced accuracy of the baseline",
      hasWholeTicks: false, size: (width: 620, height: 420), series: series)
  }
}
