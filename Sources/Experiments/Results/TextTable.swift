import Foundation

/// A table of texts.
public struct TextTable: Sendable, Equatable {
  /// What it shows.
  public var caption: String
  /// The names of the columns.
  public var columns: [String]
  /// The cells, row by row, as many as columns.
  public var rows: [[String]]

  /// The given table.
  public init(caption: String, columns: [String], rows: [[String]]) {
    precondition(
      rows.allSatisfy { $0.count == columns.count }, "TextTable: a cell for each column")
    (self.caption, self.columns, self.rows) = (caption, columns, rows)
  }

  /// The table for a terminal, columns aligned.
  public var aligned: String {
    let lines = [columns] + rows
    let widths = columns.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { line in
      line.enumerated().map { column, cell in
        let pad = String(repeating: " ", count: widths[column] - cell.count)
        return column == 0 ? cell + pad : pad + cell
      }.joined(separator: "  ")
    }.joined(separator: "\n")
  }

  /// The table as Markdown, with its caption above.
  public var markdown: String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map { $0.replacingOccurrences(of: "|", with: "\\|") }.joined(separator: " | ")
        + " |"
    }
    let rule = ["---"] + Array(repeating: "---:", count: columns.count - 1)
    return ([caption, "", line(columns), line(rule)] + rows.map(line)).joined(separator: "\n")
  }
}
