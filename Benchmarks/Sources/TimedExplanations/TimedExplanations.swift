import Explanations
import Foundation
import Networks
import Stopwatch
import WeightsAndBatch

/// Explains a network's scores whenever it is told to, and says how long that took.
///
/// ```
/// timed-explanations NETWORK FILE
/// ```
///
/// FILE holds the weights under `weights.`, `images` and `labels`, the classes to explain. Then every
/// line of standard input is a request, two words, that is answered by one line:
///
/// ```
/// answer METHOD     the attribution of all images
/// seconds METHOD    the seconds of one explanation of all images
/// ```
///
/// `Peers/explanations.py` asks captum the same.
@main
enum TimedExplanations {
  static func main() {
    guard CommandLine.arguments.count == 3 else {
      FileHandle.standardError.write(Data("usage: timed-explanations NETWORK FILE\n".utf8))
      exit(2)
    }
    do {
      let file = try WeightsAndBatch(URL(fileURLWithPath: CommandLine.arguments[2]))
      try serve(try ExplainedWork.named(CommandLine.arguments[1], file))
    } catch {
      FileHandle.standardError.write(Data("timed-explanations: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func serve(_ work: ExplainedWork) throws {
    while let line = readLine() {
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 2 else { throw BadRequest(text: line) }
      let method = try work.method(words[1])
      switch words[0] {
      case "answer":
        print(try method().elements.map { "\($0)" }.joined(separator: " "))
      case "seconds":
        print(try Stopwatch.seconds(1) { _ = try method().elements })
      default: throw BadRequest(text: line)
      }
      fflush(nil)
    }
  }
}

/// A request that cannot be met.
struct BadRequest: Error {
  let text: String
}
