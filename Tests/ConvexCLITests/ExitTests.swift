import ArgumentParser
import Foundation
import MedicalImages
import Testing

@testable import ConvexCLI

@Suite struct ExitTests {
  private static func exit(_ arguments: [String]) -> Exit? {
    do {
      var command = try Convex.parseAsRoot(arguments)
      if arguments == ["--help"] { try command.run() }
      return nil
    } catch {
      return Exit(error)
    }
  }

  @Test func `help is an answer`() throws {
    let help = try #require(Self.exit(["--help"]))
    #expect(help.code == 0 && help.isAnswer)
    #expect(try #require(help.message).contains("Exit codes: 0 done"))
  }

  @Test(arguments: [["--nonsense"], ["nonsense"], ["train"], ["train", "--epochs", "x"]])
  func `wrong usage is one line and code 2`(arguments: [String]) throws {
    let exit = try #require(Self.exit(arguments))
    #expect(exit.code == 2 && !exit.isAnswer)
    let message = try #require(exit.message)
    #expect(message.hasPrefix("convex: ") && !message.contains("\n"))
  }

  @Test func `a typed error speaks for itself and is code 2`() {
    let error = ImageError.noPatients(folder: "x")
    #expect(Exit(error) == Exit(code: 2, message: "convex: \(error)"))
  }

  @Test func `a command that has said everything only gives its code`() {
    #expect(Exit(ExitCode(1)) == Exit(code: 1, message: nil))
  }
}

extension Exit {
  fileprivate init(code: Int32, message: String?) {
    self.init(ExitCode(code))
    self.message = message
  }
}
