import ArrayFiles
import Foundation
import KLProjection
import Stopwatch

/// Solves an instance of Eq. 4 whenever it is told to, and says how long that took.
///
/// ```
/// timed-projection INSTANCE.safetensors RESULT.safetensors
/// ```
///
/// Writes μ, ν and the optimum to RESULT. Then, for every line on standard input, solves the
/// instance for a while on one thread and prints the seconds that one solve took: somebody who
/// times other software can take turns with it.
@main
enum TimedProjection {
  static func main() {
    let arguments = CommandLine.arguments.dropFirst().map { URL(fileURLWithPath: $0) }
    guard arguments.count == 2 else {
      FileHandle.standardError.write(Data("usage: timed-projection INSTANCE RESULT\n".utf8))
      exit(2)
    }
    do {
      try serve(try Instance(Safetensors(contentsOf: arguments[0])), result: arguments[1])
    } catch {
      FileHandle.standardError.write(Data("timed-projection: \(error)\n".utf8))
      exit(1)
    }
  }

  private static func serve(_ instance: Instance, result url: URL) throws {
    let solution = try instance.solve()[0]
    guard solution.status == .solved else { throw Unsolved(status: solution.status) }
    try Safetensors(
      arrays: [
        "mu": StoredArray(solution.fine, shape: [solution.fine.count]),
        "nu": StoredArray(solution.coarse, shape: [solution.coarse.count]),
        "objective": StoredArray([solution.optimum], shape: [1]),
      ],
      metadata: ["method": "\(solution.method)", "iterations": "\(solution.iterations)"]
    ).write(to: url)
    print("ready")
    fflush(nil)
    let watch = try Stopwatch { _ = try instance.solve() }
    while readLine() != nil {
      print(try watch.measure { _ = try instance.solve() })
      fflush(nil)
    }
  }
}

/// An instance without an answer to time.
struct Unsolved: Error {
  let status: ProjectionStatus
}
