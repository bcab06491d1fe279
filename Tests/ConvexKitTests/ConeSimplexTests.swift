#if GLPK
  import TestSupport
  import Testing

  @testable import ConvexKit

  /// Cone programs that are linear, by GLPK.
  @Suite struct ConeSimplexTests {
    @Test(arguments: try ConeCase.all(tagged: "lp"))
    func `reference programs are solved, with multipliers or a certificate`(_ test: ConeCase) throws
    {
      let solution = try #require(test.program.solveBySimplex(settings: ConeSettings()))
      #expect(test.accept.contains(solution.status), "\(solution.status)")
      #expect(solution.method == .simplex)
      switch solution.status {
      case .solved: expectOptimal(solution, test)
      default:
        let certificate = try #require(solution.certificate)
        #expect(certificate.violation(for: test.program) <= 1e-9)
        expectNormalized(certificate, test.program)
      }
    }

    private func expectOptimal(_ solution: ConeSolution, _ test: ConeCase) {
      let program = test.program
      #expect(relativeDifference(solution.objective, test.optimum) <= max(1e-9, test.rtol))
      #expect(relativeDifference(solution.dualObjective, test.optimum) <= max(1e-9, test.rtol))
      // Residuals and signs recomputed from the data.
      let residuals = ConeResiduals(
        program, primal: solution.primal, slack: solution.slack, dual: solution.dual)
      #expect(residuals == solution.residuals)
      #expect(residuals.largest <= 1e-9)
      #expect(program.violation(slack: solution.slack) == 0)
      #expect(program.violation(dual: solution.dual) <= 1e-12)
      for (found, expected, unique) in [
        (solution.primal, test.x, test.xUnique), (solution.slack, test.s, test.sUnique),
        (solution.dual, test.z, test.zUnique),
      ] {
        let scale = 1 + expected.reduce(0) { max($0, abs($1)) }
        for index in expected.indices where unique.contains(index) && expected[index].isFinite {
          #expect(abs(found[index] - expected[index]) <= 1e-7 * scale, "element \(index)")
        }
      }
    }

    private func expectNormalized(_ certificate: ConeCertificate, _ program: ConeProgram) {
      switch certificate {
      case .primalInfeasible(let z):
        #expect(abs(program.rightHandSide.dot(z) + 1) < 1e-9)
      case .dualInfeasible(let x, _):
        #expect(abs(program.linear.dot(x) + 1) < 1e-9)
      }
    }

    @Test(arguments: try ConeCase.all().filter { !$0.has("lp") && !$0.name.hasPrefix("mid_lp") })
    func `programs that are not linear are left to the interior point`(_ test: ConeCase) {
      #expect(test.program.solveBySimplex(settings: ConeSettings()) == nil)
      #expect(test.program.linearProgram == nil)
    }
  }
#endif
