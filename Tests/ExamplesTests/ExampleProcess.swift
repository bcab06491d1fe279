import Foundation

/// An example as a shell sees it.
struct ExampleProcess {
  /// The exit code.
  let code: Int32
  /// What it printed.
  let output: String

  /// Runs an example to its end.
  ///
  /// - Parameter name: The name of its target.
  /// - Throws: What Foundation throws where there is no such program.
  init(running name: String) throws {
    let process = Process()
    let pipe = Pipe()
    // The tests and the examples are built into one folder.
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent(name)
    process.standardOutput = pipe
    try process.run()
    output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    code = process.terminationStatus
  }

  /// The numbers that stand behind a phrase, in the order in which they were printed.
  func numbers(after phrase: String) -> [Double] {
    output.components(separatedBy: phrase).dropFirst().compactMap { rest in
      Double(
        rest.drop { $0 == " " }.prefix { "0123456789.e+-".contains($0) }
          .trimmingCharacters(in: CharacterSet(charactersIn: ".")))
    }
  }
}
