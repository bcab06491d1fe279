import Foundation

/// The program as a shell sees it.
struct ConvexProcess {
  /// What a finished process left.
  struct Finished {
    let code: Int32
    let output: String
    let errors: String
  }

  let process = Process()
  private let output = Pipe()
  private let errors = Pipe()

  /// `convex` with the given words, not yet started.
  init(_ arguments: [String]) {
    // The tests and the program are built into one folder.
    process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
      .deletingLastPathComponent().appendingPathComponent("convex")
    process.arguments = arguments
    process.standardOutput = output
    process.standardError = errors
  }

  /// Waits for the end of a process that was started.
  func finish() -> Finished {
    let text = output.fileHandleForReading.readDataToEndOfFile()
    let complaints = errors.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Finished(
      code: process.terminationStatus, output: String(decoding: text, as: UTF8.self),
      errors: String(decoding: complaints, as: UTF8.self))
  }

  /// Runs `convex` to its end.
  static func run(_ arguments: [String]) throws -> Finished {
    let program = ConvexProcess(arguments)
    try program.process.run()
    return program.finish()
  }
}
