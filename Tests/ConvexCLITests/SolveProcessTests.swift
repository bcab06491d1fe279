import Foundation
import TestSupport
import Testing

/// `convex solve` as a shell sees it.
@Suite struct SolveProcessTests {
  private func convex(_ arguments: [String]) throws -> ConvexProcess.Finished {
    try ConvexProcess.run(["solve"] + arguments)
  }

  private func path(_ name: String) throws -> String {
    try #require(SolveCase.all.first { $0.name == name }).url().path
  }

  @Test func `a solved instance in a pipe is silent, and code 0`() throws {
    try withTemporaryDirectory { folder in
      let output = folder.appendingPathComponent("out.safetensors").path
      let finished = try convex([path("part_4x4_2x2_mild"), "--output", output])
      #expect(finished.code == 0 && finished.output.isEmpty && finished.errors.isEmpty)
      #expect(FileManager.default.fileExists(atPath: output))
    }
  }

  @Test func `JSON goes to standard output alone`() throws {
    let finished = try convex([path("tent3_8x8_4x4_mild"), "--json"])
    #expect(finished.code == 0 && finished.errors.isEmpty)
    let json = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
    let instances = try #require((json as? [String: [[String: Any]]])?["instances"])
    #expect(instances.count == 1 && instances[0]["method"] as? String == "newton")
  }

  @Test func `an infeasible instance is one line on standard error, and code 1`() throws {
    let finished = try convex([path("infeasible_disjoint_8x8_4x4")])
    #expect(finished.code == 1 && finished.output.isEmpty)
    #expect(finished.errors.split(separator: "\n").count == 1)
    #expect(finished.errors.contains("infeasible"))
  }

  @Test func `bad input is one line on standard error, code 2, and no output file`() throws {
    try withTemporaryDirectory { folder in
      let input = folder.appendingPathComponent("in.safetensors")
      let output = folder.appendingPathComponent("out.safetensors").path
      try Data("not an instance".utf8).write(to: input)
      let finished = try convex([input.path, "--output", output])
      #expect(finished.code == 2 && finished.output.isEmpty)
      #expect(finished.errors.split(separator: "\n").count == 1)
      #expect(finished.errors.contains(input.path))
      #expect(!FileManager.default.fileExists(atPath: output))
    }
  }

  @Test func `help teaches on standard output, and is code 0`() throws {
    let finished = try convex(["--help"])
    #expect(finished.code == 0 && finished.errors.isEmpty)
    #expect(finished.output.contains("phi_f [m], phi_c [n]"))
    #expect(finished.output.contains("A_indptr, A_indices, A_values"))
    #expect(finished.output.contains("[{\"type\": \"zero\", \"dim\": 1}"))
  }

  @Test func `a cone program's iterations go to standard error when asked for`() throws {
    let path = try ConeFile.named("qp_ineq_n10").url.path
    let quiet = try convex([path])
    #expect(quiet.code == 0 && quiet.output.isEmpty && quiet.errors.isEmpty)
    let finished = try convex([path, "--verbose", "--json"])
    #expect(finished.code == 0)
    let json = try JSONSerialization.jsonObject(with: Data(finished.output.utf8))
    let instances = try #require((json as? [String: [[String: Any]]])?["instances"])
    let iterations = try #require(instances[0]["iterations"] as? Int)
    // A header, every iteration and the point before the first, and the summary.
    let lines = finished.errors.split(separator: "\n")
    #expect(lines.count == iterations + 3)
    #expect(lines[0].contains("dual objective") && lines[iterations + 2].hasPrefix("solved"))
  }

  @Test func `an unbounded cone program is one line on standard error, and code 1`() throws {
    let finished = try convex([ConeFile.named("lp_unbounded_small").url.path])
    #expect(finished.code == 1 && finished.output.isEmpty)
    #expect(finished.errors.split(separator: "\n").count == 1)
    #expect(finished.errors.contains("unbounded"))
  }
}
