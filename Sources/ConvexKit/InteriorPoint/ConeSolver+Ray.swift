/// A ray of an unbounded program, where the embedding came to no end.
///
/// Rays on the boundary of the cones are where its iterates stall: any error makes them leave the
/// cones, and no multiplier holds them back. But the smallest ray is the solution of a program that
/// has one:
///
/// ```
/// minimize  ½ ‖D⁻¹x‖²   subject to   P x = 0,   qᵀx = −1,   A x + s = 0,   s ∈ K
/// ```
///
/// with the D of the equilibration; and where its own iterations stall, as they may where a quadratic
/// term meets cones without an interior, the same without an objective. What is found counts if it holds
/// as a certificate to the same tolerance as one that the embedding finds.
extension ConeSolver {
  /// Looks for a ray.
  ///
  /// - Parameters:
  ///   - answer: How the program itself ended.
  ///   - equilibrated: The program in scaled units.
  ///   - reduction: The rows that these have.
  ///   - began: When the solver began.
  /// - Returns: The answer with a certificate in its place, or nil where there is none.
  func ray(
    after answer: ConeSolution, _ equilibrated: EquilibratedProgram, _ reduction: RowReduction,
    _ began: Double
  ) -> ConeSolution? {
    let units = (0..<program.variableCount).map {
      equilibrated.dInverse[$0] * equilibrated.dInverse[$0]
    }
    for quadratic in [SymmetricSparseMatrix(diagonal: units), nil] {
      guard let recession = program.recession(minimize: quadratic) else { return nil }
      let found = recession.solve(settingsOfRay(began))
      let qx = program.linear.dot(found.primal)
      guard qx < 0, qx.isFinite else { continue }
      let (x, s) = program.ray(found.primal, Vector(found.slack.prefix(program.rowCount)))
      let certificate = ConeCertificate.dualInfeasible(primal: x, slack: s)
      let tolerance = settings.tolerances.infeasibility
      guard certificate.violation(for: program) <= tolerance,
        equilibrated.measures(ray: x, s, reduction).holds(to: tolerance)
      else { continue }
      var solution = answer
      (solution.status, solution.certificate) = (.dualInfeasible, certificate)
      (solution.primal, solution.slack) = (x, s)
      solution.objective = program.objective(x)
      solution.residuals = ConeResiduals(program, primal: x, slack: s, dual: answer.dual)
      solution.iterations += found.iterations
      solution.seconds = InteriorPoint.now - began
      return solution
    }
    return nil
  }

  private func settingsOfRay(_ began: Double) -> ConeSettings {
    var settings = settings
    settings.method = .interiorPoint
    settings.observer = nil
    settings.timeLimit = settings.timeLimit.map { max(0, $0 - (InteriorPoint.now - began)) }
    return settings
  }
}

extension EquilibratedProgram {
  /// How far a direction is from a ray, in the embedding's units.
  fileprivate func measures(
    ray x: Vector<Double>, _ s: Vector<Double>, _ reduction: RowReduction
  ) -> CertificateMeasures {
    let point = Iterate(n: n, m: m)
    point.tau = 1
    for j in 0..<n { point.x[j] = dInverse[j] * x[j] }
    for (i, row) in reduction.kept.enumerated() { point.s[i] = e[i] * s[row] }
    let residuals = Residuals(self)
    residuals.update(point)
    return residuals.measure(point).ray
  }
}

extension ConeProgram {
  /// A program of the rays; nil where the objective has no linear term to fall along one.
  fileprivate func recession(minimize objective: SymmetricSparseMatrix?) -> ConeProgram? {
    let largest = linear.infinityNorm
    guard largest > 0 else { return nil }
    var entries: [(row: Int, column: Int, value: Double)] = []
    for row in 0..<rowCount {
      for entry in constraints.rowStarts[row]..<constraints.rowStarts[row + 1] {
        entries.append((row, constraints.columnIndices[entry], constraints.values[entry]))
      }
    }
    var next = rowCount
    for column in 0..<variableCount where linear[column] != 0 {
      entries.append((next, column, linear[column] / largest))
    }
    next += 1
    if quadratic.values.contains(where: { $0 != 0 }) {
      for column in 0..<variableCount {
        for entry in quadratic.columnStarts[column]..<quadratic.columnStarts[column + 1] {
          let (row, value) = (quadratic.rowIndices[entry], quadratic.values[entry])
          entries.append((next + row, column, value))
          if row != column { entries.append((next + column, row, value)) }
        }
      }
      next += variableCount
    }
    var right = Vector<Double>(repeating: 0, count: next)
    for row in 0..<rowCount where !rightHandSide[row].isFinite { right[row] = .infinity }
    right[rowCount] = -1
    return try? ConeProgram(
      minimize: Vector(repeating: 0, count: variableCount),
      quadratic: objective,
      constraints: SparseMatrix(rows: next, columns: variableCount, entries: entries),
      rightHandSide: right, cones: cones + [.zero(next - rowCount)])
  }
}
