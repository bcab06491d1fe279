#if GLPK
  extension ConeProgram {
    /// The program as a ``LinearProgram``: nil where it is not linear, or bounds on one variable
    /// exclude each other.
    ///
    /// Rows with one entry are bounds on variables there.
    var linearProgram: LinearProgram? {
      guard let form = LinearForm(self), form.contradiction == nil else { return nil }
      return linearProgram(form)
    }

    private func linearProgram(_ form: LinearForm) -> LinearProgram {
      LinearProgram(checked: .minimize, linear, 0, form.matrix, form.rowBounds, form.bounds)
    }

    /// Solves a program that is linear by GLPK's simplex method.
    ///
    /// - Parameter settings: Its time limit, cancellation and tolerances. The iteration limit is
    ///   one of the interior point, whose iterations are other ones.
    /// - Returns: nil where the program is not linear, or GLPK's answer is not within the
    ///   tolerances: then the interior point has to solve it.
    func solveBySimplex(settings: ConeSettings) -> ConeSolution? {
      let clock = ContinuousClock()
      let start = clock.now
      guard let form = LinearForm(self) else { return nil }
      var solution: ConeSolution?
      if let z = form.contradiction {
        let origin = Vector<Double>(repeating: 0, count: variableCount)
        solution = self.solution(.primalInfeasible, origin, Vector(repeating: 0, count: rowCount))
        solution?.certificate = normalized(.primalInfeasible(dual: z))
      } else {
        solution = solveBySimplex(form, settings)
      }
      solution?.seconds = (clock.now - start) / .seconds(1)
      return solution
    }

    private func solveBySimplex(_ form: LinearForm, _ settings: ConeSettings) -> ConeSolution? {
      let program = linearProgram(form)
      // GLPK's tolerances are for its own scaling: a digit more than asked for.
      var simplex = LinearProgramSettings(
        method: form.method, timeLimit: settings.timeLimit,
        tolerance: settings.tolerances.feasibility,
        isCancelled: settings.isCancelled)
      guard let found = try? program.vertex(simplex, wantsBasis: false) else { return nil }
      let z = form.dual(found.rowDuals) { found.reducedCosts[$0] }
      var solution = solution(found.status, found.primal, z)
      solution.iterations = found.iterations
      switch found.status {
      case .solved:
        let residuals = solution.residuals
        let tolerances = settings.tolerances
        let isSolved =
          max(residuals.relativePrimal, residuals.relativeDual) <= tolerances.feasibility
          && min(residuals.gap, residuals.relativeGap) <= tolerances.gap
        return isSolved ? solution : nil
      case .primalInfeasible, .dualInfeasible:
        solution.certificate = found.proof.flatMap { certificate($0, form) }
        if solution.certificate == nil {
          simplex.tolerance = LinearProgramSettings().tolerance
          let searched = try? program.search(found.status, simplex)
          solution.certificate = searched.flatMap { certificate($0, form) }
        }
        // As after the interior point: the proof stands where the solution would.
        switch solution.certificate {
        case .primalInfeasible(let dual)?: solution.dual = dual
        case .dualInfeasible(let primal, let slack)?:
          (solution.primal, solution.slack) = (primal, slack)
        case nil: return nil
        }
        return solution
      case .timeLimit, .cancelled: return solution
      default: return nil
      }
    }

    /// A linear program's certificate as one of this program, where it is one to 1e-9.
    private func certificate(
      _ certificate: LinearProgramCertificate, _ form: LinearForm
    ) -> ConeCertificate? {
      switch certificate {
      case .infeasible(let y):
        return normalized(.primalInfeasible(dual: form.certificate(y)))
      case .unbounded(let ray):
        return normalized(.dualInfeasible(primal: ray, slack: slack(of: ray, offset: 0)))
      }
    }

    /// The certificate scaled to bᵀz = −1 or qᵀx = −1; nil if it is not within 1e-9.
    private func normalized(_ certificate: ConeCertificate) -> ConeCertificate? {
      guard certificate.violation(for: self) <= 1e-9 else { return nil }
      switch certificate {
      case .primalInfeasible(let z):
        let product = zip(rightHandSide, z).reduce(0) { $1.1 == 0 ? $0 : $0 + $1.0 * $1.1 }
        return .primalInfeasible(dual: (1 / -product) * z)
      case .dualInfeasible(let x, let s):
        let scale = 1 / -linear.dot(x)
        return .dualInfeasible(primal: scale * x, slack: scale * s)
      }
    }

    /// s = offset · b − A x, moved into the cones: what is outside is rounding, and the residuals
    /// show it. +∞ where b is, but for a direction.
    private func slack(of x: Vector<Double>, offset: Double) -> Vector<Double> {
      var s = constraints * x
      for (cone, rows) in blocks {
        if case .zero = cone {
          for row in rows { s[row] = 0 }
        } else if offset == 0 {
          for row in rows { s[row] = max(0, -s[row]) }
        } else {
          for row in rows { s[row] = max(0, rightHandSide[row] - s[row]) }
        }
      }
      return s
    }

    private func solution(
      _ status: SolveStatus, _ x: Vector<Double>, _ z: Vector<Double>
    ) -> ConeSolution {
      let s = slack(of: x, offset: 1)
      let bz = zip(rightHandSide, z).reduce(0) { $1.1 == 0 ? $0 : $0 + $1.0 * $1.1 }
      return ConeSolution(
        status: status, primal: x, slack: s, dual: z, objective: linear.dot(x),
        dualObjective: -bz, residuals: ConeResiduals(self, primal: x, slack: s, dual: z),
        certificate: nil, iterations: 0, seconds: 0, method: .simplex)
    }
  }
#endif
