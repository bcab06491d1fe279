#if GLPK
  import CGLPK

  extension MixedIntegerProgram {
    /// Solves the program by GLPK's branch and cut.
    ///
    /// Any number of threads may solve at once; see ``LinearProgram/solve(_:)``.
    ///
    /// - Parameter settings: Gaps, limits, and what is told on the way.
    /// - Returns: The incumbent, if any, and a bound.
    /// - Throws: ``LinearProgramError`` for a program too large to count, or one GLPK refuses.
    public func solve(
      _ settings: MixedIntegerSettings = MixedIntegerSettings()
    ) throws(LinearProgramError) -> MixedIntegerSolution {
      try relaxation.checkSize()
      guard let rounded = withIntegerBounds(settings.integrality) else {
        return noSolution(.primalInfeasible)
      }
      var answer = LinearProgramAnswer(
        rows: rounded.rows.rows, columns: rounded.rows.columns, false)
      var found = cglpk_found()
      var integral = [UInt8](repeating: 0, count: rounded.rows.columns)
      for variable in integers { integral[variable] = 1 }
      let refused = rounded.withC(integers: integral) { program in
        settings.withC { search in
          answer.withC { relaxation in
            found.relaxation = relaxation
            defer { relaxation = found.relaxation }
            return cglpk_search(&program, &search, &found)
          }
        }
      }
      guard refused == 0 else { throw .refused(message: found.relaxation.words.line) }
      return found.searched == 1
        ? try searched(found, answer.primal, settings)
        : try unsearched(found, answer, rounded, settings)
    }

    /// The relaxation with integral bounds on integers, as GLPK demands them; nil where no integer
    /// is within.
    private func withIntegerBounds(_ tolerance: Double) -> LinearProgram? {
      var bounds = relaxation.variableBounds
      for variable in integers {
        let lower = (bounds[variable].lower - tolerance).rounded(.up)
        let upper = (bounds[variable].upper + tolerance).rounded(.down)
        if lower > upper { return nil }
        bounds[variable] = Bounds(lower: lower, upper: upper)
      }
      return relaxation.with(variableBounds: bounds)
    }

    /// The first relaxation has no optimum, or took too long.
    private func unsearched(
      _ found: cglpk_found, _ answer: LinearProgramAnswer, _ rounded: LinearProgram,
      _ settings: MixedIntegerSettings
    ) throws(LinearProgramError) -> MixedIntegerSolution {
      let status = try answer.status(.dualSimplex)
      var certificate: LinearProgramCertificate?
      if status == .primalInfeasible || status == .dualInfeasible {
        certificate = relaxation.proven(answer.proof)
        if certificate == nil {
          let settings = LinearProgramSettings(
            timeLimit: settings.timeLimit, isCancelled: settings.isCancelled)
          certificate = relaxation.proven(try rounded.search(status, settings))
        }
      }
      return noSolution(
        status, certificate: certificate, iterations: Int(found.relaxation.iterations))
    }

    private func searched(
      _ found: cglpk_found, _ point: [Double], _ settings: MixedIntegerSettings
    ) throws(LinearProgramError) -> MixedIntegerSolution {
      var status = try MixedIntegerProgram.status(found)
      guard found.has_incumbent == 1 else {
        return noSolution(
          status, bound: status == .primalInfeasible ? nil : found.bound,
          nodes: Int(found.nodes), iterations: Int(found.relaxation.iterations))
      }
      var x = Vector(point)
      if relaxation.violation(of: x) > settings.tolerance {
        // Rounding took x out of the rows: the other variables have to follow.
        let fixed = try solveFixed(x, settings)
        if fixed.status == .solved { x = fixed.primal } else { status = .numericalTrouble }
      }
      let objective = relaxation.objective.dot(x) + relaxation.constant
      // GLPK's sums are rounded otherwise than this one: a bound does not pass what was found.
      let bound =
        relaxation.sense == .minimize ? min(found.bound, objective) : max(found.bound, objective)
      return MixedIntegerSolution(
        status: status, incumbent: x, objective: objective,
        bound: found.relaxation.code == 0 ? objective : bound,
        nodes: Int(found.nodes), iterations: Int(found.relaxation.iterations), certificate: nil)
    }

    private static func status(
      _ found: cglpk_found
    ) throws(LinearProgramError) -> SolveStatus {
      switch GLPKStatus.meaning(ofCode: found.relaxation.code) {
      case .stopped(let status): return status
      case .refused(let message): throw .refused(message: message)
      case .finished: return GLPKStatus.integer(found.relaxation.status)
      }
    }

    private func solveFixed(
      _ x: Vector<Double>, _ settings: MixedIntegerSettings
    ) throws(LinearProgramError) -> LinearProgramSolution {
      var bounds = relaxation.variableBounds
      for variable in integers { bounds[variable] = .equal(to: x[variable].rounded()) }
      return try relaxation.with(variableBounds: bounds).solve(
        LinearProgramSettings(tolerance: settings.tolerance))
    }

    private func noSolution(
      _ status: SolveStatus, certificate: LinearProgramCertificate? = nil, bound: Double? = nil,
      nodes: Int = 0, iterations: Int = 0
    ) -> MixedIntegerSolution {
      // Of an infeasible minimum +∞ is a bound; where nothing is known, −∞.
      let sign: Double = relaxation.sense == .minimize ? 1 : -1
      let trivial = sign * (status == .primalInfeasible ? .infinity : -.infinity)
      return MixedIntegerSolution(
        status: status, incumbent: nil, objective: nil, bound: bound ?? trivial, nodes: nodes,
        iterations: iterations, certificate: certificate)
    }
  }
#endif
