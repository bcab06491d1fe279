import ArgumentParser
import ConvexKit
import Foundation
import KLProjection

/// `convex benchmark`: learned multipliers and the exact program on the same maps.
struct Benchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Compare a learned λ with the exact program: accuracy, optimality, time.",
    usage: """
      convex benchmark [FILE] [--json]
      convex benchmark [--fine 32x32] [--coarse 16x16] [--batch 16] [--spread 2] [--json]
      """,
    discussion: """
      FILE holds the maps of a trained network, as 'convex train' leaves them in
      maps.safetensors; without one, random maps are made.

        phi_f [B, m], phi_c [B, n]   potentials (or tau, rho: probabilities)
        labels [m]                   or A_indptr, A_indices, A_values
        fine_shape, coarse_shape     the grids, where the maps are pooled ones
        weights [2]                  1 and 1 unless given
        lambda_in [n] or [B, n]      the learned multipliers

      Every way to consistent maps gets a row:

        λ = 0, learned λ    Theorem 3.1 at that multiplier: one pass
        best shared λ       the same at the best one map for the whole batch
        closed form         Eq. 4 exactly, where windows do not overlap
        Newton              Eq. 4 exactly, by iteration
        CVXPY, Clarabel     Eq. 4 by a general solver, where Python has them

      and in the columns, as means over the samples,

        TV of μ, TV of ν    total variation to the exact maps
        subopt.             how far from the optimum, in nats
        gap                 what is certified about that without solving
        residual            max |Aμ - ν|: how far from consistent
        ms/batch            the best of the rounds, which take turns

      Times are those of this package's functions on Float maps, not of the ideas:
      the closed form on pooled grids has single-precision vector loops of its own,
      Theorem 3.1 is evaluated in double precision. Both pass over the maps once.
      CVXPY solves a few samples (--peer-samples) one after the other; its best
      time is multiplied by the batch.
      """)

  @Argument(help: ArgumentHelp("Maps of a trained network.", valueName: "FILE"))
  var file: String?

  @Option(
    help: ArgumentHelp("The fine grid of random maps.", valueName: "HxW"),
    transform: Benchmark.grid)
  var fine: [Int] = [32, 32]

  @Option(
    help: ArgumentHelp("The coarse grid of random maps.", valueName: "HxW"),
    transform: Benchmark.grid)
  var coarse: [Int] = [16, 16]

  @Option(help: "The number of random pairs.")
  var batch = 16

  @Option(help: "The standard deviation of random potentials: 1 is mild, 6 peaky.")
  var spread = 2.0

  @Option(help: "The seed of random maps.")
  var seed: UInt64 = 1

  @Option(help: "How often each way is timed.")
  var rounds = 20

  @Option(help: ArgumentHelp("The Python to ask for CVXPY.", valueName: "python"))
  var python = "python3"

  @Option(help: "The samples that CVXPY is given; 0 leaves it out.")
  var peerSamples = 4

  @Flag(help: "Print the rows as JSON.")
  var json = false

  func validate() throws {
    if file != nil, fine != [32, 32] || coarse != [16, 16] || batch != 16 || spread != 2 {
      throw ValidationError(
        "--fine, --coarse, --batch and --spread are for random maps, without FILE")
    }
    for (name, value) in [("batch", batch), ("rounds", rounds)] where value < 1 {
      throw ValidationError("--\(name) is \(value): it has to be 1 or more")
    }
    guard spread >= 0, spread.isFinite else {
      throw ValidationError("--spread is \(spread): it has to be a number, 0 or more")
    }
    if peerSamples < 0 {
      throw ValidationError("--peer-samples is \(peerSamples): it has to be 0 or more")
    }
  }

  func run() throws {
    let maps = try maps()
    let comparison = try WitnessComparison(maps)
    guard comparison.unsolved.isEmpty else {
      let first = comparison.unsolved[0]
      let status = InstanceReport(summary: comparison.exact[first].summary).line
      Self.say("\(maps.source): sample \(first) has no exact solution: \(status)")
      throw Exit.failure
    }
    let rows = try timed(comparison.candidates()) + peer(comparison)
    if json {
      print(try Self.json(maps, rows))
    } else {
      print("\(maps.description); \(Parallel.defaultThreadCount) threads\n")
      print(BenchmarkRow.table(rows))
    }
  }

  private func maps() throws -> BenchmarkMaps {
    if let file { return try BenchmarkMaps(InstanceFile(URL(fileURLWithPath: file))) }
    return try BenchmarkMaps(
      fine: fine, coarse: coarse, count: batch, spread: spread, seed: seed)
  }

  /// Takes turns, so that what else the machine does meets all of them alike.
  private func timed(
    _ candidates: [(row: BenchmarkRow, work: () throws -> Void)]
  ) throws -> [BenchmarkRow] {
    var rows = candidates.map(\.row)
    let clock = ContinuousClock()
    for _ in 0..<rounds {
      for (index, candidate) in candidates.enumerated() {
        let time = try clock.measure { try candidate.work() } / .milliseconds(1)
        rows[index].milliseconds = .minimum(rows[index].milliseconds, time)
      }
    }
    return rows
  }

  private func peer(_ comparison: WitnessComparison) throws -> [BenchmarkRow] {
    guard peerSamples > 0 else { return [] }
    let peer = CVXPYPeer(python: python)
    guard peer.isAvailable else {
      Self.say("\(python) has no CVXPY with Clarabel: left out ('make peers' installs them)")
      return []
    }
    guard let answer = try peer.solve(comparison.maps, samples: peerSamples) else {
      Self.say("CVXPY failed on these maps: left out")
      return []
    }
    var row = comparison.row(
      "CVXPY \(answer.version), Clarabel", count: answer.count, fine: answer.fine,
      coarse: answer.coarse, values: answer.values, gap: .nan, residual: answer.residual)
    row.milliseconds = 1000 * answer.secondsPerSample * Double(comparison.maps.count)
    return [row]
  }

  private static func say(_ text: String) {
    FileHandle.standardError.write(Data("convex: \(text)\n".utf8))
  }

  private static func json(_ maps: BenchmarkMaps, _ rows: [BenchmarkRow]) throws -> String {
    struct Result: Encodable {
      let source: String
      let count: Int
      let fine_shape, coarse_shape: [Int]
      let threads: Int
      let rows: [BenchmarkRow]
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    let result = Result(
      source: maps.source, count: maps.count, fine_shape: maps.marginalization.fineShape,
      coarse_shape: maps.marginalization.coarseShape, threads: Parallel.defaultThreadCount,
      rows: rows)
    return String(decoding: try encoder.encode(result), as: UTF8.self)
  }

  private static func grid(_ text: String) throws -> [Int] {
    let sides = text.split(separator: "x").map { Int($0) }
    guard sides.count == 2, let height = sides[0], let width = sides[1], height > 0, width > 0
    else { throw ValidationError("'\(text)' is not a grid like 32x32") }
    return [height, width]
  }
}
