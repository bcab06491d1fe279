import ArrayFiles
import Foundation
import Stopwatch

/// Solves cone programs, models and layers whenever it is told to, and says how long that took.
///
/// ```
/// timed-programs FIXTURES
/// ```
///
/// FIXTURES is the folder of the reference data, which is read once. Then every line of standard
/// input is a request that is answered by one line:
///
/// ```
/// cone NAME          solves a cone program, its data checked beforehand; set-up is in the time
/// model NAME         writes the problem down and solves it, everything but its data anew
/// layer NAME FILE    solves the batch in FILE and pulls its cotangents back
/// ```
///
/// The first request of a kind and name answers with the status and the optimum (of a layer: the
/// file where results are); each later one with the seconds that one solve took on one thread.
/// Somebody who times other software can take turns with it.
@main
enum TimedPrograms {
  static func main() {
    guard CommandLine.arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: timed-programs FIXTURES\n".utf8))
      exit(2)
    }
    do {
      try serve(Fixtures(URL(fileURLWithPath: CommandLine.arguments[1])))
    } catch {
      FileHandle.standardError.write(Data("timed-programs: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func serve(_ fixtures: Fixtures) throws {
    var works: [String: (work: any TimedWork, watch: Stopwatch)] = [:]
    while let request = readLine() {
      if let (work, watch) = works[request] {
        print(try watch.measure { try work.run() })
      } else {
        let work = try fixtures.work(request.split(separator: " ").map(String.init))
        print(try work.answer())
        works[request] = (work, try Stopwatch { try work.run() })
      }
      fflush(nil)
    }
  }
}

/// Something to be timed.
protocol TimedWork {
  /// What it finds.
  func answer() throws -> String
  /// Does it once.
  func run() throws
}

/// A request that cannot be met.
struct BadRequest: Error {
  let request: [String]
}
