extension ConeProgram {
  /// Shapes against each other, and the cones against the rows.
  func checkShapes() throws(ConeProgramError) {
    let n = linear.count
    guard n > 0 else { throw .noVariables }
    guard quadratic.order == n else {
      throw .shapeMismatch(
        operand: "P", expected: [n, n], actual: [quadratic.order, quadratic.order])
    }
    guard constraints.columns == n else {
      throw .shapeMismatch(
        operand: "A", expected: [constraints.rows, n],
        actual: [constraints.rows, constraints.columns])
    }
    guard rightHandSide.count == constraints.rows else {
      throw .shapeMismatch(
        operand: "b", expected: [constraints.rows], actual: [rightHandSide.count])
    }
    var rows = 0
    for (index, cone) in cones.enumerated() {
      if cone.dimension < 1 { throw .emptyCone(index: index) }
      if case .power(let alpha) = cone, !(alpha > 0 && alpha < 1) {
        throw .powerOutOfRange(cone: index, alpha: alpha)
      }
      rows += cone.dimension
    }
    guard rows == constraints.rows else {
      throw .shapeMismatch(operand: "cones", expected: [constraints.rows], actual: [rows])
    }
  }

  static func check(finite vector: Vector<Double>, _ operand: String) throws(ConeProgramError) {
    if let index = vector.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(operand: operand, index: index, value: vector[index])
    }
  }

  /// +∞ is allowed where it means that a row does not constrain: 0 ≤ s = ∞ − aᵀx.
  func checkRightHandSide() throws(ConeProgramError) {
    for (cone, rows) in blocks {
      for row in rows where !rightHandSide[row].isFinite {
        if case .nonnegative = cone, rightHandSide[row] == .infinity { continue }
        throw .notFinite(operand: "b", index: row, value: rightHandSide[row])
      }
    }
  }

  /// P is positive semidefinite if D^{−1/2} P D^{−1/2} + δ I, D its diagonal, has positive pivots.
  ///
  /// By Sylvester's law the pivots of L D Lᵀ have the signs of the eigenvalues; δ = 1e-9 is far
  /// above the rounding of a matrix of unit diagonal and far below an eigenvalue that matters.
  func checkConvexity() throws(ConeProgramError) {
    let p = quadratic
    if p.values.isEmpty { return }
    if let index = p.values.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(operand: "P", index: index, value: p.values[index])
    }
    var diagonal = [Double](repeating: 0, count: p.order)
    var isDiagonal = true
    for column in 0..<p.order {
      for entry in p.columnStarts[column]..<p.columnStarts[column + 1] {
        if p.rowIndices[entry] == column {
          diagonal[column] = p.values[entry]
        } else if p.values[entry] != 0 {
          isDiagonal = false
        }
      }
    }
    if let index = diagonal.firstIndex(where: { $0 < 0 }) {
      throw .notConvex(column: index, pivot: diagonal[index])
    }
    if isDiagonal { return }
    try checkPivots(diagonal)
  }

  private func checkPivots(_ diagonal: [Double]) throws(ConeProgramError) {
    let p = quadratic
    let scale = diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
    var starts = [0]
    var rows: [Int] = []
    var values: [Double] = []
    for column in 0..<p.order {
      for entry in p.columnStarts[column]..<p.columnStarts[column + 1] {
        let (row, value) = (p.rowIndices[entry], p.values[entry])
        if row == column || value == 0 { continue }
        // A zero on the diagonal allows no entry beside it: the minor would be negative.
        if scale[row] == 0 || scale[column] == 0 {
          throw .notConvex(column: column, pivot: -abs(value))
        }
        rows.append(row)
        values.append(value * scale[row] * scale[column])
      }
      rows.append(column)
      values.append(1 + 1e-9)
      starts.append(rows.count)
    }
    let factor = SparseLDL(order: p.order, columnStarts: starts, rowIndices: rows)
    if let pivot = factor.firstPivotNotPositive(values) {
      throw .notConvex(column: pivot.column, pivot: pivot.value)
    }
  }
}
