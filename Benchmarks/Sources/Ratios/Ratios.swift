/// Prints what this package promises about speed as ratios measured in one run.
///
/// ```
/// ratios [--seconds S] [words...]      only the rows whose names contain one of the words
/// ```
///
/// One tab-separated line per row on standard output: name, ratio, limit, `ok` or `short`. The
/// times behind each ratio go to standard error. A wrong answer stops the program with exit code 1
/// before anything is timed; `short` does not.
@main
enum Ratios {
  static let rows: [RatioRow] = CopyRatios.rows + ProjectionRatios.rows + NewtonRatios.rows

  static func main() {
    var seconds = 4.0
    var words: [String] = []
    var arguments = CommandLine.arguments.dropFirst()
    while let argument = arguments.popFirst() {
      if argument == "--seconds" {
        guard let number = arguments.popFirst().flatMap({ Double($0) }), number > 0 else {
          fail("--seconds needs a number above 0", code: 2)
        }
        seconds = number
      } else {
        words.append(argument)
      }
    }
    let chosen = rows.filter { row in words.isEmpty || words.contains { row.name.contains($0) } }
    if chosen.isEmpty {
      fail("no row matches; there are \(rows.map(\.name).joined(separator: "; "))", code: 2)
    }
    for row in chosen {
      do {
        print(try row.measured(seconds: seconds).line(row))
        flushStandardOutput()
      } catch {
        fail("\(row.name): \(error)", code: 1)
      }
    }
  }
}
