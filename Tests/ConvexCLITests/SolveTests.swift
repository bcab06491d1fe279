import ArgumentParser
import ArrayFiles
import Foundation
import KLProjection
import TestSupport
import Testing

@testable import ConvexCLI

@Suite struct SolveTests {
  /// Parses and runs a command.
  private func run(_ arguments: [String]) throws {
    var command = try Convex.parseAsRoot(["solve"] + arguments)
    try command.run()
  }

  private func solve(_ arguments: [String]) throws -> SolveOutcome {
    let command = try Convex.parseAsRoot(["solve"] + arguments)
    let solve = try #require(command as? Solve)
    return try #require(solve.outcome() as? SolveOutcome)
  }

  /// What an instance has besides results.
  private static let inputs: Set<String> = [
    "tau", "rho", "phi_f", "phi_c", "labels", "A_indptr", "A_indices", "A_values", "weights",
    "mu_bar", "nu_bar", "lambda_in", "labels_1", "labels_2", "tau_1", "tau_2", "tau_3", "phi_1",
    "phi_2", "phi_3", "mu_bar_1", "mu_bar_2", "mu_bar_3",
  ]

  @Test(arguments: SolveCase.solvable)
  func `every result array of the reference data is reproduced`(_ item: SolveCase) throws {
    let reference = try Safetensors(contentsOf: item.url())
    let result = try withTemporaryDirectory { folder in
      let output = folder.appendingPathComponent("out.safetensors")
      try run([item.url().path, "--output", output.path])
      return try Safetensors(contentsOf: output)
    }
    for (name, array) in reference.arrays where !Self.inputs.contains(name) {
      let found = try result.array(named: name)
      #expect(found.shape == array.shape, "\(name)")
      let (values, expected) = (try found.doubles(), try array.doubles())
      let largest = expected.reduce(0) { $1.isFinite ? max($0, abs($1)) : $0 }
      let tolerance =
        name.hasPrefix("mu") || name.hasPrefix("nu") || ["p", "q"].contains(name)
        ? 1e-12 : name.contains("vjp") || name.contains("grad") ? 1e-10 : 1e-12 * (1 + largest)
      #expect(maximumAbsoluteDifference(values, expected) <= tolerance, "\(name)")
    }
    if item.kind != "penalty" {
      for name in ["mu_support", "mu_support_1"] {
        #expect((result.arrays[name] == nil) == (reference.arrays[name] == nil))
      }
    }
  }

  @Test(arguments: SolveCase.infeasible)
  func `an infeasible instance is exit code 1 and zero maps`(_ item: SolveCase) throws {
    let outcome = try solve([item.url().path])
    #expect(outcome.code == 1)
    #expect(outcome.complaint(path: "F")?.hasPrefix("F: infeasible: ") == true)
    let fine = try #require(outcome.arrays["mu"]).doubles()
    #expect(fine.allSatisfy { $0 == 0 })
    #expect(try #require(outcome.arrays["objective"]).doubles() == [.infinity])
    let json = try InstanceReport.json(outcome.reports)
    #expect(json.contains("\"optimum\" : null") && json.contains("\"status\" : \"infeasible\""))
  }

  @Test(arguments: SolveCase.inline)
  func `malformed instances are refused by name and odd ones solved`(_ item: SolveCase) throws {
    try withTemporaryDirectory { folder in
      let input = folder.appendingPathComponent("in.safetensors")
      try Safetensors(arrays: item.arrays()).write(to: input)
      if item.expected_status == "invalid_input" {
        let error = #expect(throws: SolveError.self) { try solve([input.path]) }
        let exit = Exit(try #require(error))
        #expect(exit.code == 2)
        #expect(exit.message?.hasPrefix("convex: \(input.path): ") == true)
        #expect(exit.message?.contains("\n") == false)
        return
      }
      let outcome = try solve([input.path])
      #expect(outcome.code == 0)
      if let expected = item.result {
        let (fine, coarse) = (
          try #require(outcome.arrays["mu"]).doubles(),
          try #require(outcome.arrays["nu"]).doubles()
        )
        #expect(maximumAbsoluteDifference(fine, expected.mu) < 1e-12)
        #expect(maximumAbsoluteDifference(coarse, expected.nu) < 1e-12)
      }
    }
  }

  @Test func `Newton's method gives what the closed form gives`() throws {
    let item = try #require(SolveCase.solvable.first { $0.kind == "partition_grid" })
    let one = try solve([item.url().path])
    let other = try solve([item.url().path, "--newton"])
    #expect(one.reports[0].summary.method == .closedForm)
    #expect(other.reports[0].summary.method == .newton)
    for name in ["mu", "nu", "lambda", "objective"] {
      let (a, b) = (
        try #require(one.arrays[name]).doubles(), try #require(other.arrays[name]).doubles()
      )
      #expect(maximumAbsoluteDifference(a, b) < 1e-12)
    }
  }

  @Test func `one bad sample of a batch costs the others nothing`() throws {
    let item = try #require(SolveCase.solvable.first { $0.kind == "partition_batch" })
    var file = try Safetensors(contentsOf: item.url())
    let count = try file.array(named: "phi_f").shape[0]
    var potentials = try file.array(named: "phi_f").doubles()
    potentials[potentials.count / count + 3] = .nan
    file.arrays["phi_f"] = StoredArray(potentials, shape: try file.array(named: "phi_f").shape)
    try withTemporaryDirectory { folder in
      let input = folder.appendingPathComponent("in.safetensors")
      try file.write(to: input)
      let outcome = try solve([input.path])
      #expect(outcome.code == 2)
      #expect(outcome.firstInvalid?.index == 1)
      #expect(
        outcome.complaint(path: "F") == "F: instance 1: \(try #require(outcome.firstInvalid).error)"
      )
      let (fine, expected) = (
        try #require(outcome.arrays["mu"]).doubles(), try file.array(named: "mu").doubles()
      )
      let cells = fine.count / count
      for sample in 0..<count {
        let range = sample * cells..<(sample + 1) * cells
        let reference = sample == 1 ? [Double](repeating: 0, count: cells) : Array(expected[range])
        #expect(maximumAbsoluteDifference(fine[range], reference) < 1e-12)
      }
      let json = try JSONSerialization.jsonObject(
        with: Data(InstanceReport.json(outcome.reports).utf8))
      let instances = try #require((json as? [String: [[String: Any]]])?["instances"])
      #expect(
        instances.map { $0["status"] as? String }
          == ["solved", "invalid", "solved", "solved", "solved"])
      #expect(instances[1]["error"] is String && instances[0]["error"] == nil)
      #expect(instances[0]["method"] as? String == "closed_form")
      for key in ["optimum", "dual_value", "gap", "residual", "iterations"] {
        #expect(instances[0][key] is NSNumber)
      }
    }
  }

  @Test func `maps on nested grids come as NumPy files, one pair or a batch`() throws {
    let item = try #require(SolveCase.solvable.first { $0.name == "part_8x8_4x4_mild_w2_1" })
    let file = try Safetensors(contentsOf: item.url())
    try withTemporaryDirectory { folder in
      let fine = folder.appendingPathComponent("f.npy")
      let coarse = folder.appendingPathComponent("c.npy")
      for (names, flags) in [(["phi_f", "phi_c"], ["--potentials"]), (["tau", "rho"], [])] {
        for batch in [[], [2]] {
          for (name, side, url) in [(names[0], 8, fine), (names[1], 4, coarse)] {
            let one = try file.array(named: name).doubles()
            let values = batch.isEmpty ? one : one + one
            try NPY.write(StoredArray(values, shape: batch + [side, side]), to: url)
          }
          let outcome = try solve(
            ["--fine", fine.path, "--coarse", coarse.path, "--weights", "2,1"] + flags)
          #expect(outcome.code == 0 && outcome.reports.count == batch.first ?? 1)
          let expected = try file.array(named: "mu").doubles()
          let found = try #require(outcome.arrays["mu"]).doubles()
          #expect(maximumAbsoluteDifference(found.suffix(64), expected) < 1e-12)
        }
      }
      try NPY.write(StoredArray([Double](repeating: 1, count: 64), shape: [8, 8]), to: fine)
      try NPY.write(StoredArray([Double](repeating: 1, count: 9), shape: [3, 3]), to: coarse)
      #expect(
        throws: SolveError.invalid(
          path: "\(fine.path) and \(coarse.path)",
          .notDivisible(fine: [8, 8], coarse: [3, 3]))
      ) { try solve(["--fine", fine.path, "--coarse", coarse.path]) }
    }
  }

  @Test func `a batch may share one multiplier`() throws {
    let shared = [0.5, -0.25]
    let maps: [String: StoredArray] = [
      "phi_f": StoredArray([1.0, 2, 0, 3, 0, 1], shape: [2, 3]),
      "phi_c": StoredArray([0.0, 1, 2, 0], shape: [2, 2]),
      "labels": StoredArray([0, 1, 1] as [Int64], shape: [3]),
    ]
    func outcome(_ witness: StoredArray) throws -> SolveOutcome {
      let arrays = maps.merging(["lambda_in": witness]) { $1 }
      return try PairInstance(InstanceFile(path: "maps", arrays: arrays)).solve(method: .automatic)
    }
    let one = try outcome(StoredArray(shared, shape: [2]))
    #expect(one.arrays == (try outcome(StoredArray(shared + shared, shape: [2, 2])).arrays))
    #expect(try #require(one.arrays["kl_pq"]).doubles().count == 2)
    #expect(
      throws: SolveError.shape(path: "maps", array: "lambda_in", expected: "[2, 2]", actual: [3])
    ) { try outcome(StoredArray([0.0, 0, 0], shape: [3])) }
  }

  @Test func `instances that lack something say what`() throws {
    let maps: [String: StoredArray] = [
      "tau": StoredArray([0.25, 0.75, 1], shape: [3]), "rho": StoredArray([0.5, 0.5], shape: [2]),
      "labels": StoredArray([0, 1, 1] as [Int64], shape: [3]),
    ]
    func expect(
      _ error: (String) -> SolveError, _ arrays: [String: StoredArray?],
      sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
      try withTemporaryDirectory { folder in
        let input = folder.appendingPathComponent("in.safetensors")
        let changed = maps.merging(arrays.compactMapValues { $0 }) { $1 }
          .filter { arrays[$0.key] != .some(nil) }
        try Safetensors(arrays: changed).write(to: input)
        #expect(throws: error(input.path), sourceLocation: sourceLocation) {
          try solve([input.path])
        }
      }
    }
    try expect({ .missing(path: $0, arrays: "phi_f, phi_c and no tau, rho") }, ["tau": nil])
    try expect(
      { .missing(path: $0, arrays: "labels and no A_indptr, A_indices, A_values") },
      ["labels": nil])
    try expect(
      { .shape(path: $0, array: "weights", expected: "[2]", actual: [3]) },
      ["weights": StoredArray([1.0, 1, 1], shape: [3])])
    try expect(
      { .shape(path: $0, array: "rho", expected: "[cells], like tau", actual: [1, 2]) },
      ["rho": StoredArray([0.5, 0.5], shape: [1, 2])])
    try expect(
      { .shape(path: $0, array: "tau", expected: "[cells] or [batch, cells]", actual: []) },
      ["tau": StoredArray([1.0], shape: [])])
    try expect(
      { .shape(path: $0, array: "the fine map", expected: "[2] cells", actual: [3]) },
      ["labels": StoredArray([0, 1] as [Int64], shape: [2])])
    try expect(
      {
        .unusable(
          path: $0, array: "labels",
          reason: "element 1 is 0.5, which is not exact as Int; read it as another type")
      }, ["labels": StoredArray([0, 0.5, 1], shape: [3])])
    try expect(
      { .shape(path: $0, array: "nu_bar", expected: "[2]", actual: [1]) },
      [
        "mu_bar": StoredArray([0.0, 0, 0], shape: [3]), "nu_bar": StoredArray([0.0], shape: [1]),
      ])
  }

  @Test(arguments: [
    [], ["a", "--fine", "b"], ["--fine", "b"], ["a", "--potentials"], ["a", "--weights", "1,2"],
    ["--fine", "a", "--coarse", "b", "--weights", "1"], ["a", "--output", "a"], ["--bogus"],
  ]) func `wrong usage is one line and exit code 2`(arguments: [String]) throws {
    let error = #expect(throws: (any Error).self) { try run(arguments) }
    let exit = Exit(try #require(error))
    #expect(exit.code == 2 && !exit.isAnswer)
    #expect(exit.message?.contains("\n") == false)
  }
}
