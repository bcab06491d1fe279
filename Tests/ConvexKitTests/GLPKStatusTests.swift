#if GLPK
  import CGLPK
  import Testing

  @testable import ConvexKit

  @Suite struct GLPKStatusTests {
    @Test func `every code of GLPK has a meaning`() {
      let stopped: [(Int32, SolveStatus)] = [
        (GLP_EBADB, .numericalTrouble), (GLP_ESING, .numericalTrouble),
        (GLP_ECOND, .numericalTrouble), (GLP_EFAIL, .numericalTrouble),
        (GLP_EOBJLL, .numericalTrouble), (GLP_EOBJUL, .numericalTrouble),
        (GLP_EITLIM, .iterationLimit), (GLP_ETMLIM, .timeLimit), (GLP_ENOPFS, .primalInfeasible),
        (GLP_ENODFS, .dualInfeasible), (GLP_EROOT, .numericalTrouble), (GLP_ESTOP, .cancelled),
        (GLP_EMIPGAP, .solved), (GLP_ENOFEAS, .numericalTrouble),
        (GLP_ENOCVG, .numericalTrouble), (GLP_EINSTAB, .numericalTrouble),
        (CGLPK_NODE_LIMIT, .nodeLimit),
      ]
      for (code, status) in stopped {
        #expect(GLPKStatus.meaning(ofCode: code) == .stopped(status))
      }
      #expect(GLPKStatus.meaning(ofCode: 0) == .finished)
      for code in [GLP_EBOUND, GLP_EDATA, GLP_ERANGE, 0x14, -1] {
        guard case .refused = GLPKStatus.meaning(ofCode: code) else {
          Issue.record("code \(code)")
          continue
        }
      }
      // 1 to 0x13 are all there are.
      let named = stopped.map(\.0) + [GLP_EBOUND, GLP_EDATA, GLP_ERANGE]
      #expect(Set(named.filter { $0 < 0x100 }) == Set(1...0x13))
    }

    @Test func `every indicator of a solution has a meaning`() {
      let indicators = [GLP_UNDEF, GLP_FEAS, GLP_INFEAS, GLP_NOFEAS, GLP_OPT, GLP_UNBND]
      let trouble = SolveStatus.numericalTrouble
      #expect(
        indicators.map { GLPKStatus.basic($0, dual: GLP_UNDEF) }
          == [trouble, trouble, trouble, .primalInfeasible, .solved, .dualInfeasible])
      #expect(
        indicators.map { GLPKStatus.basic($0, dual: GLP_NOFEAS) }
          == [
            .dualInfeasible, trouble, .dualInfeasible, .primalInfeasible, .solved, .dualInfeasible,
          ])
      #expect(
        indicators.map(GLPKStatus.interior)
          == [trouble, trouble, trouble, trouble, .solved, trouble])
      #expect(
        indicators.map(GLPKStatus.integer)
          == [trouble, trouble, trouble, .primalInfeasible, .solved, trouble])
    }
  }
#endif
