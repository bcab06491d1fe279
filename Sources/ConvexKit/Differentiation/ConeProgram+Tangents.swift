extension ConeProgram {
  /// b − A x − s, 0 in rows that do not constrain.
  func gap(_ x: Vector<Double>, _ s: Vector<Double>) -> Vector<Double> {
    finiteRows(rightHandSide - constraints * x - s)
  }

  /// The vector with 0 in the rows that do not constrain.
  func finiteRows(_ v: Vector<Double>) -> Vector<Double> {
    Vector(zip(v, rightHandSide).map { $1.isFinite ? $0 : 0 })
  }
}

extension ConeSolution {
  /// Another point of the same status.
  func moved(
    to program: ConeProgram, _ x: Vector<Double>, _ s: Vector<Double>, _ z: Vector<Double>
  ) -> ConeSolution {
    var moved = self
    (moved.primal, moved.slack, moved.dual) = (x, s, z)
    moved.objective = program.objective(x)
    moved.residuals = ConeResiduals(program, primal: x, slack: s, dual: z)
    let bz = program.finiteRows(program.rightHandSide).dot(z)
    moved.dualObjective = program.linear.dot(x) - moved.objective - bz
    return moved
  }
}

extension SparseMatrix {
  /// The same places with other values.
  func replacing(_ values: [Scalar]) -> SparseMatrix {
    var other = self
    other.values = values
    return other
  }
}

extension SymmetricSparseMatrix {
  /// The same places with other values.
  func replacing(_ values: [Double]) -> SymmetricSparseMatrix {
    var other = self
    other.values = values
    return other
  }
}
