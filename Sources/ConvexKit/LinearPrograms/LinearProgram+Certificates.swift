#if GLPK
  // Where the last basis of the simplex method proves nothing, both certificates are optima of linear
  // programs that always have one:
  //
  //   minimize Σ s + Σ t   subject to  l ≤ A x + s − t ≤ u,  b ≤ x ≤ d,  s, t ≥ 0           (5)
  //
  // is the least violation; where it is positive, its row duals are the multipliers.
  //
  //   minimize cᵀr   subject to  A r, r in the recession cones of their bounds, −1 ≤ r ≤ 1  (6)
  //
  // is the best direction; where cᵀr < 0, r is the ray.

  extension LinearProgram {
    /// The certificate for a status, where the last basis has none.
    func search(
      _ status: SolveStatus, _ settings: LinearProgramSettings
    ) throws(LinearProgramError) -> LinearProgramCertificate? {
      // The auxiliary programs have sizes of their own, and always an optimum.
      let settings = LinearProgramSettings(
        timeLimit: settings.timeLimit, tolerance: settings.tolerance,
        isCancelled: settings.isCancelled)
      return status == .primalInfeasible
        ? try infeasibilityCertificate(settings) : try unboundednessCertificate(settings)
    }

    /// The multipliers of (5), if they prove that no point is feasible.
    private func infeasibilityCertificate(
      _ settings: LinearProgramSettings
    ) throws(LinearProgramError) -> LinearProgramCertificate? {
      let (m, n) = (rows.rows, rows.columns)
      var starts = [0]
      var indices: [Int] = []
      var values: [Double] = []
      for row in 0..<m {
        let entries = rows.rowStarts[row]..<rows.rowStarts[row + 1]
        indices += rows.columnIndices[entries] + [n + row, n + m + row]
        values += rows.values[entries] + [1, -1]
        starts.append(values.count)
      }
      let program = try LinearProgram(
        minimize: Vector([Double](repeating: 0, count: n) + [Double](repeating: 1, count: 2 * m)),
        rows: LinearProgram.matrix(m, n + 2 * m, starts, indices, values), rowBounds: rowBounds,
        variableBounds: variableBounds + Array(repeating: .nonnegative, count: 2 * m))
      let violation = try program.vertex(settings)
      let certificate = LinearProgramCertificate.infeasible(rowMultipliers: violation.rowDuals)
      return certificate.margin(for: self) > 0 ? certificate : nil
    }

    /// The ray of (6), if it proves that the objective improves forever.
    private func unboundednessCertificate(
      _ settings: LinearProgramSettings
    ) throws(LinearProgramError) -> LinearProgramCertificate? {
      let box = variableBounds.map {
        Bounds(lower: $0.lower.isFinite ? 0 : -1, upper: $0.upper.isFinite ? 0 : 1)
      }
      let program = LinearProgram(
        checked: sense, objective, 0, rows, rowBounds.map(\.recession), box)
      let ray = try program.vertex(settings).primal
      let certificate = LinearProgramCertificate.unbounded(ray: ray)
      return certificate.margin(for: self) > 0 ? certificate : nil
    }

    private static func matrix(
      _ m: Int, _ n: Int, _ starts: [Int], _ indices: [Int], _ values: [Double]
    ) throws(LinearProgramError) -> SparseMatrix<Double> {
      do {
        return try SparseMatrix(
          rows: m, columns: n, rowStarts: starts, columnIndices: indices, values: values)
      } catch {
        throw .refused(message: "\(error)")
      }
    }
  }
#endif
