#if GLPK
  import CGLPK

  extension LinearProgram {
    /// Solves the program by GLPK.
    ///
    /// Any number of threads may solve at once. An error inside GLPK comes back as
    /// ``LinearProgramError/refused(message:)``; it does not end the process. The calling thread's
    /// GLPK environment is released: no GLPK object of the caller's own may be alive on it.
    ///
    /// - Parameter settings: The method, where it starts, limits and the tolerance.
    /// - Returns: The solution, or the last point with the certificate that there is none. A point
    ///   whose residuals, recomputed from the data, exceed the tolerance is `.numericalTrouble`.
    /// - Throws: ``LinearProgramError`` for a program too large to count, a basis of another size,
    ///   or a program that GLPK refuses.
    public func solve(
      _ settings: LinearProgramSettings = LinearProgramSettings()
    ) throws(LinearProgramError) -> LinearProgramSolution {
      try solution(vertex(settings), settings)
    }

    /// A vertex, measured against the program's data.
    func solution(
      _ found: Vertex, _ settings: LinearProgramSettings
    ) throws(LinearProgramError) -> LinearProgramSolution {
      let residuals = LinearProgramResiduals(
        self, primal: found.primal, rowDuals: found.rowDuals, reducedCosts: found.reducedCosts)
      var status = found.status
      var certificate: LinearProgramCertificate?
      switch status {
      case .solved where !(residuals.largest <= settings.tolerance): status = .numericalTrouble
      case .primalInfeasible, .dualInfeasible:
        certificate = proven(found.proof)
        if certificate == nil { certificate = try search(status, settings) }
      default: break
      }
      return LinearProgramSolution(
        status: status, primal: found.primal, rowDuals: found.rowDuals,
        reducedCosts: found.reducedCosts, objective: objective.dot(found.primal) + constant,
        residuals: residuals, certificate: certificate, basis: found.basis,
        iterations: found.iterations)
    }

    /// A proof, if it is one.
    func proven(_ proof: LinearProgramCertificate?) -> LinearProgramCertificate? {
      proof.flatMap { $0.margin(for: self) > 1e-9 ? $0 : nil }
    }

    /// What GLPK says, not yet measured.
    struct Vertex {
      var status: SolveStatus
      var primal: Vector<Double>
      var rowDuals: Vector<Double>
      var reducedCosts: Vector<Double>
      var basis: LinearProgramBasis?
      var proof: LinearProgramCertificate?
      var iterations: Int
    }

    func vertex(
      _ settings: LinearProgramSettings, wantsBasis: Bool = true
    ) throws(LinearProgramError) -> Vertex {
      try checkSize()
      try check(settings.basis)
      var answer = LinearProgramAnswer(rows: rows.rows, columns: rows.columns, wantsBasis)
      let refused = withC { program in
        settings.withC { settings in
          answer.withC { answer in cglpk_solve(&program, &settings, &answer) }
        }
      }
      return try vertex(refused, answer, settings.method)
    }

    func vertex(
      _ refused: Int32, _ answer: LinearProgramAnswer, _ method: LinearProgramSettings.Method
    ) throws(LinearProgramError) -> Vertex {
      guard refused == 0 else { throw .refused(message: answer.answer.words.line) }
      return Vertex(
        status: try answer.status(method), primal: Vector(answer.primal),
        rowDuals: Vector(answer.rowDuals), reducedCosts: Vector(answer.reducedCosts),
        basis: answer.basis, proof: answer.proof, iterations: Int(answer.answer.iterations))
    }

    func check(_ basis: LinearProgramBasis?) throws(LinearProgramError) {
      guard let basis else { return }
      guard basis.rows.count == rows.rows else {
        throw .shapeMismatch(
          operand: "basis.rows", expected: rows.rows, actual: basis.rows.count)
      }
      guard basis.variables.count == rows.columns else {
        throw .shapeMismatch(
          operand: "basis.variables", expected: rows.columns, actual: basis.variables.count)
      }
    }
  }
#endif
