#if GLPK
  import CGLPK

  /// The arrays that C fills, and what it says beside them.
  struct LinearProgramAnswer {
    private(set) var answer = cglpk_answer()
    private(set) var primal: [Double]
    private(set) var rowDuals: [Double]
    private(set) var reducedCosts: [Double]
    private var proofs: [Double]
    private var places: [UInt8]

    init(rows: Int, columns: Int, _ wantsBasis: Bool) {
      primal = Array(repeating: 0, count: columns)
      rowDuals = Array(repeating: 0, count: rows)
      reducedCosts = Array(repeating: 0, count: columns)
      proofs = Array(repeating: 0, count: max(rows, columns))
      places = Array(repeating: 0, count: wantsBasis ? rows + columns : 0)
    }

    /// The answer as C has it, for the time of a call.
    mutating func withC<Result>(_ body: (inout cglpk_answer) -> Result) -> Result {
      var answer = answer
      defer { self.answer = answer }
      return primal.withUnsafeMutableBufferPointer { primal in
        rowDuals.withUnsafeMutableBufferPointer { rowDuals in
          reducedCosts.withUnsafeMutableBufferPointer { reducedCosts in
            proofs.withUnsafeMutableBufferPointer { proofs in
              places.withUnsafeMutableBufferPointer { places in
                answer.primal = primal.baseAddress
                answer.row_duals = rowDuals.baseAddress
                answer.reduced_costs = reducedCosts.baseAddress
                answer.proof = proofs.baseAddress
                answer.basis = places.isEmpty ? nil : places.baseAddress
                return body(&answer)
              }
            }
          }
        }
      }
    }

    /// Why GLPK stopped.
    func status(_ method: LinearProgramSettings.Method) throws(LinearProgramError) -> SolveStatus {
      switch GLPKStatus.meaning(ofCode: answer.code) {
      case .stopped(let status): return status
      case .refused(let message): throw .refused(message: message)
      case .finished: break
      }
      // The interior point's answer has no dual indicator: the simplex method has not run.
      if method == .interiorPoint && answer.dual_status == GLP_UNDEF {
        return GLPKStatus.interior(answer.status)
      }
      return GLPKStatus.basic(answer.status, dual: answer.dual_status)
    }

    /// The last basis, where there is one.
    var basis: LinearProgramBasis? {
      let all = places.compactMap(LinearProgramBasis.Place.init)
      guard !all.isEmpty, all.count == places.count else { return nil }
      return LinearProgramBasis(
        rows: Array(all[..<rowDuals.count]), variables: Array(all[rowDuals.count...]))
    }

    /// What the last basis proves, to be checked.
    var proof: LinearProgramCertificate? {
      switch answer.proof_kind {
      case CGLPK_MULTIPLIERS: .infeasible(rowMultipliers: Vector(proofs[..<rowDuals.count]))
      case CGLPK_RAY: .unbounded(ray: Vector(proofs[..<primal.count]))
      default: nil
      }
    }
  }
#endif
