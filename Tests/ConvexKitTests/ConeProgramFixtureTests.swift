import ConvexKit
import TestSupport
import Testing

/// Every cone program of the reference data, by each method, judged from the raw data.
@Suite struct ConeProgramFixtureTests {
  @Test(arguments: try ConeCase.all(), [ConeSettings.Method.interiorPoint, .automatic])
  func `reference programs end with the right status and a proof of it`(
    _ test: ConeCase, _ method: ConeSettings.Method
  ) throws {
    let solution = test.program.solve(ConeSettings(method: method))
    #expect(test.accept.contains(solution.status), "\(solution.status)")
    switch solution.status {
    case .solved: expectOptimal(solution, test)
    default: try expectProof(solution, test)
    }
  }

  private func expectOptimal(_ solution: ConeSolution, _ test: ConeCase) {
    let tolerance = max(1e-7, test.rtol)
    #expect(relativeDifference(solution.objective, test.optimum) <= tolerance)
    #expect(relativeDifference(solution.dualObjective, test.optimum) <= tolerance)
    let (x, s, z) = (solution.primal, solution.slack, solution.dual)
    let audit = ConeAudit(test.program)
    #expect(audit.primalResidual(x, s) <= 1e-8)
    #expect(audit.dualResidual(x, z) <= 1e-8)
    #expect(relativeDifference(audit.objective(x), solution.objective) <= 1e-12)
    #expect(relativeDifference(audit.dualObjective(x, z), solution.dualObjective) <= 1e-12)
    #expect(audit.isMember(s, tolerance: 1e-8))
    #expect(audit.isDualMember(z, tolerance: 1e-8))
    #expect(
      solution.residuals == ConeResiduals(test.program, primal: x, slack: s, dual: z))
    let accuracy = test.isStrictlyComplementary ? 1e-5 : 1e-4
    for index in test.x.indices where test.xUnique.contains(index) {
      let difference = relativeDifference(x[index], test.x[index])
      #expect(difference <= accuracy, "x_\(index) is \(x[index]), not \(test.x[index])")
    }
  }

  private func expectProof(_ solution: ConeSolution, _ test: ConeCase) throws {
    let certificate = try #require(solution.certificate)
    #expect(certificate.violation(for: test.program) <= 1e-7)
    let audit = ConeAudit(test.program)
    switch certificate {
    case .primalInfeasible(let z):
      #expect(solution.status == .primalInfeasible)
      #expect(audit.provesInfeasible(z, tolerance: 1e-7))
    case .dualInfeasible(let x, let s):
      #expect(solution.status == .dualInfeasible)
      #expect(audit.provesUnbounded(x, s, tolerance: 1e-7))
    }
  }
}
