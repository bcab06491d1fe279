import Foundation

/// A table of text with a header: the records that can be read, and what is wrong with the others.
///
/// Tolerant about form: byte order mark, any line ends, quoted fields (with doubled quotes and line
/// breaks), comma, semicolon or tab, blank lines, names of columns in any case.
package struct CSVTable {
  /// A record and the line it begins at, counted from 1.
  package struct Record {
    package let line: Int
    fileprivate let fields: [String]
  }

  package let path: String
  /// The names in the header, lower case.
  package let columns: [String]
  package let records: [Record]
  package let problems: [ImageError]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - url: The file, text in UTF-8.
  ///   - required: Names of columns that must be there.
  /// - Throws: ``ImageError/unreadable(path:reason:)``,
  ///   ``ImageError/wrongFormat(path:expected:found:)``, and as ``init(_:path:required:)``.
  package init(contentsOf url: URL, required: [String]) throws(ImageError) {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
    guard let text = String(validating: data, as: UTF8.self), !text.contains("\0") else {
      throw .wrongFormat(
        path: url.path, expected: "a table in UTF-8",
        found: "bytes that are no UTF-8 text; save it so")
    }
    try self.init(text, path: url.path, required: required)
  }

  /// - Parameters:
  ///   - text: The file's contents.
  ///   - path: What errors call it.
  ///   - required: Names of columns that must be there.
  /// - Throws: ``ImageError/missingColumn(path:column:found:)``, or
  ///   ``ImageError/invalidRow(path:row:column:value:remedy:)`` for one that is there twice.
  init(_ text: String, path: String, required: [String]) throws(ImageError) {
    var scanner = CSVScanner(text, path: path)
    guard let header = scanner.nextRecord() else {
      throw .missingColumn(path: path, column: required.first ?? "", found: [])
    }
    columns = header.fields.map { $0.lowercased() }
    for name in required {
      let count = columns.filter { $0 == name }.count
      guard count > 0 else {
        throw .missingColumn(path: path, column: name, found: header.fields)
      }
      guard count == 1 else {
        throw .invalidRow(
          path: path, row: header.line, column: "header",
          value: header.fields.joined(separator: ","),
          remedy: "keep one column \(name)")
      }
    }
    var records: [Record] = []
    while let record = scanner.nextRecord() {
      if record.fields.dropFirst(columns.count).contains(where: { !$0.isEmpty }) {
        scanner.problems.append(
          .invalidRow(
            path: path, row: record.line, column: "fields", value: "\(record.fields.count)",
            remedy: "the header has \(columns.count); put quotes around a field with a separator"))
      } else {
        records.append(record)
      }
    }
    (self.path, self.records, problems) = (path, records, scanner.problems)
  }

  /// The text of a record in a column, without blanks around it; empty where there is none.
  package func field(_ name: String, of record: Record) -> String {
    guard let column = columns.firstIndex(of: name), column < record.fields.count else { return "" }
    return record.fields[column]
  }
}

/// Cuts text into records.
private struct CSVScanner {
  private let text: [Unicode.Scalar]
  private let path: String
  private let separator: Unicode.Scalar
  private var position = 0
  private var line = 1
  var problems: [ImageError] = []

  init(_ text: String, path: String) {
    // Any line end becomes one line feed; a byte order mark is no part of the first name.
    var scalars: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars {
      if scalar == "\u{FEFF}" && scalars.isEmpty { continue }
      if scalar == "\n" && scalars.last == "\r" {
        scalars[scalars.count - 1] = "\n"
      } else {
        if scalars.last == "\r" { scalars[scalars.count - 1] = "\n" }
        scalars.append(scalar)
      }
    }
    if scalars.last == "\r" { scalars[scalars.count - 1] = "\n" }
    let header = scalars.drop { $0 == "\n" }.prefix { $0 != "\n" }
    separator =
      [",", ";", "\t"].max { a, b in
        header.filter { $0 == a }.count < header.filter { $0 == b }.count
      }.flatMap { header.contains($0) ? $0 : nil } ?? ","
    (self.text, self.path) = (scalars, path)
  }

  /// The next record that is not blank.
  mutating func nextRecord() -> CSVTable.Record? {
    while position < text.count {
      let (start, startLine) = (position, line)
      guard let fields = record() else {
        // The quote swallowed the rest: give up this line alone.
        position = start
        let bad = text[start...].prefix { $0 != "\n" }
        (position, line) = (min(text.count, start + bad.count + 1), startLine + 1)
        problems.append(
          .invalidRow(
            path: path, row: startLine, column: "line",
            value: String(Substring.UnicodeScalarView(bad)),
            remedy: "close the quote, or double it inside a field"))
        continue
      }
      if fields.contains(where: { !$0.isEmpty }) {
        return CSVTable.Record(line: startLine, fields: fields)
      }
    }
    return nil
  }

  /// The fields up to the end of the record, or nil if a quote is not closed.
  private mutating func record() -> [String]? {
    var fields: [String] = []
    while true {
      guard let field = field() else { return nil }
      fields.append(field)
      guard position < text.count else { return fields }
      position += 1
      if text[position - 1] == "\n" {
        line += 1
        return fields
      }
    }
  }

  /// One field, up to the separator or the line's end.
  private mutating func field() -> String? {
    var field = String.UnicodeScalarView()
    var quoted = false
    while position < text.count {
      let scalar = text[position]
      if quoted {
        if scalar == "\"" && position + 1 < text.count && text[position + 1] == "\"" {
          field.append(scalar)
          position += 1
        } else if scalar == "\"" {
          quoted = false
        } else {
          if scalar == "\n" { line += 1 }
          field.append(scalar)
        }
      } else if scalar == separator || scalar == "\n" {
        break
      } else if scalar == "\"" && field.allSatisfy({ $0 == " " }) {
        field = String.UnicodeScalarView()
        quoted = true
      } else {
        field.append(scalar)
      }
      position += 1
    }
    return quoted ? nil : trimmed(field)
  }

  private func trimmed(_ field: String.UnicodeScalarView) -> String {
    let isBlank = { (scalar: Unicode.Scalar) in scalar.properties.isWhitespace }
    let start = field.drop(while: isBlank)
    return String(String.UnicodeScalarView(start.reversed().drop(while: isBlank).reversed()))
  }
}
