/// How far single numbers of a linear program may move before its optimal basis changes.
///
/// Within a range the basis stays optimal: for a coefficient of the objective, x stays as it is;
/// for a bound, y and z do, and the optimum moves by the multiplier times the change. At a
/// degenerate vertex another optimal basis may have other ranges.
public struct LinearProgramSensitivity: Sendable, Equatable {
  /// The values that each c_j may take, the others fixed.
  public let objectiveRanges: [Bounds]
  /// The values that the bound at which each row is may take; nil for a row between its bounds.
  public let rowRanges: [Bounds?]
  /// The values that the bound at which each variable is may take; nil for one between its bounds.
  public let variableRanges: [Bounds?]
  /// The solution that they belong to.
  public let solution: LinearProgramSolution
}

#if GLPK
  import CGLPK

  extension LinearProgram {
    /// Solves the program by a simplex method and analyzes its optimal basis.
    ///
    /// From a solution's basis (``LinearProgramSettings/basis``) it takes no iterations.
    ///
    /// - Parameter settings: As for ``solve(_:)``; the interior point and the exact arithmetic are
    ///   replaced by the dual simplex method, and the presolver is not used.
    /// - Returns: The ranges.
    /// - Throws: ``LinearProgramError/notSolved(status:)`` where there is no optimal basis, and what
    ///   ``solve(_:)`` throws.
    public func sensitivity(
      _ settings: LinearProgramSettings = LinearProgramSettings()
    ) throws(LinearProgramError) -> LinearProgramSensitivity {
      var settings = settings
      settings.presolve = false
      if settings.method != .primalSimplex { settings.method = .dualSimplex }
      try checkSize()
      try check(settings.basis)
      var answer = LinearProgramAnswer(rows: rows.rows, columns: rows.columns, true)
      // The ranges of rows, variables and costs, one after another.
      var numbers = [Double](repeating: .nan, count: 2 * (rows.rows + 2 * rows.columns))
      let refused = withC { program in
        settings.withC { settings in
          answer.withC { answer in
            numbers.withUnsafeMutableBufferPointer { numbers in
              var ranges = cglpk_ranges()
              ranges.row_bounds = numbers.baseAddress
              ranges.column_bounds = numbers.baseAddress.map { $0 + 2 * rows.rows }
              ranges.costs = numbers.baseAddress.map { $0 + 2 * (rows.rows + rows.columns) }
              return cglpk_analyze(&program, &settings, &answer, &ranges)
            }
          }
        }
      }
      let solution = try solution(vertex(refused, answer, settings.method), settings)
      guard solution.status == .solved else { throw .notSolved(status: solution.status) }
      let ranges = stride(from: 0, to: numbers.count, by: 2).map { place -> Bounds? in
        let (lower, upper) = (numbers[place], numbers[place + 1])
        return lower.isNaN ? nil : Bounds(lower: lower, upper: upper)
      }
      return LinearProgramSensitivity(
        objectiveRanges: ranges[(rows.rows + rows.columns)...].map { $0 ?? .free },
        rowRanges: Array(ranges[..<rows.rows]),
        variableRanges: Array(ranges[rows.rows..<rows.rows + rows.columns]), solution: solution)
    }
  }
#endif
