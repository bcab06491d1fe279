import ArgumentParser
import Foundation

/// How `convex` ends.
///
/// | code | meaning |
/// | ---: | --- |
/// | 0 | done, or help was asked for |
/// | 1 | a solver said no: infeasible, not solved, diverged |
/// | 2 | wrong usage or bad input |
/// | 130 | interrupted |
///
/// A command throws the typed error of the module that found the trouble; `ExitCode` when it has
/// said everything itself.
struct Exit: Equatable {
  /// The code of the process.
  var code: Int32
  /// What to say, if anything.
  var message: String?
  /// Whether the message is what was asked for (help, version) and goes to standard output.
  var isAnswer = false

  /// A solver said no.
  static let failure = ExitCode(1)

  /// The way out for an error.
  init(_ error: any Error) {
    let parserCode = Convex.exitCode(for: error)
    if let exit = error as? ExitCode {
      (code, message) = (exit.rawValue, nil)
    } else if Interruption.isRequested {
      (code, message) = (Interruption.exitCode, "convex: interrupted")
    } else if parserCode == .success {
      (code, message, isAnswer) = (0, Convex.fullMessage(for: error), true)
    } else if parserCode == .validationFailure {
      (code, message) = (2, "convex: " + Self.oneLine(Convex.message(for: error)))
    } else {
      (code, message) = (2, "convex: " + Self.oneLine(Self.text(error)))
    }
  }

  /// Says it and ends the process.
  func leave() -> Never {
    if let message {
      let handle = isAnswer ? FileHandle.standardOutput : FileHandle.standardError
      handle.write(Data((message + "\n").utf8))
    }
    fflush(nil)
    exit(code)
  }

  /// A typed error describes itself; Foundation's errors do so in their localized description.
  private static func text(_ error: any Error) -> String {
    switch error {
    case let error as CocoaError: error.localizedDescription
    case let error as POSIXError: error.localizedDescription
    default: "\(error)"
    }
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }
}
