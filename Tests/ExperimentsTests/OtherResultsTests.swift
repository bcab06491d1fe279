import Foundation
import MedicalImages
import TestSupport
import Testing

@testable import Experiments

@Suite struct OtherResultsTests {
  private func read(_ text: String) throws -> OtherResults {
    try withTemporaryDirectory { folder in
      let url = folder.appendingPathComponent("paper.csv")
      try Data(text.utf8).write(to: url)
      return try OtherResults(contentsOf: url)
    }
  }

  /// One seed, areas at the third block.
  private func results(_ areas: [(Method, Double)]) -> ExperimentResults {
    ExperimentResults(
      kind: .perturbation, methods: areas.map(\.0), metrics: [.area], seeds: [1],
      records: areas.map { method, area in
        var record = MethodRecord(
          method: method, seed: 1,
          network: .init(accuracy: 1, balancedAccuracy: 1, crossEntropy: 0))
        record.third = BlockScore(metrics: [.area: area])
        return record
      }, shown: [])
  }

  @Test func `published means have their deviation, seeds become one, what is not asked is left`()
    throws
  {
    let other = try read(
      """
      method,seed,block,metric,value,deviation
      dual,,3,area,0.41,0.02
      unconstrained,1,3,area,0.25,
      unconstrained,2,3,area,0.75,
      cvx,1,3,area,0.3,
      cvx,1,0,certified_gap,1,
      """)
    #expect(other.name == "paper.csv")
    #expect(other.mean(.area, .unconstrained, .third) == 0.5)
    #expect(other.mean(.area, .dual, .fourth) == nil)
    let own = results([(.unconstrained, 0.2), (.cvx, 0.4), (.dual, 0.6), (.random, 0.1)])
    let table = own.table(beside: other)
    #expect(table.columns == ["method", "block 3: area", "block 4: area"])
    // Theirs: cvx < dual < unconstrained.
    #expect(
      table.rows.map { $0[1] } == [
        "0.200; 0.500 ± 0.354", "0.400; 0.300", "0.600; 0.410 ± 0.020", "0.100; –", "1 of 3",
      ])
    #expect(table.rows.map { $0[2] } == ["–", "–", "–", "–", "–"])
  }

  @Test func `a run's own numbers beside themselves are ordered alike`() throws {
    var own = results([(.dual, 0.5), (.cvx, 0.25), (.random, 0.125)])
    own.other = try read(own.csv)
    #expect(own.tables.count == 3)
    #expect(own.tables[1].rows.map { $0[1] }.suffix(2) == ["0.125; 0.125", "3 of 3"])
    #expect(own.markdown.contains("Beside paper.csv: this run's number; the other's."))
  }

  @Test(arguments: [
    ("method,block,value\n", "missingColumn"),
    ("dual,3,area,0.5", "missingColumn"),
    ("method,block,metric,value\ndoal,3,area,0.5\n", "2 method doal"),
    ("method,block,metric,value\ndual,5,area,0.5\n", "2 block 5"),
    ("method,block,metric,value\ndual,3,area,0,5\n", "2 fields 5"),
    ("method,block,metric,value\ndual,3,area,nan\n", "2 value nan"),
    ("method,block,metric,value,deviation\ndual,3,area,1,\ndual,3,area,1,2\n", "3 deviation 2"),
    ("method,block,metric,value,deviation\ndual,3,area,1,2\ndual,3,area,1,\n", "3 value 1"),
    ("method,block,metric,value,deviation\ndual,3,area,1,x\n", "2 deviation x"),
  ])
  func `a line that cannot be read is named`(_ text: String, _ expected: String) throws {
    do {
      _ = try read(text)
      Issue.record("read")
    } catch ExperimentError.images(.invalidRow(_, let row, let column, let value, _)) {
      #expect("\(row) \(column) \(value)" == expected)
    } catch ExperimentError.images(.missingColumn) {
      #expect(expected == "missingColumn")
    }
  }

  @Test func `a missing file is named`() {
    let url = URL(fileURLWithPath: "/no/such/paper.csv")
    #expect {
      try OtherResults(contentsOf: url)
    } throws: {
      guard case ExperimentError.images(.unreadable(let path, _)) = $0 else { return false }
      return path == url.path
    }
  }
}
