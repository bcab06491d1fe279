import Foundation

/// What a data set consists of: which patients, slices, labels and bytes, under which rules.
public struct Manifest: Sendable, Equatable, Codable {
  /// One patient.
  public struct Entry: Sendable, Equatable, Codable {
    /// The patient's name.
    public let patient: String
    /// The side of the split.
    public let split: PatientSplit
    /// The axial slices used, counted from the lower end of the grid.
    public let slices: [Int]
    /// Halves with tumor.
    public let positives: Int
    /// Halves without.
    public let negatives: Int
    /// SHA-256 of each file, by its name.
    public let sha256: [String: String]
  }

  /// The rules that were applied, with the seed of the split.
  public let rules: SegmentationRules
  /// The patients in use, by name.
  public let entries: [Entry]
  /// The patients that could not be used, and why.
  public let problems: [String]

  /// The sum over the patients of one side.
  public func totals(
    of split: PatientSplit
  ) -> (patients: Int, slices: Int, positives: Int, negatives: Int) {
    entries.filter { $0.split == split }.reduce((0, 0, 0, 0)) { sum, entry in
      (
        sum.0 + 1, sum.1 + entry.slices.count, sum.2 + entry.positives, sum.3 + entry.negatives
      )
    }
  }

  /// A SHA-256 of all files' hashes: two data sets with the same one are the same bytes.
  public var fingerprint: String {
    let lines = entries.flatMap { entry in
      entry.sha256.sorted { $0.key < $1.key }.map { "\(entry.patient)/\($0.key) \($0.value)" }
    }
    return ContentHash.sha256(Data(lines.joined(separator: "\n").utf8))
  }

  /// The manifest as JSON with sorted keys.
  public func json() -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and arrays of them always encode.
    return (try? encoder.encode(self)) ?? Data()
  }
}

extension Manifest: CustomStringConvertible {
  /// A table with a line per patient, the totals and the problems. Hashes are shortened; the JSON
  /// has them in full.
  public var description: String {
    var lines = [
      "rules: slices with at least \(rules.minimumTumorArea) mm² of tumor, halves at "
        + "\(rules.midline), label = more than \(rules.labelThreshold) mm² in the half",
      "split: \(rules.trainingFraction) of the patients train, seed \(rules.seed)",
      row("patient", "split", "slices", "tumor", "none", "sha256 of t1, t1ce, t2, flair, seg"),
    ]
    for entry in entries {
      let hashes = entry.sha256.sorted { $0.key < $1.key }.map { String($0.value.prefix(8)) }
      lines.append(
        row(
          entry.patient, entry.split.rawValue, "\(entry.slices.count)", "\(entry.positives)",
          "\(entry.negatives)", hashes.joined(separator: " ")))
    }
    for split in [PatientSplit.training, .validation] {
      let sum = totals(of: split)
      lines.append(
        row(
          "\(sum.patients) patients", split.rawValue, "\(sum.slices)", "\(sum.positives)",
          "\(sum.negatives)", ""))
    }
    lines.append("data: sha256 \(fingerprint)")
    lines += problems.map { "left out: \($0)" }
    return lines.joined(separator: "\n")
  }

  private func row(_ columns: String...) -> String {
    let width = max(20, (entries.map(\.patient.count).max() ?? 0) + 2)
    let widths = [width, 12, 8, 7, 7]
    let cells = columns.enumerated().map { index, text in
      index < widths.count
        ? text.padding(toLength: max(widths[index], text.count + 1), withPad: " ", startingAt: 0)
        : text
    }
    var line = cells.joined()
    while line.last == " " { line.removeLast() }
    return line
  }
}
