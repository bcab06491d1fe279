import Foundation
import Networks
import Stopwatch
import WeightsAndBatch

/// Trains a network, or asks it for classes, whenever it is told to, and says how long that took.
///
/// ```
/// timed-networks WORK FILE
/// ```
///
/// FILE holds the weights under `weights.`, `images` and `labels`. Then every line of standard input
/// is a request that is answered by one line:
///
/// ```
/// answer     the losses of two training steps, or the logits of all images
/// seconds    the seconds of one step
/// memory     the most memory that the process has held so far, in bytes
/// profile    the seconds of one step; where they went is written to standard error
/// ```
///
/// `Peers/network_worker.py` answers the same for PyTorch.
@main
enum TimedNetworks {
  static func main() {
    guard CommandLine.arguments.count == 3 else {
      FileHandle.standardError.write(Data("usage: timed-networks WORK FILE\n".utf8))
      exit(2)
    }
    do {
      try serve(try work(CommandLine.arguments[1], file: CommandLine.arguments[2]))
    } catch {
      FileHandle.standardError.write(Data("timed-networks: \(error)\n".utf8))
      exit(1)
    }
  }

  /// The work of this name; the file's weights are not held any more when it is returned.
  private static func work(_ name: String, file: String) throws -> any NetworkWork {
    try Works.named(name, try WeightsAndBatch(URL(fileURLWithPath: file)))
  }

  private static func serve(_ work: any NetworkWork) throws {
    while let request = readLine() {
      switch request {
      case "answer": print(try work.answer().map { "\($0)" }.joined(separator: " "))
      case "seconds": print(try Stopwatch.seconds(1) { try work.run() })
      case "memory": print(peakMemory())
      case "profile": print(try profiled(work))
      default: throw BadRequest(text: request)
      }
      fflush(nil)
    }
  }

  private static func profiled(_ work: any NetworkWork) throws -> Double {
    let (_, profile) = try Profile.measuring { try work.run() }
    FileHandle.standardError.write(
      Data(profile.text(convolutionRate: ConvolutionRate.measured()).utf8))
    return profile.seconds
  }

  /// The most memory that the process has held so far, in bytes.
  private static func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return 1024 * (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0)
  }
}

/// A request that cannot be met.
struct BadRequest: Error {
  let text: String
}
