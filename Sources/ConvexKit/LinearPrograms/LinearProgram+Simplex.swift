#if GLPK
  import CGLPK

  extension LinearProgram {
    /// Solves the program by GLPK's simplex method.
    ///
    /// Any number of threads may solve at once. An error inside GLPK comes back as
    /// ``LinearProgramError/refused(message:)``; it does not end the process. The calling thread's
    /// GLPK environment is released: no GLPK object of the caller's own may be alive on it.
    ///
    /// - Parameter settings: Limits and the tolerance.
    /// - Returns: The solution, or the last point with the certificate that there is none. A point
    ///   whose residuals, recomputed from the data, exceed the tolerance is `.numericalTrouble`.
    /// - Throws: ``LinearProgramError`` for a program too large to count, or one GLPK refuses.
    public func solve(
      _ settings: LinearProgramSettings = LinearProgramSettings()
    ) throws(LinearProgramError) -> LinearProgramSolution {
      let found = try simplex(settings)
      let residuals = LinearProgramResiduals(
        self, primal: found.primal, rowDuals: found.rowDuals, reducedCosts: found.reducedCosts)
      var status = found.status
      var certificate: LinearProgramCertificate?
      switch status {
      case .solved where !(residuals.largest <= settings.tolerance): status = .numericalTrouble
      case .primalInfeasible: certificate = try infeasibilityCertificate(settings)
      case .dualInfeasible: certificate = try unboundednessCertificate(settings)
      default: break
      }
      return LinearProgramSolution(
        status: status, primal: found.primal, rowDuals: found.rowDuals,
        reducedCosts: found.reducedCosts, objective: objective.dot(found.primal),
        residuals: residuals, certificate: certificate, iterations: found.iterations)
    }

    /// What GLPK says, not yet measured.
    struct Vertex {
      var status: SolveStatus
      var primal: Vector<Double>
      var rowDuals: Vector<Double>
      var reducedCosts: Vector<Double>
      var iterations: Int
    }

    func simplex(_ settings: LinearProgramSettings) throws(LinearProgramError) -> Vertex {
      // The solver counts in 32 bits and from 1.
      for (operand, count) in [
        ("rows", rows.rows), ("columns", rows.columns), ("entries", rows.values.count),
      ] where count >= Int(Int32.max) {
        throw .tooLarge(operand: operand, count: count, limit: Int(Int32.max) - 1)
      }
      let (m, n) = (rows.rows, rows.columns)
      // c, A's values, l, u, b, d one after the other; likewise x, y, z.
      let numbers =
        objective.elements + rows.values + rowBounds.map(\.lower) + rowBounds.map(\.upper)
        + variableBounds.map(\.lower) + variableBounds.map(\.upper)
      let integers = (rows.rowStarts + rows.columnIndices).map { Int32($0) }
      var found = [Double](repeating: 0, count: n + m + n)
      var answer = cglpk_answer()
      let refused = numbers.withUnsafeBufferPointer { numbers in
        integers.withUnsafeBufferPointer { integers in
          found.withUnsafeMutableBufferPointer { found in
            var program = program(numbers, integers, settings)
            answer.primal = found.baseAddress
            answer.row_duals = found.baseAddress.map { $0 + n }
            answer.reduced_costs = found.baseAddress.map { $0 + n + m }
            return cglpk_solve(&program, &answer)
          }
        }
      }
      guard refused == 0 else { throw .refused(message: LinearProgram.message(answer)) }
      return Vertex(
        status: LinearProgram.status(answer.outcome), primal: Vector(found[..<n]),
        rowDuals: Vector(found[n..<n + m]), reducedCosts: Vector(found[(n + m)...]),
        iterations: Int(answer.iterations))
    }

    /// The program as C has it: pointers into arrays laid out as `simplex` does.
    private func program(
      _ numbers: UnsafeBufferPointer<Double>, _ integers: UnsafeBufferPointer<Int32>,
      _ settings: LinearProgramSettings
    ) -> cglpk_program {
      let (m, n) = (rows.rows, rows.columns)
      var program = cglpk_program()
      program.rows = Int32(m)
      program.columns = Int32(n)
      program.maximize = sense == .maximize ? 1 : 0
      program.iteration_limit = Int32(clamping: max(settings.iterationLimit ?? .max, 0))
      let seconds = settings.timeLimit ?? .infinity
      program.time_limit = seconds < 2e6 ? Int32(max(seconds, 0) * 1e3) : .max
      program.row_starts = integers.baseAddress
      program.column_indices = integers.baseAddress.map { $0 + m + 1 }
      guard var next = numbers.baseAddress else { return program }
      program.objective = next
      next += n
      program.values = next
      next += rows.values.count
      program.row_lower = next
      program.row_upper = next + m
      next += 2 * m
      program.column_lower = next
      program.column_upper = next + n
      return program
    }

    private static func status(_ outcome: cglpk_outcome) -> SolveStatus {
      switch outcome {
      case CGLPK_OPTIMAL: .solved
      case CGLPK_INFEASIBLE: .primalInfeasible
      case CGLPK_UNBOUNDED: .dualInfeasible
      case CGLPK_ITERATION_LIMIT: .iterationLimit
      case CGLPK_TIME_LIMIT: .timeLimit
      default: .numericalTrouble
      }
    }

    /// GLPK's words on one line.
    private static func message(_ answer: cglpk_answer) -> String {
      withUnsafeBytes(of: answer.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
  }
#endif
