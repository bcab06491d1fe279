import Foundation
import MedicalImages
import Networks

/// Numbers of another run, or published ones, to stand beside those of a run.
///
/// The file is a table with a header, as `results.csv` of a run: the columns `method`, `block`, `metric` and
/// `value`. Several values of the same number, as a run with several seeds has them, become a mean
/// and a deviation; a published mean has its deviation in a column `deviation`. Numbers that a run's own
/// tables do not have are passed over.
///
/// ```
/// method,block,metric,value,deviation
/// dual,3,mean_average_precision,0.41,0.02
/// ```
public struct OtherResults: Sendable, Equatable {
  /// What the file is called, without its folder.
  public let name: String
  private let numbers: [Key: Number]

  private struct Key: Hashable {
    var method: Method
    var block: Int
    var metric: Metric
  }

  private struct Number: Equatable {
    var values: [Double] = []
    var deviation: Double?
  }

  /// Reads a file.
  ///
  /// - Parameter url: The table.
  /// - Throws: ``ExperimentError/images(_:)`` for the first line that cannot be read.
  public init(contentsOf url: URL) throws(ExperimentError) {
    do {
      try self.init(
        CSVTable(contentsOf: url, required: ["method", "block", "metric", "value"]),
        name: url.lastPathComponent)
    } catch {
      throw .images(error)
    }
  }

  private init(_ table: CSVTable, name: String) throws(ImageError) {
    if let problem = table.problems.first { throw problem }
    var numbers: [Key: Number] = [:]
    for record in table.records {
      func invalid(_ column: String, _ remedy: String) -> ImageError {
        .invalidRow(
          path: table.path, row: record.line, column: column,
          value: table.field(column, of: record), remedy: remedy)
      }
      func number(_ column: String) throws(ImageError) -> Double {
        guard let value = Double(table.field(column, of: record)), value.isFinite else {
          throw invalid(column, "write a number with a decimal point")
        }
        return value
      }
      guard let method = Method(rawValue: table.field("method", of: record)) else {
        let known = Method.allCases.map(\.rawValue).joined(separator: ", ")
        throw invalid("method", "use one of \(known)")
      }
      guard let block = Int(table.field("block", of: record)),
        block == 0 || Block(rawValue: block) != nil
      else {
        throw invalid("block", "use 3 or 4, or 0 for what belongs to no block")
      }
      let metric = Metric(rawValue: table.field("metric", of: record))
      let key = Key(method: method, block: block, metric: metric)
      numbers[key, default: Number()].values.append(try number("value"))
      if !table.field("deviation", of: record).isEmpty {
        guard numbers[key]?.values.count == 1 else {
          throw invalid("deviation", "give one line for a number that has a deviation")
        }
        numbers[key]?.deviation = try number("deviation")
      } else if numbers[key]?.deviation != nil {
        throw invalid("value", "give one line for a number that has a deviation")
      }
    }
    (self.name, self.numbers) = (name, numbers)
  }

  /// The mean; nil where the file has no such number.
  public func mean(_ metric: Metric, _ method: Method, _ block: Block) -> Double? {
    number(metric, method, block).map { Spread($0.values).mean }
  }

  /// The metrics it has numbers of.
  var metrics: Set<Metric> { Set(numbers.keys.map(\.metric)) }

  /// The number as tables show it; nil where the file has none.
  func text(_ metric: Metric, _ method: Method, _ block: Block) -> String? {
    guard let number = number(metric, method, block) else { return nil }
    let text = Spread(number.values).text()
    return number.deviation.map { text + " ± " + String(format: "%.3f", $0) } ?? text
  }

  private func number(_ metric: Metric, _ method: Method, _ block: Block) -> Number? {
    numbers[Key(method: method, block: block.rawValue, metric: metric)]
  }
}

extension ExperimentResults {
  /// Every number of the table beside the other's, and how far both order the methods alike.
  ///
  /// - Parameter other: The other numbers.
  /// - Returns: The table, one cell "own; other" for each number.
  public func table(beside other: OtherResults) -> TextTable {
    let columns = Block.allCases.flatMap { block in metrics.map { (block: block, metric: $0) } }
    let rows = methods.map { method in
      [method.title]
        + columns.map { block, metric in
          let own = spread(metric, method, block)?.text()
          let theirs = other.text(metric, method, block)
          return own == nil && theirs == nil ? "–" : "\(own ?? "–"); \(theirs ?? "–")"
        }
    }
    let order = columns.map { block, metric in
      let pairs = methods.compactMap { method -> (own: Double, theirs: Double)? in
        guard let own = spread(metric, method, block)?.mean,
          let theirs = other.mean(metric, method, block)
        else { return nil }
        return (own, theirs)
      }
      return Self.agreement(of: pairs)
    }
    return TextTable(
      caption:
        "Beside \(other.name): this run's number; the other's. Last, of the pairs of methods that both have and "
        + "neither calls equal, those that both order alike.",
      columns: ["method"] + columns.map { "\($0.block.title): \($0.metric.title)" },
      rows: rows + [["pairs ordered alike"] + order])
  }

  /// "12 of 15"
  private static func agreement(of pairs: [(own: Double, theirs: Double)]) -> String {
    var (alike, all) = (0, 0)
    for (index, a) in pairs.enumerated() {
      for b in pairs[..<index] {
        let product = (a.own - b.own) * (a.theirs - b.theirs)
        if product != 0 { all += 1 }
        if product > 0 { alike += 1 }
      }
    }
    return all == 0 ? "–" : "\(alike) of \(all)"
  }
}
