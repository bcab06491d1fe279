import Foundation

/// What a set of projections consists of: which images, labels and bytes, under which rules.
public struct ProjectionManifest: Sendable, Equatable, Codable {
  /// One image.
  public struct Entry: Sendable, Equatable, Codable {
    /// The name in `labels.csv`.
    public let image: String
    /// Whose it is.
    public let patient: String
    /// Its class.
    public let label: UptakeLabel
    /// The side of the split.
    public let split: PatientSplit
    /// Whether there is a mask of the altered region.
    public let hasMask: Bool
    /// SHA-256 of each file, by its path's last part, with `masks/` before that of a mask.
    public let sha256: [String: String]
  }

  /// The rules that were applied, with the seed of the split.
  public let rules: ProjectionRules
  /// The images in use, in the order of the table.
  public let entries: [Entry]
  /// The rows that could not be used, and why.
  public let problems: [String]

  /// Patients and images of one side, and how many images have each label, by its number.
  public func totals(
    of split: PatientSplit
  ) -> (patients: Int, images: Int, labels: [Int]) {
    let side = entries.filter { $0.split == split }
    let labels = UptakeLabel.allCases.map { label in side.filter { $0.label == label }.count }
    return (Set(side.map(\.patient)).count, side.count, labels)
  }

  /// A SHA-256 of all labels and files' hashes: two data sets with the same one are the same.
  public var fingerprint: String {
    let lines = entries.flatMap { entry in
      ["\(entry.image) \(entry.patient) \(entry.label.rawValue)"]
        + entry.sha256.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
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

extension ProjectionManifest: CustomStringConvertible {
  /// The rules, the totals of both sides and the problems.
  public var description: String {
    let scale = rules.fullScale.map { "\($0)" } ?? "each file's own"
    var lines = [
      "images: \(rules.height)x\(rules.width), full scale \(scale)",
      "split: \(rules.trainingFraction) of the patients of each label train, seed \(rules.seed)",
    ]
    for split in [PatientSplit.training, .validation] {
      let sum = totals(of: split)
      let labels = UptakeLabel.allCases.map { "\(sum.labels[$0.index]) \($0.rawValue)" }
      lines.append(
        "\(split.rawValue): \(sum.patients) patients, \(sum.images) images: "
          + labels.joined(separator: ", "))
    }
    lines.append("masks: \(entries.filter(\.hasMask).count) of \(entries.count) images")
    lines.append("data: sha256 \(fingerprint)")
    lines += problems.map { "left out: \($0)" }
    return lines.joined(separator: "\n")
  }
}
