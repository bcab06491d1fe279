import ArrayFiles
import DualLayer
import Foundation
import KLProjection
import TestSupport
import Testing

@testable import ConvexCLI

@Suite struct BenchmarkTests {
  private func file(_ arrays: [String: StoredArray]) -> InstanceFile {
    InstanceFile(path: "maps.safetensors", arrays: arrays)
  }

  /// Two pairs of maps on 2 × 4 cells over 1 × 2, as a training leaves them.
  private func maps(_ changes: [String: StoredArray] = [:]) -> [String: StoredArray] {
    var arrays: [String: StoredArray] = [
      "phi_f": StoredArray((0..<16).map { Float($0 % 5) }, shape: [2, 8]),
      "phi_c": StoredArray([0, 1, 0.5, -1] as [Float], shape: [2, 2]),
      "labels": StoredArray([0, 0, 1, 1, 0, 0, 1, 1] as [Int64], shape: [8]),
      "lambda_in": StoredArray([0.25, -0.25] as [Float], shape: [2]),
      "fine_shape": StoredArray([2, 4] as [Int64], shape: [2]),
      "coarse_shape": StoredArray([1, 2] as [Int64], shape: [2]),
    ]
    for (name, array) in changes { arrays[name] = array }
    return arrays
  }

  @Test func `a multiplier is judged as the oracle judges it, the exact ways are exact`() throws {
    let maps = try BenchmarkMaps(file(maps()))
    #expect(maps.count == 2)
    #expect(
      maps.description == "2 pairs of maps, 2×4 to 1×2, w_f 1.0, w_c 1.0: maps.safetensors")
    let comparison = try WitnessComparison(maps)
    let rows = try comparison.candidates().map(\.row)
    #expect(
      rows.map(\.method) == ["λ = 0", "learned λ", "best shared λ", "closed form", "Newton"])
    let report = try WitnessOracle(maps.projection).report(
      on: SharedWitness(try #require(maps.learned)), fine: maps.fine, coarse: maps.coarse,
      as: .potentials)
    #expect(abs(rows[1].gap - report.mean.gap) < 1e-6)
    #expect(abs(rows[1].suboptimality - report.mean.suboptimality) < 1e-6)
    #expect(abs(rows[1].fineDistance - report.mean.fineDistance) < 1e-6)
    #expect(rows[2].suboptimality <= rows[1].suboptimality)
    #expect(rows[2].suboptimality <= rows[0].suboptimality)
    // Pooled Float maps are projected in Float.
    for row in rows[3...] {
      #expect(row.fineDistance < 1e-6 && row.coarseDistance < 1e-6)
      #expect(abs(row.suboptimality) < 1e-6, "\(row)")
      #expect(abs(row.gap) < 1e-6 && row.residual < 1e-6, "\(row)")
    }
  }

  @Test func `multipliers by sample are read, and of another number refused`() throws {
    let exact = try WitnessComparison(BenchmarkMaps(file(maps()))).exact
    let witness = exact.flatMap { $0.witness.map { Float($0) } }
    let maps = try BenchmarkMaps(
      file(maps(["lambda_in": StoredArray(witness, shape: [2, 2])])))
    let row = try WitnessComparison(maps).candidates()[1].row
    #expect(row.method == "learned λ" && row.gap < 1e-10 && row.fineDistance < 1e-6)
    #expect(
      throws: SolveError.shape(
        path: "maps.safetensors", array: "lambda_in", expected: "[2] or [2, 2]", actual: [3])
    ) {
      try BenchmarkMaps(
        file(self.maps(["lambda_in": StoredArray([0, 0, 0] as [Float], shape: [3])])))
    }
  }

  @Test func `overlapping windows have no closed form, and maps without a multiplier no row`()
    throws
  {
    var arrays = maps()
    arrays["labels"] = nil
    arrays["lambda_in"] = nil
    let dense = [0.5, 1, 0.5, 0, 0.5, 1, 0.5, 0, 0.5, 0, 0.5, 1, 0.5, 0, 0.5, 1]
    arrays["A_dense"] = StoredArray(dense, shape: [2, 8])
    let maps = try BenchmarkMaps(file(arrays))
    #expect(!maps.marginalization.isPartition)
    let rows = try WitnessComparison(maps).candidates().map(\.row)
    #expect(rows.map(\.method) == ["λ = 0", "best shared λ", "Newton"])
    #expect(rows[2].fineDistance < 1e-6)
  }

  @Test func `random maps have the same seed's numbers, and something in common`() throws {
    func maps(_ seed: UInt64) throws -> BenchmarkMaps {
      try BenchmarkMaps(fine: [8, 8], coarse: [4, 4], count: 3, spread: 2, seed: seed)
    }
    #expect(try maps(1).fine == maps(1).fine)
    #expect(try maps(1).fine != maps(2).fine)
    let rows = try WitnessComparison(try maps(1)).candidates().map(\.row)
    #expect(rows[1].suboptimality < 0.9 * rows[0].suboptimality)
    #expect(
      try maps(1).description
        == "3 pairs of maps, 8×8 to 4×4, w_f 1.0, w_c 1.0: random potentials of standard "
        + "deviation 2.0, seed 1")
  }

  @Test func `the table has a line for each row, and JSON has null for what is not known`() throws {
    let row = BenchmarkRow(
      method: "λ = 0", fineDistance: 0.5, coarseDistance: 0.25, suboptimality: 1, gap: .nan,
      residual: 0.125, milliseconds: 2)
    #expect(
      BenchmarkRow.table([row]).split(separator: "\n").last
        == "λ = 0   5.00e-01   2.50e-01   1.00e+00          -   1.25e-01      2.000")
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    #expect(
      String(decoding: try encoder.encode(row), as: UTF8.self)
        == #"{"coarse_distance":0.25,"fine_distance":0.5,"gap":null,"method":"λ = 0","#
        + #""milliseconds_per_batch":2,"residual":0.125,"suboptimality":1}"#)
  }

  @Test func `a Python without CVXPY is left out`() {
    #expect(!CVXPYPeer(python: "no-such-python").isAvailable)
    #expect(!CVXPYPeer(python: "false").isAvailable)
  }

  @Test func `maps without an exact solution are exit code 1`() throws {
    try withTemporaryDirectory { folder in
      let path = folder.appendingPathComponent("maps.safetensors")
      try Safetensors(arrays: [
        "tau": StoredArray([0.5, 0.5, 1, 0], shape: [2, 2]),
        "rho": StoredArray([0.5, 0.5, 0, 1], shape: [2, 2]),
        "labels": StoredArray([0, 1] as [Int64], shape: [2]),
      ]).write(to: path)
      let command = try Convex.parseAsRoot(["benchmark", path.path])
      #expect(throws: Exit.failure) { try #require(command as? Benchmark).run() }
    }
  }

  @Test(arguments: [
    ["--batch", "0"], ["--rounds", "0"], ["--spread", "-1"], ["--peer-samples", "-1"],
    ["--fine", "32"], ["maps.safetensors", "--batch", "3"],
  ])
  func `wrong usage is refused`(arguments: [String]) throws {
    let error = #expect(throws: (any Error).self) {
      try Convex.parseAsRoot(["benchmark"] + arguments)
    }
    #expect(Exit(try #require(error)).code == 2)
  }
}
