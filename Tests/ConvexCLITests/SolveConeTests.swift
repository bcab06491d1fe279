import ArgumentParser
import ArrayFiles
import ConvexKit
import Foundation
import TestSupport
import Testing

@testable import ConvexCLI

/// `convex solve` for cone programs.
@Suite struct SolveConeTests {
  private func outcome(_ arguments: [String]) throws -> ConeOutcome {
    let command = try Convex.parseAsRoot(["solve"] + arguments)
    let solve = try #require(command as? Solve)
    return try #require(solve.outcome() as? ConeOutcome)
  }

  /// The result file of a run, whose exit code is given.
  private func result(_ arguments: [String], code: Int32) throws -> Safetensors {
    try withTemporaryDirectory { folder in
      let output = folder.appendingPathComponent("out.safetensors")
      var command = try Convex.parseAsRoot(["solve"] + arguments + ["--output", output.path])
      if code == 0 {
        try command.run()
      } else {
        #expect(throws: ExitCode(code)) { try command.run() }
      }
      return try Safetensors(contentsOf: output)
    }
  }

  @Test(arguments: ConeFile.all)
  func `every reference program ends with its status, exit code and arrays`(
    _ item: ConeFile
  ) throws {
    let outcome = try outcome([item.url.path])
    let statuses = ["optimal": "solved"]
    let accepted = (item.accept ?? [item.status]).map { statuses[$0] ?? $0 }
    let json = try JSONSerialization.jsonObject(with: Data(outcome.json().utf8))
    let instances = try #require((json as? [String: [[String: Any]]])?["instances"])
    let report = try #require(instances.first)
    #expect(instances.count == 1)
    #expect(accepted.contains(try #require(report["status"] as? String)))
    #expect(outcome.metadata["status"] == report["status"] as? String)
    #expect(["interior_point", "simplex"].contains(report["method"] as? String))
    #expect(report["iterations"] is Int && report["seconds"] is Double)
    if item.status == "optimal" {
      #expect(outcome.code == 0 && outcome.complaint(path: "F") == nil)
      let (optimum, tolerance) = (try #require(item.optimum), max(1e-7, item.rtol ?? 0))
      for key in ["objective", "dual_objective"] {
        let value = try #require(report[key] as? Double)
        #expect(relativeDifference(value, optimum) <= tolerance)
      }
      for key in ["gap", "relative_gap", "primal_residual", "dual_residual"] {
        #expect(try #require(report[key] as? Double) >= 0)
      }
      #expect(report["certificate_violation"] == nil)
      #expect(outcome.arrays.keys.sorted() == ["s", "x", "z"])
      let x = try #require(outcome.arrays["x"])
      #expect(try x.shape == Safetensors(contentsOf: item.url).array(named: "q").shape)
    } else {
      #expect(outcome.code == 1)
      #expect(report["objective"] is NSNull && report["primal_residual"] is NSNull)
      #expect(try #require(report["certificate_violation"] as? Double) <= 1e-7)
      let isInfeasible = report["status"] as? String == "primal_infeasible"
      #expect(
        outcome.arrays.keys.sorted()
          == (isInfeasible ? ["certificate_z"] : ["certificate_s", "certificate_x"]))
      let complaint = try #require(outcome.complaint(path: "F"))
      #expect(complaint.hasPrefix(isInfeasible ? "F: infeasible: " : "F: unbounded: "))
      #expect(!complaint.contains("\n"))
    }
  }

  @Test func `the solution and the certificate are written with their status`() throws {
    let solved = try result([ConeFile.named("lp_beale").url.path], code: 0)
    let reference = try Safetensors(contentsOf: ConeFile.named("lp_beale").url)
    #expect(solved.metadata == ["status": "solved"])
    for name in ["x", "s", "z"] {
      let (found, expected) = (try solved.array(named: name), try reference.array(named: name))
      #expect(found.shape == expected.shape)
      #expect(maximumAbsoluteDifference(try found.doubles(), try expected.doubles()) <= 1e-8)
    }
    let infeasible = try ConeFile.named("socp_infeasible").url
    let proof = try result([infeasible.path], code: 1)
    #expect(proof.metadata == ["status": "primal_infeasible"])
    let (z, b) = (
      try proof.array(named: "certificate_z").doubles(),
      try Safetensors(contentsOf: infeasible).array(named: "b").doubles()
    )
    #expect(abs(zip(b, z).reduce(1) { $0 + $1.0 * $1.1 }) <= 1e-9)
  }

  // MARK: The format

  /// The example of the help: minimize x + 2y over x + y = 1, x, y ≥ 0.
  private static let example: [String: StoredArray] = [
    "q": StoredArray([1.0, 2], shape: [2]), "b": StoredArray([1.0, 0, 0], shape: [3]),
    "A_indptr": StoredArray([0, 2, 4] as [Int64], shape: [3]),
    "A_indices": StoredArray([0, 1, 0, 2] as [Int64], shape: [4]),
    "A_values": StoredArray([1.0, -1, 1, -1], shape: [4]),
  ]
  private static let cones = #"[{"type": "zero", "dim": 1}, {"type": "nonneg", "dim": 2}]"#

  /// The program of the example with some arrays replaced (nil removes one) and other cones.
  private func instance(
    _ changes: [String: StoredArray?] = [:], cones: String? = SolveConeTests.cones
  ) throws -> ConeInstance {
    var arrays = Self.example
    for (name, array) in changes { arrays[name] = array }
    let file = InstanceFile(
      path: "F", arrays: arrays, metadata: cones.map { ["cones": $0] } ?? [:])
    #expect(ConeInstance.describes(file))
    return try ConeInstance(file)
  }

  private func text(_ body: () throws -> ConeInstance) throws -> String {
    let error = #expect(throws: SolveError.self) { try body() }
    let exit = Exit(try #require(error))
    #expect(exit.code == 2)
    let message = try #require(exit.message)
    #expect(message.hasPrefix("convex: F: ") && !message.contains("\n"))
    return message
  }

  @Test func `the example of the help has the solution it names`() throws {
    let help = Solve.helpMessage()
    #expect(help.contains("certificate_z") && help.contains("save_file("))
    let solution = try instance().program.solve()
    #expect(solution.status == .solved)
    #expect(maximumAbsoluteDifference(solution.primal, [1, 0]) <= 1e-9)
  }

  @Test func `a quadratic term is the upper triangle by columns`() throws {
    let program = try instance([
      "P_indptr": StoredArray([0, 1, 3] as [Int64], shape: [3]),
      "P_indices": StoredArray([0, 0, 1] as [Int64], shape: [3]),
      "P_values": StoredArray([2.0, -1, 2], shape: [3]),
    ]).program
    #expect(program.objective([1, 1]) == 4)
    #expect(program.objective([1, 0]) == 2)
  }

  @Test func `counts, dimensions that go without saying and every type are read`() throws {
    let text = """
      [{"type": "exp", "count": 2}, {"type": "pow", "dim": 3, "alpha": 0.25}, {"type": "soc",
      "dim": 2, "count": 2}, {"type": "zero", "dim": 1}, {"type": "nonneg", "dim": 1}]
      """
    #expect(
      try ConeList(text, rows: 15, path: "F").cones == [
        .exponential, .exponential, .power(alpha: 0.25), .secondOrder(2), .secondOrder(2),
        .zero(1), .nonnegative(1),
      ])
  }

  @Test(arguments: [
    (nil, "cones: the file's metadata has no list 'cones'"),
    ("{}", "is no JSON list"),
    (#"[{"type": "zero"}, {"type": "nonneg", "dim": 2}]"#, "entry 0 has dim 0 and count 1"),
    (#"[{"type": "cube", "dim": 3}]"#, "there are zero, nonneg, soc, exp, pow"),
    (#"[{"type": "exp", "dim": 4}]"#, "entry 0 has dim 4; a cone of type 'exp' has dim 3"),
    (#"[{"type": "pow", "dim": 3}]"#, "has no alpha"),
    (#"[{"type": "pow", "dim": 3, "alpha": 1.5}]"#, "exponent 1.5; it must be above 0"),
    (#"[{"type": "zero", "dim": 1, "count": -2}]"#, "dim 1 and count -2"),
    (#"[{"type": "soc", "dim": 4611686018427387904, "count": 4}]"#, "passes the last row"),
    (#"[{"type": "zero", "dim": 1}, {"type": "nonneg", "dim": 3}]"#, "entry 1 passes the last"),
    (#"[{"type": "zero", "dim": 2}]"#, "take 2 rows, b has 3; every row needs exactly one cone"),
  ])
  func `cones that are none are refused with the entry`(_ cones: String?, _ part: String) throws {
    let message = try text { try instance(cones: cones) }
    #expect(message.contains(part), "\(message)")
  }

  /// An array, what it is replaced by, and what the complaint says.
  private static let faults: [(String, StoredArray?, String)] = [
    ("q", nil, "has no q; 'convex solve --help' lists the arrays"),
    ("A_values", nil, "has no A_values"),
    ("b", StoredArray([1.0, 0, 0], shape: [1, 3]), "b has shape [1, 3], expected [m]"),
    ("q", StoredArray([1, Double.nan], shape: [2]), "element 1 of q is nan"),
    ("b", StoredArray([Double.infinity, 0, 0], shape: [3]), "element 0 of b is inf"),
    (
      "A_indptr", StoredArray([0, 2] as [Int64], shape: [2]),
      "A_indptr: has shape [2], expected [3]: one more than there are variables"
    ),
    (
      "A_indptr", StoredArray([0, 3, 2] as [Int64], shape: [3]), "A_indptr: column 2 starts before"
    ),
    (
      "A_indptr", StoredArray([0, 2, 3] as [Int64], shape: [3]),
      "A_values: has shape [4], but indptr ends at 3"
    ),
    (
      "A_indices", StoredArray([0, 1, 0] as [Int64], shape: [3]),
      "A_indices: has shape [3], expected [4]"
    ),
    (
      "A_indices", StoredArray([0, 1, 0, 3] as [Int64], shape: [4]),
      "A_indices: column 1 has an entry in row 3; rows are 0..<3"
    ),
    (
      "A_indices", StoredArray([1, 0, 0, 2] as [Int64], shape: [4]),
      "A_indices: column 0 has row 0 twice or out of order"
    ),
    (
      "A_values", StoredArray([1.0, -1, 1, .infinity], shape: [4]),
      "A_values: element 3 is NaN or infinite"
    ),
    ("P_values", StoredArray([1.0], shape: [1]), "has no P_indptr"),
  ]

  @Test(arguments: faults)
  func `arrays at fault are named with what they should be`(
    _ name: String, _ array: StoredArray?, _ part: String
  ) throws {
    let message = try text { try instance([name: array]) }
    #expect(message.contains(part), "\(message)")
  }

  @Test func `a quadratic term that is no triangle, or not convex, is refused`() throws {
    func message(_ indices: [Int64], _ values: [Double]) throws -> String {
      try text {
        try instance([
          "P_indptr": StoredArray([0, 1, 2] as [Int64], shape: [3]),
          "P_indices": StoredArray(indices, shape: [2]),
          "P_values": StoredArray(values, shape: [2]),
        ])
      }
    }
    let below = try message([1, 1], [1, 1])
    #expect(below.contains("P_indices: entry (1, 0) lies below the diagonal"))
    let concave = try message([0, 1], [1, -1])
    #expect(concave.contains("P is not positive semidefinite"))
  }

  @Test func `options of Eq. 4 are refused for a cone program, and the other way round`() throws {
    let cone = try ConeFile.named("lp_beale").url.path
    let pair = try #require(SolveCase.solvable.first).url().path
    for arguments in [[cone, "--newton"], [pair, "--verbose"]] {
      var command = try Convex.parseAsRoot(["solve"] + arguments)
      let error = #expect(throws: (any Error).self) { try command.run() }
      #expect(Exit(try #require(error)).code == 2)
    }
    #expect(throws: (any Error).self) {
      try Convex.parseAsRoot(["solve", "--fine", "a", "--coarse", "b", "--verbose"])
    }
  }

  @Test func `a line for people has the numbers`() throws {
    let solved = try outcome([ConeFile.named("qp_ineq_n10").url.path])
    #expect(solved.lines.count == 1)
    #expect(solved.lines[0].hasPrefix("solved  objective "))
    #expect(solved.lines[0].contains("interior point, "))
    let infeasible = try outcome([ConeFile.named("lp_infeasible_bounds").url.path])
    #expect(infeasible.lines[0].hasPrefix("primal infeasible  certificate to "))
  }
}
