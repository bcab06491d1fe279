import Foundation

/// What `labels.csv` says: images with their patients and labels.
///
/// ```
/// image,patient,label,mask      mask may be missing or empty
/// ```
struct LabelTable: Sendable {
  /// One usable row.
  struct Row: Sendable, Equatable {
    /// The line of the file, from 1.
    let line: Int
    let image: String
    let patient: String
    let label: UptakeLabel
    let mask: String?
  }

  let path: String
  let rows: [Row]
  let problems: [ImageError]

  /// Reads a table.
  ///
  /// - Throws: What costs the whole table: ``ImageError/unreadable(path:reason:)``,
  ///   ``ImageError/wrongFormat(path:expected:found:)``,
  ///   ``ImageError/missingColumn(path:column:found:)``.
  init(contentsOf url: URL) throws(ImageError) {
    let table = try CSVTable(contentsOf: url, required: ["image", "patient", "label"])
    var rows: [Row] = []
    var problems = table.problems
    var lines: [String: Int] = [:]
    for record in table.records {
      do throws(ImageError) {
        let row = try Self.row(record, table)
        if let first = lines.updateValue(row.line, forKey: row.image) {
          throw .invalidRow(
            path: url.path, row: row.line, column: "image", value: row.image,
            remedy: "row \(first) has that image too; keep one")
        }
        rows.append(row)
      } catch {
        problems.append(error)
      }
    }
    (path, self.rows) = (url.path, rows)
    self.problems = problems.sorted { ($0.row ?? 0) < ($1.row ?? 0) }
  }

  private static func row(
    _ record: CSVTable.Record, _ table: CSVTable
  ) throws(ImageError) -> Row {
    func text(_ column: String, _ remedy: String) throws(ImageError) -> String {
      let text = table.field(column, of: record)
      guard !text.isEmpty else {
        throw .invalidRow(
          path: table.path, row: record.line, column: column, value: text, remedy: remedy)
      }
      return text
    }
    let image = try text("image", "give the path of the image")
    let patient = try text("patient", "give the patient's name, so that no patient is split")
    let names = UptakeLabel.allCases.map(\.rawValue).joined(separator: ", ")
    let word = try text("label", "labels are \(names)")
    guard let label = UptakeLabel(rawValue: word.lowercased()) else {
      throw .invalidRow(
        path: table.path, row: record.line, column: "label", value: word,
        remedy: "labels are \(names)")
    }
    let mask = table.field("mask", of: record)
    return Row(
      line: record.line, image: image, patient: patient, label: label,
      mask: mask.isEmpty ? nil : mask)
  }
}

extension ImageError {
  /// The line of the table that this is about, if any.
  fileprivate var row: Int? {
    if case .invalidRow(_, let row, _, _, _) = self { row } else { nil }
  }
}
