#if GLPK
  import CGLPK
  import ConvexKit
  import Testing

  /// The guard itself, given what the Swift side would never pass on.
  @Suite struct GLPKGuardTests {
    /// minimize x over x ≥ `lower` with the entry of the only row in column `column` (from 0).
    private func solve(
      column: Int, lower: Double = 1, iterationLimit: Int32 = .max,
      isCancelled: (@convention(c) (UnsafeMutableRawPointer?) -> Int32)? = nil
    ) -> (refused: Int32, status: Int32, primal: Double, message: String) {
      // The objective, the entry, the bounds of the row and of the variable.
      let numbers = [1, 1, lower, .infinity, -.infinity, .infinity]
      let places = [0, 1, column]
      var found = [0.0, 0, 0, 0]
      var answer = cglpk_answer()
      let refused = numbers.withUnsafeBufferPointer { numbers in
        places.withUnsafeBufferPointer { places in
          found.withUnsafeMutableBufferPointer { found in
            var program = cglpk_program()
            program.rows = 1
            program.columns = 1
            program.objective = numbers.baseAddress
            program.values = numbers.baseAddress.map { $0 + 1 }
            program.row_bounds = numbers.baseAddress.map { $0 + 2 }
            program.column_bounds = numbers.baseAddress.map { $0 + 4 }
            program.row_starts = places.baseAddress
            program.column_indices = places.baseAddress.map { $0 + 2 }
            var settings = cglpk_settings()
            settings.iteration_limit = iterationLimit
            settings.time_limit = .infinity
            settings.tolerance = 1e-7
            settings.is_cancelled = isCancelled
            answer.primal = found.baseAddress
            answer.row_duals = found.baseAddress.map { $0 + 1 }
            answer.reduced_costs = found.baseAddress.map { $0 + 2 }
            answer.proof = found.baseAddress.map { $0 + 3 }
            return cglpk_solve(&program, &settings, &answer)
          }
        }
      }
      let message = withUnsafeBytes(of: answer.words.text) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return (refused, answer.status, found[0], message)
    }

    @Test func `an index out of range comes back in GLPK's words, and the next solve works`() {
      for _ in 0..<3 {
        let bad = solve(column: 7)
        #expect(bad.refused == 1)
        #expect(bad.message.contains("column index out of range"))
        let good = solve(column: 0)
        #expect(good.refused == 0)
        #expect(good.status == GLP_OPT)
        #expect(good.primal == 1)
        #expect(good.message.isEmpty)
      }
    }

    @Test func `errors in one thread leave the others alone`() {
      Parallel.forEachRange(count: 400, threads: 8) { range in
        for index in range {
          if index % 2 == 0 {
            #expect(solve(column: -5).refused == 1)
          } else {
            let good = solve(column: 0, lower: Double(index))
            #expect(good.refused == 0 && good.primal == Double(index))
          }
        }
      }
    }

    @Test func `an invalid setting is refused too`() {
      #expect(solve(column: 0, iterationLimit: -1).refused == 1)
    }
  }
#endif
