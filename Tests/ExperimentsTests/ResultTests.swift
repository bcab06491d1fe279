import Foundation
import MedicalImages
import Testing

@testable import Experiments

@Suite struct ResultTests {
  /// Two seeds of three methods; Dual is `gain` above Unconstrained at the third block.
  private func results(gains: [Double], kind: ExperimentKind = .perturbation) -> ExperimentResults {
    var records: [MethodRecord] = []
    let seeds = gains.indices.map { UInt64($0 + 1) }
    for method in [Method.fine, .unconstrained, .dual] {
      for (seed, gain) in zip(seeds, gains) {
        var record = MethodRecord(
          method: method, seed: seed,
          network: .init(accuracy: 0.75, balancedAccuracy: 0.5, crossEntropy: 1))
        let area = 0.5 + (method == .dual ? gain : 0)
        record.third = BlockScore(
          metrics: [.area: area, .areaAboveChance: area - 0.25],
          curve: .init(fractions: [0, 1], accuracies: [1, 2 * area - 1]))
        if method != .fine {
          record.fourth = BlockScore(metrics: [.area: 0.25, .areaAboveChance: 0])
          record.consistency = ConsistencyScore(
            witness: method == .dual ? .learned : .zero, optimum: 0.5, certifiedGap: 0.125,
            residual: 0.0625)
        }
        records.append(record)
      }
    }
    return ExperimentResults(
      kind: kind, methods: [.fine, .unconstrained, .dual], metrics: [.area, .areaAboveChance],
      seeds: seeds, records: records, shown: [])
  }

  @Test func `the table has means and deviations, and dashes where there is no map`() {
    let table = results(gains: [0.1, 0.2]).table
    #expect(
      table.columns == [
        "method", "block 3: area", "block 3: area above chance", "block 4: area",
        "block 4: area above chance", "certified gap, nats", "residual",
        "balanced accuracy of its network",
      ])
    #expect(
      table.rows[0] == [
        "τᵏ alone", "0.500 ± 0.000", "0.250 ± 0.000", "–", "–", "–", "–", "0.500 ± 0.000",
      ])
    #expect(table.rows[2][1] == "0.650 ± 0.071")
    #expect(table.rows[2][5] == "0.125 ± 0" && table.rows[2][6] == "0.0625 ± 0")
  }

  @Test func `a single seed has no deviation`() {
    #expect(results(gains: [0.1]).table.rows[2][1] == "0.600")
  }

  @Test func `the oracle's table says whose multiplier it is`() {
    let table = results(gains: [0, 0]).consistencyTable
    #expect(
      table.rows.map { Array($0.prefix(2)) } == [["Unconstrained", "0"], ["Dual", "learned"]])
  }

  @Test func `every number is on a line of its own`() {
    let lines = results(gains: [0.1]).csv.split(separator: "\n")
    #expect(lines[0] == "method,seed,block,metric,value")
    #expect(lines[1] == "tau-k,1,3,area,0.5")
    #expect(lines.contains("dual,1,4,area_above_chance,0.0"))
    #expect(lines.contains("dual,1,0,certified_gap,0.125"))
    #expect(lines.contains("tau-k,1,0,network_balanced_accuracy,0.5"))
    #expect(lines.count == 1 + (2 + 3) + (4 + 3 + 3) * 2)
    #expect(
      results(gains: [0.1]).curvesCSV.split(separator: "\n").prefix(3) == [
        "method,seed,block,fraction,balanced_accuracy", "tau-k,1,3,0.0,1.0", "tau-k,1,3,1.0,0.0",
      ])
  }

  @Test func `Markdown escapes bars and aligns numbers to the right`() {
    let table = TextTable(caption: "c", columns: ["a", "b"], rows: [["KL(ρ‖Aτ)|", "1"]])
    #expect(table.markdown == "c\n\n| a | b |\n| --- | ---: |\n| KL(ρ‖Aτ)\\| | 1 |")
    #expect(table.aligned == "a          b\nKL(ρ‖Aτ)|  1")
  }

  @Test func `the JSON has means and records`() throws {
    let object = try #require(
      try JSONSerialization.jsonObject(with: results(gains: [0.1, 0.2]).json) as? [String: Any])
    let methods = try #require(object["methods"] as? [[String: Any]])
    let blocks = try #require(methods[2]["blocks"] as? [String: [String: [String: Double]]])
    #expect(abs(try #require(blocks["block 3"]?["area"]?["mean"]) - 0.65) < 1e-12)
    #expect((object["records"] as? [Any])?.count == 6)
  }

  @Test(arguments: [
    ([0.1, 0.11, 0.12], ConsistencyEffect.Verdict.better, "On these numbers yes"),
    ([-0.1, -0.11, -0.12], .worse, "On these numbers no"),
    ([0.1, -0.11, 0.02], .unclear, "do not show that it does, nor that it does not"),
  ])
  func `the reading says what the differences within a seed say`(
    _ gains: [Double], _ verdict: ConsistencyEffect.Verdict, _ words: String
  ) throws {
    let results = results(gains: gains)
    let effect = try #require(
      results.effects.first { $0.block == .third && $0.metric == .area })
    for (found, gain) in zip(effect.differences, gains) { #expect(abs(found - gain) < 1e-12) }
    #expect(effect.verdict == verdict)
    #expect(results.reading.contains(words))
  }

  @Test func `one seed cannot say`() {
    #expect(results(gains: [0.3]).reading.hasPrefix("One seed cannot say"))
    #expect(results(gains: [0.3]).effects.allSatisfy { $0.verdict == .unclear })
  }

  @Test func `an estimate is the sum of its parts`() {
    let estimate = TimeEstimate(items: [
      .init(name: "train", secondsPerImage: 0.5, images: 1000),
      .init(name: "explain", secondsPerImage: 2, images: 50),
    ])
    #expect(estimate.seconds == 600)
    #expect(
      estimate.description
        == "train    1000 images, 8 min\nexplain  50 images, 100 s\nin all: 10 min")
    #expect(TimeEstimate.text(7200) == "2 hours" && TimeEstimate.text(259_200) == "3 days")
  }

  @Test func `maps in a panel are the right way up`() throws {
    var results = results(gains: [0])
    let image = ShownImage(
      index: 0, title: "P", label: "mild", classes: ["normal", "mild"],
      plane: Plane(height: 4, width: 4, values: [Float](repeating: 0, count: 16)), window: 0...1,
      mask: nil)
    var records = results.records
    records[0].panels = [
      .init(
        image: 0, found: 1, maps: [.init(block: .third, grid: [2, 2], values: [1, 0, 0, 0])])
    ]
    results = ExperimentResults(
      kind: .perturbation, methods: results.methods, metrics: results.metrics,
      seeds: results.seeds, records: records, shown: [image])
    let panel = ExplanationPanel(image, results)
    #expect(panel.title == "P: mild")
    #expect(panel.tiles.map(\.caption) == ["image", "τᵏ alone, block 3: mild"])
    let picture = panel.tiles[1].picture
    #expect(picture.height == 256 && picture.width == 256)
    let corners = [picture[0, 0], picture[0, 255], picture[255, 0], picture[255, 255]]
    #expect(corners[0].x > 150 && corners[1...].allSatisfy { $0.x < 10 })
  }
}
