#if GLPK
  import CGLPK

  /// What GLPK's codes mean, all of them, here and nowhere else.
  ///
  /// A function of GLPK returns a code; where that is 0 the solution has an indicator.
  enum GLPKStatus {
    /// What a code says.
    enum Meaning: Equatable {
      /// It ran to its end: the indicator says what it found.
      case finished
      /// This is why it stopped.
      case stopped(SolveStatus)
      /// The data are not a program.
      case refused(String)
    }

    /// The codes that `glp_simplex`, `glp_exact`, `glp_interior` and `glp_intopt` return.
    static func meaning(ofCode code: Int32) -> Meaning {
      switch code {
      case 0: .finished
      case GLP_EITLIM: .stopped(.iterationLimit)
      case GLP_ETMLIM: .stopped(.timeLimit)
      case GLP_ESTOP: .stopped(.cancelled)
      // The presolver's verdicts.
      case GLP_ENOPFS: .stopped(.primalInfeasible)
      case GLP_ENODFS: .stopped(.dualInfeasible)
      // The incumbent is within the gap that was asked for.
      case GLP_EMIPGAP: .stopped(.solved)
      case CGLPK_NODE_LIMIT: .stopped(.nodeLimit)
      // A basis that cannot be factored, even after a fresh start; the interior point's ends.
      case GLP_EBADB, GLP_ESING, GLP_ECOND, GLP_EFAIL, GLP_ENOCVG, GLP_EINSTAB, GLP_ENOFEAS:
        .stopped(.numericalTrouble)
      // Objective limits are not set, and the root's optimum is always there: a defect of GLPK.
      case GLP_EOBJLL, GLP_EOBJUL, GLP_EROOT: .stopped(.numericalTrouble)
      case GLP_EBOUND: .refused("bounds that contradict each other (GLP_EBOUND)")
      case GLP_EDATA: .refused("invalid data (GLP_EDATA)")
      case GLP_ERANGE: .refused("a result out of range (GLP_ERANGE)")
      default: .refused("unknown code \(code)")
      }
    }

    /// The indicators of `glp_get_status`, with the dual one of `glp_get_dual_stat`.
    static func basic(_ indicator: Int32, dual: Int32) -> SolveStatus {
      switch indicator {
      case GLP_OPT: .solved
      case GLP_NOFEAS: .primalInfeasible
      case GLP_UNBND: .dualInfeasible
      // No primal feasible point was looked for: there is no dual one.
      case GLP_INFEAS, GLP_UNDEF: dual == GLP_NOFEAS ? .dualInfeasible : .numericalTrouble
      default: .numericalTrouble  // GLP_FEAS without an optimum.
      }
    }

    /// The indicators of `glp_ipt_status`. Where nothing is feasible, which of the two programs it
    /// is comes from the simplex method.
    static func interior(_ indicator: Int32) -> SolveStatus {
      indicator == GLP_OPT ? .solved : .numericalTrouble
    }

    /// The indicators of `glp_mip_status` after a search that ran to its end.
    static func integer(_ indicator: Int32) -> SolveStatus {
      switch indicator {
      case GLP_OPT: .solved
      case GLP_NOFEAS: .primalInfeasible
      default: .numericalTrouble  // GLP_UNDEF, GLP_FEAS: the tree ended without a proof.
      }
    }
  }
#endif
