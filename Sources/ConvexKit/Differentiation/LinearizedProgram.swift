/// The optimality conditions of a program, linearized at a solution and factored.
///
/// ```
/// P dx + Σ_k Aᵀq_k ζ_k = f
/// q_kᵀA dx − h_k ζ_k = q_kᵀg − c_k                                                       (16)
/// dz = Σ_k ζ_k q_k,   ds = g − A dx
/// ```
///
/// with the directions of ``ActiveRows``. The matrix is symmetric, so the same factorization serves
/// the derivative and its adjoint. It is scaled by a diagonal on both sides until the largest entry of
/// every row is near 1.
final class LinearizedProgram {
  let linearization: ConeLinearization
  private let program: ConeProgram
  private let system: RegularizedLDL
  private let scale: [Double]

  init(_ program: ConeProgram, _ linearization: ConeLinearization) throws(ConeDerivativeError) {
    self.program = program
    self.linearization = linearization
    let n = program.variableCount
    let active = linearization.active
    let order = n + active.count
    var starts = [0]
    var rows: [Int] = []
    var values: [Double] = []
    var diagonal: [Int] = []
    let p = program.quadratic
    for column in 0..<n {
      var own = 0.0
      for entry in p.columnStarts[column]..<p.columnStarts[column + 1] {
        if p.rowIndices[entry] == column {
          own = p.values[entry]
        } else {
          rows.append(p.rowIndices[entry])
          values.append(p.values[entry])
        }
      }
      diagonal.append(rows.count)
      rows.append(column)
      values.append(own)
      starts.append(rows.count)
    }
    LinearizedProgram.appendDirections(
      program.constraints, active, n, &starts, &rows, &values, &diagonal)
    scale = LinearizedProgram.equilibrate(order, starts, rows, &values)
    let ldl = SparseLDL(order: order, columnStarts: starts, rowIndices: rows)
    let signs = (0..<order).map { $0 < n ? 1.0 : -1.0 }
    system = RegularizedLDL(ldl, diagonal: diagonal, signs: signs)
    for (entry, value) in values.enumerated() { ldl.values[Int(ldl.place[entry])] = value }
    guard system.factor() else { throw .singular(residual: .infinity) }
  }

  /// The columns Aᵀq_k, each with −h_k on the diagonal.
  private static func appendDirections(
    _ matrix: SparseMatrix<Double>, _ active: ActiveRows, _ n: Int, _ starts: inout [Int],
    _ rows: inout [Int], _ values: inout [Double], _ diagonal: inout [Int]
  ) {
    var sums = [Double](repeating: 0, count: n)
    var owner = [Int](repeating: -1, count: n)
    for k in 0..<active.count {
      let first = rows.count
      for entry in active.starts[k]..<active.starts[k + 1] {
        let (row, weight) = (active.rows[entry], active.weights[entry])
        for place in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
          let column = matrix.columnIndices[place]
          if owner[column] != k {
            owner[column] = k
            sums[column] = 0
            rows.append(column)
          }
          sums[column] += weight * matrix.values[place]
        }
      }
      for entry in first..<rows.count { values.append(sums[rows[entry]]) }
      diagonal.append(rows.count)
      rows.append(n + k)
      values.append(-active.curvature[k])
      starts.append(rows.count)
    }
  }

  /// S with S K S equilibrated; `values` become those of S K S.
  private static func equilibrate(
    _ order: Int, _ starts: [Int], _ rows: [Int], _ values: inout [Double]
  ) -> [Double] {
    var scale = [Double](repeating: 1, count: order)
    for _ in 0..<8 {
      var largest = [Double](repeating: 0, count: order)
      for column in 0..<order {
        for entry in starts[column]..<starts[column + 1] {
          let size = abs(values[entry])
          largest[column] = max(largest[column], size)
          largest[rows[entry]] = max(largest[rows[entry]], size)
        }
      }
      let factor = largest.map { $0 > 0 ? 1 / $0.squareRoot() : 1 }
      for column in 0..<order {
        scale[column] *= factor[column]
        for entry in starts[column]..<starts[column + 1] {
          values[entry] *= factor[column] * factor[rows[entry]]
        }
      }
    }
    return scale
  }

  /// A solution of (16), and the residual relative to the right side.
  struct Direction {
    var primal: Vector<Double>
    var slack: Vector<Double>
    var dual: Vector<Double>
    var residual: Double
  }

  /// Solves (16).
  ///
  /// - Parameters:
  ///   - f: `[n]`.
  ///   - g: `[m]`.
  ///   - withOffsets: Whether c counts: for a Newton step, not for a derivative.
  /// - Returns: dx, ds, dz and the residual.
  func solve(_ f: Vector<Double>, _ g: Vector<Double>, withOffsets: Bool = false) -> Direction {
    let n = program.variableCount
    let (active, position) = (linearization.active, system.ldl.position)
    var size = 0.0
    for row in 0..<n + active.count {
      let value =
        row < n
        ? f[row]
        : active.component(row - n, of: g) - (withOffsets ? active.offset[row - n] : 0)
      system.right[Int(position[row])] = value * scale[row]
      size = max(size, abs(value * scale[row]))
    }
    let residual = system.solve()
    func solution(_ row: Int) -> Double { system.solution[Int(position[row])] * scale[row] }
    let dx = Vector((0..<n).map(solution))
    let components = (0..<active.count).map { solution(n + $0) }
    return Direction(
      primal: dx, slack: g - program.constraints * dx,
      dual: active.combination(components, count: program.rowCount),
      residual: size > 0 ? residual / size : 0)
  }
}
