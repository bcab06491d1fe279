extension ConeSolver {
  /// A point of the embedding in the program's own units, and what it is worth.
  func solution(
    _ status: SolveStatus, _ found: ConeCertificate?, _ reduction: RowReduction,
    _ equilibrated: EquilibratedProgram, _ method: InteriorPoint?, _ began: Double
  ) -> ConeSolution {
    let (n, m) = (program.variableCount, program.rowCount)
    var x = Vector<Double>(repeating: 0, count: n)
    var s = Vector<Double>(repeating: 0, count: m)
    var z = Vector<Double>(repeating: 0, count: m)
    var certificate = found
    if let method {
      let point = method.best
      let (scale, cost) = (scale(status, point, equilibrated), equilibrated.costScale)
      for j in 0..<n { x[j] = point.x[j] * equilibrated.d[j] * scale }
      for (i, row) in reduction.kept.enumerated() {
        s[row] = point.s[i] * equilibrated.eInverse[i] * scale
        z[row] = point.z[i] * equilibrated.e[i] * scale / cost
      }
      if status == .dualInfeasible { (x, s) = program.ray(x, s) }
      if status == .primalInfeasible { z = program.farkas(z) }
      switch status {
      case .primalInfeasible: certificate = .primalInfeasible(dual: z)
      case .dualInfeasible: certificate = .dualInfeasible(primal: x, slack: s)
      default: break
      }
    }
    fillSlack(&s, x, reduction, isRay: status == .dualInfeasible)
    if case .dualInfeasible(let ray, _)? = certificate {
      certificate = .dualInfeasible(primal: ray, slack: s)
    }
    if case .primalInfeasible(let dual)? = certificate { z = dual }
    let objective = program.objective(x)
    let bz = (0..<m).reduce(0) {
      program.rightHandSide[$1].isFinite ? $0 + program.rightHandSide[$1] * z[$1] : $0
    }
    return ConeSolution(
      status: status, primal: x, slack: s, dual: z, objective: objective,
      dualObjective: -0.5 * x.dot(program.quadratic * x) - bz,
      residuals: ConeResiduals(program, primal: x, slack: s, dual: z), certificate: certificate,
      iterations: method?.iteration ?? 0, seconds: InteriorPoint.now - began,
      method: .interiorPoint)
  }

  /// 1/τ for a solution; for a certificate anything, since it is scaled afterwards.
  private func scale(
    _ status: SolveStatus, _ point: Iterate, _ equilibrated: EquilibratedProgram
  ) -> Double {
    switch status {
    case .primalInfeasible, .dualInfeasible: 1
    default: 1 / point.tau
    }
  }

  /// The slacks of the rows that were left out: b − A x, or −A x of a ray.
  private func fillSlack(
    _ s: inout Vector<Double>, _ x: Vector<Double>, _ reduction: RowReduction, isRay: Bool
  ) {
    guard reduction.kept.count < program.rowCount else { return }
    let ax = program.constraints * x
    var next = 0
    for row in 0..<program.rowCount {
      if next < reduction.kept.count, reduction.kept[next] == row {
        next += 1
      } else if isRay {
        s[row] = program.rightHandSide[row].isFinite ? -ax[row] : .infinity
      } else {
        s[row] = program.rightHandSide[row] - ax[row]
      }
    }
  }
}

extension ConeProgram {
  /// Multipliers scaled to bᵀz = −1.
  fileprivate func farkas(_ z: Vector<Double>) -> Vector<Double> {
    let bz = (0..<rowCount).reduce(0) {
      rightHandSide[$1].isFinite ? $0 + rightHandSide[$1] * z[$1] : $0
    }
    return (-1 / bz) * z
  }

  /// A ray scaled to qᵀx = −1.
  func ray(
    _ x: Vector<Double>, _ s: Vector<Double>
  ) -> (Vector<Double>, Vector<Double>) {
    let scale = -1 / linear.dot(x)
    return (scale * x, scale * s)
  }
}
