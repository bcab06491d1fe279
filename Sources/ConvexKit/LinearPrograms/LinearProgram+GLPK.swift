#if GLPK
  import CGLPK

  extension LinearProgram {
    /// The program as C has it: pointers into the program's own arrays, for the time of a call.
    ///
    /// `Bounds` is two numbers, lower and upper, which is how C wants them.
    func withC<Result>(
      integers: [UInt8] = [], _ body: (inout cglpk_program) -> Result
    ) -> Result {
      var program = cglpk_program()
      program.rows = rows.rows
      program.columns = rows.columns
      program.maximize = sense == .maximize ? 1 : 0
      program.constant = constant
      return objective.elements.withUnsafeBufferPointer { objective in
        rows.rowStarts.withUnsafeBufferPointer { starts in
          rows.columnIndices.withUnsafeBufferPointer { indices in
            rows.values.withUnsafeBufferPointer { values in
              rowBounds.withUnsafeBytes { rowBounds in
                variableBounds.withUnsafeBytes { columnBounds in
                  integers.withUnsafeBufferPointer { integers in
                    program.objective = objective.baseAddress
                    program.row_starts = starts.baseAddress
                    program.column_indices = indices.baseAddress
                    program.values = values.baseAddress
                    program.row_bounds = rowBounds.bindMemory(to: Double.self).baseAddress
                    program.column_bounds = columnBounds.bindMemory(to: Double.self).baseAddress
                    // An empty array may have an address.
                    program.integers = integers.isEmpty ? nil : integers.baseAddress
                    return body(&program)
                  }
                }
              }
            }
          }
        }
      }
    }

    /// The solver counts in 32 bits and from 1.
    func checkSize() throws(LinearProgramError) {
      for (operand, count) in [
        ("rows", rows.rows), ("columns", rows.columns), ("entries", rows.values.count),
      ] where count >= Int(Int32.max) {
        throw .tooLarge(operand: operand, count: count, limit: Int(Int32.max) - 1)
      }
    }
  }

  extension LinearProgramSettings {
    /// The settings as C has them, for the time of a call.
    func withC<Result>(_ body: (inout cglpk_settings) -> Result) -> Result {
      var settings = cglpk_settings()
      settings.method = glpkMethod
      settings.presolve = presolve ? 1 : 0
      settings.iteration_limit = Int32(clamping: max(iterationLimit ?? .max, 0))
      let seconds = timeLimit ?? .infinity
      settings.time_limit = seconds > 0 ? seconds : 0  // Of NaN too.
      settings.tolerance = min(max(0.1 * tolerance, 1e-9), 1e-7)
      let basis = basis.map { $0.rows.map(\.rawValue) + $0.variables.map(\.rawValue) } ?? []
      return basis.withUnsafeBufferPointer { basis in
        if !basis.isEmpty { settings.basis = basis.baseAddress }
        guard let isCancelled else { return body(&settings) }
        return withUnsafePointer(to: isCancelled) { question in
          settings.context = UnsafeMutableRawPointer(mutating: question)
          settings.is_cancelled = { context in
            let question = context?.assumingMemoryBound(to: (@Sendable () -> Bool).self)
            return question?.pointee() == true ? 1 : 0
          }
          return body(&settings)
        }
      }
    }

    private var glpkMethod: cglpk_method {
      switch method {
      case .dualSimplex: CGLPK_DUAL_SIMPLEX
      case .primalSimplex: CGLPK_PRIMAL_SIMPLEX
      case .interiorPoint: CGLPK_INTERIOR_POINT
      case .exact: CGLPK_EXACT
      }
    }
  }

  extension cglpk_words {
    /// GLPK's words on one line.
    var line: String {
      withUnsafeBytes(of: text) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
  }
#endif
