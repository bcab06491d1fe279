#if GLPK
  import ArgumentParser
  import ArrayFiles
  import ConvexKit
  import Foundation
  import TestSupport
  import Testing

  @testable import ConvexCLI

  /// `convex solve` for linear and integer programs in the formats of other solvers.
  @Suite struct SolveProgramFileTests {
    private static let diet = """
      Minimize
       cost: 0.6 oats + 0.35 milk
      Subject To
       energy: 110 oats + 160 milk >= 2000
       protein: 4 oats + 8 milk >= 55
      Bounds
       oats <= 4
       milk <= 20
      End

      """

    private static let knapsack = """
      Maximize
       value: 5 a + 4 b + 3 c
      Subject To
       weight: 2 a + 3 b + c <= 5
       size: 4 a + b + 2 c <= 11
      Binary
       a b c
      End

      """

    /// The outcome of a file with this text.
    private func outcome(_ text: String, _ name: String) throws -> ProgramFileOutcome {
      try withTemporaryDirectory { folder in
        let file = folder.appendingPathComponent(name)
        try text.write(to: file, atomically: true, encoding: .utf8)
        let command = try Convex.parseAsRoot(["solve", file.path]) as? Solve
        return try #require(try #require(command).outcome() as? ProgramFileOutcome)
      }
    }

    private func report(_ outcome: ProgramFileOutcome) throws -> [String: Any] {
      let json = try JSONSerialization.jsonObject(with: Data(outcome.json().utf8))
      return try #require((json as? [String: [[String: Any]]])?["instances"]?.first)
    }

    @Test func `a CPLEX LP file is solved, with duals and names`() throws {
      let outcome = try outcome(Self.diet, "diet.lp")
      #expect(outcome.code == 0 && outcome.complaint(path: "F") == nil)
      // Milk is cheaper by energy: 2000/160 = 12.5 of it.
      let report = try report(outcome)
      #expect(abs(try #require(report["objective"] as? Double) - 4.375) < 1e-9)
      #expect(try #require(outcome.arrays["x"]).doubles() == [0, 12.5])
      #expect(outcome.arrays.keys.sorted() == ["reduced_costs", "row_duals", "x"])
      #expect(outcome.metadata["variables"] == #"["oats","milk"]"#)
    }

    @Test func `an integer program ends with its gap`() throws {
      let outcome = try outcome(Self.knapsack, "knapsack.lp")
      let report = try report(outcome)
      #expect(report["method"] as? String == "branch_and_cut")
      #expect(abs(try #require(report["objective"] as? Double) - 9) < 1e-9)
      #expect(try #require(report["gap"] as? Double) < 1e-6)
      #expect(try #require(outcome.arrays["x"]).doubles() == [1, 1, 0])
    }

    @Test func `a program without a feasible point ends with its proof`() throws {
      let text = Self.diet.replacing("oats <= 4", with: "oats <= 4\n milk <= 2")
        .replacing(" milk <= 20\n", with: "")
      let outcome = try outcome(text, "diet.lp")
      #expect(outcome.code == 1)
      #expect(outcome.complaint(path: "F")?.contains("infeasible") == true)
      #expect(outcome.arrays.keys.sorted() == ["row_multipliers"])
      #expect(try #require(report(outcome)["certificate_margin"] as? Double) > 0)
    }

    @Test func `a broken file is named with its line`() throws {
      #expect {
        try outcome("Minimize\n cost: 0.6 oats +\nEnd\n", "broken.lp")
      } throws: { error in
        guard case LinearProgramError.unreadable(let path, let reason) = error else { return false }
        return path.hasSuffix("broken.lp") && reason.contains("3")
      }
    }
  }
#endif
