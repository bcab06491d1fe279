#if GLPK
  import CGLPK
  import ConvexKit
  import Testing

  /// The guard itself, given what the Swift side would never pass on.
  @Suite struct GLPKGuardTests {
    /// minimize x over x ≥ 1 with the entry of the only row in column `column` (from 0).
    private func solve(column: Int32, lower: Double = 1, iterationLimit: Int32 = .max) -> (
      refused: Int32, outcome: cglpk_outcome, primal: Double, message: String
    ) {
      let objective = [1.0]
      let starts: [Int32] = [0, 1]
      let indices = [column]
      let values = [1.0]
      let bounds = [lower, Double.infinity, -Double.infinity, Double.infinity]
      var found = [0.0, 0, 0]
      var answer = cglpk_answer()
      let refused = objective.withUnsafeBufferPointer { objective in
        starts.withUnsafeBufferPointer { starts in
          indices.withUnsafeBufferPointer { indices in
            values.withUnsafeBufferPointer { values in
              bounds.withUnsafeBufferPointer { bounds in
                found.withUnsafeMutableBufferPointer { found in
                  guard let bounds = bounds.baseAddress, let found = found.baseAddress else {
                    return Int32(-1)
                  }
                  var program = cglpk_program(
                    rows: 1, columns: 1, maximize: 0, objective: objective.baseAddress,
                    row_starts: starts.baseAddress, column_indices: indices.baseAddress,
                    values: values.baseAddress, row_lower: bounds, row_upper: bounds + 1,
                    column_lower: bounds + 2, column_upper: bounds + 3,
                    iteration_limit: iterationLimit, time_limit: .max)
                  answer.primal = found
                  answer.row_duals = found + 1
                  answer.reduced_costs = found + 2
                  return cglpk_solve(&program, &answer)
                }
              }
            }
          }
        }
      }
      let message = withUnsafeBytes(of: answer.message) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      return (refused, answer.outcome, found[0], message)
    }

    @Test func `an index out of range comes back in GLPK's words, and the next solve works`() {
      for _ in 0..<3 {
        let bad = solve(column: 7)
        #expect(bad.refused == 1)
        #expect(bad.message.contains("column index out of range"))
        let good = solve(column: 0)
        #expect(good.refused == 0)
        #expect(good.outcome == CGLPK_OPTIMAL)
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
