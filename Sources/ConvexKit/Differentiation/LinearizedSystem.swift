/// The matrix of (16) for one set of active rows: its pattern, ordered and analysed once, and its
/// factorization for the numbers at hand.
///
/// Programs of one structure whose active rows are the same share it, one after the other.
final class LinearizedSystem {
  /// The number of variables.
  let n: Int
  /// The factorization, in the permuted order.
  let system: RegularizedLDL
  /// S with S K S equilibrated, by row.
  let scale: UnsafeMutablePointer<Double>

  private let order: Int
  /// The upper triangle in compressed columns; the diagonal element is a column's last.
  private let starts, rows: UnsafeMutablePointer<Int32>
  private let values, largest, sums: UnsafeMutablePointer<Double>
  private let arena = Arena()
  /// What the pattern was made for.
  private let quadratic: (starts: [Int], rows: [Int])
  private let constraints: (starts: [Int], columns: [Int])
  private let active: (starts: [Int], rows: [Int])

  /// Passes of the equilibration at most; each takes the square root of what is left to do.
  private static let passes = 8
  /// A pass whose factors are all this near 1 is the last one.
  private static let leastChange = 0.1

  /// Orders and analyses the pattern.
  init(_ program: ConeProgram, _ active: ActiveRows) {
    let (p, a) = (program.quadratic, program.constraints)
    n = program.variableCount
    order = n + active.count
    quadratic = (p.columnStarts, p.rowIndices)
    constraints = (a.rowStarts, a.columnIndices)
    self.active = (active.starts, active.rows)
    var (starts, rows, diagonal): ([Int], [Int], [Int]) = ([0], [], [])
    func close(_ column: Int) {
      diagonal.append(rows.count)
      rows.append(column)
      starts.append(rows.count)
    }
    for column in 0..<n {
      let entries = p.columnStarts[column]..<p.columnStarts[column + 1]
      rows += p.rowIndices[entries].lazy.filter { $0 != column }
      close(column)
    }
    var owner = [Int](repeating: -1, count: n)
    for k in 0..<active.count {
      for row in active.rows[active.starts[k]..<active.starts[k + 1]] {
        for column in a.columnIndices[a.rowStarts[row]..<a.rowStarts[row + 1]]
        where owner[column] != k {
          owner[column] = k
          rows.append(column)
        }
      }
      close(n + k)
    }
    let ldl = SparseLDL(order: order, columnStarts: starts, rowIndices: rows)
    let signs = (0..<order).map { [n] in $0 < n ? 1.0 : -1.0 }
    system = RegularizedLDL(ldl, diagonal: diagonal, signs: signs)
    (self.starts, self.rows) = (arena.indices(starts), arena.indices(rows))
    (values, sums) = (arena.numbers(rows.count), arena.numbers(n))
    (scale, largest) = (arena.numbers(order), arena.numbers(order))
  }

  /// Whether the pattern is that of a program and its active rows.
  func fits(_ program: ConeProgram, _ active: ActiveRows) -> Bool {
    program.variableCount == n && self.active == (active.starts, active.rows)
      && quadratic == (program.quadratic.columnStarts, program.quadratic.rowIndices)
      && constraints == (program.constraints.rowStarts, program.constraints.columnIndices)
  }

  /// Factors the matrix with the numbers of a program and its active rows.
  ///
  /// - Returns: Whether there is a factorization.
  func factor(_ program: ConeProgram, _ active: ActiveRows) -> Bool {
    write(program.quadratic)
    program.constraints.values.withUnsafeBufferPointer { write(program.constraints, $0, active) }
    equilibrate()
    let (ldl, count) = (system.ldl, Int(starts[order]))
    for entry in 0..<count { ldl.values[Int(ldl.place[entry])] = values[entry] }
    system.reset()
    return system.factor()
  }

  private func write(_ p: SymmetricSparseMatrix) {
    for column in 0..<n {
      let last = Int(starts[column + 1]) - 1
      var next = Int(starts[column])
      values[last] = 0
      for entry in p.columnStarts[column]..<p.columnStarts[column + 1] {
        if p.rowIndices[entry] == column {
          values[last] = p.values[entry]
        } else {
          values[next] = p.values[entry]
          next += 1
        }
      }
    }
  }

  /// The columns Aᵀq_k, each with −h_k on the diagonal.
  private func write(
    _ a: SparseMatrix<Double>, _ numbers: UnsafeBufferPointer<Double>, _ active: ActiveRows
  ) {
    for k in 0..<active.count {
      let (first, last) = (Int(starts[n + k]), Int(starts[n + k + 1]) - 1)
      for entry in first..<last { sums[Int(rows[entry])] = 0 }
      for entry in active.starts[k]..<active.starts[k + 1] {
        let (row, weight) = (active.rows[entry], active.weights[entry])
        for place in a.rowStarts[row]..<a.rowStarts[row + 1] {
          sums[a.columnIndices[place]] += weight * numbers[place]
        }
      }
      for entry in first..<last { values[entry] = sums[Int(rows[entry])] }
      values[last] = -active.curvature[k]
    }
  }

  /// S, and the values of S K S, whose rows have a largest entry near 1.
  private func equilibrate() {
    scale.update(repeating: 1, count: order)
    for _ in 0..<LinearizedSystem.passes {
      largest.update(repeating: 0, count: order)
      for column in 0..<order {
        var most = largest[column]
        for entry in Int(starts[column])..<Int(starts[column + 1]) {
          let (row, size) = (Int(rows[entry]), abs(values[entry]))
          most = max(most, size)
          largest[row] = max(largest[row], size)
        }
        largest[column] = max(largest[column], most)
      }
      var change = 0.0
      for row in 0..<order {
        let factor = largest[row] > 0 ? 1 / largest[row].squareRoot() : 1
        largest[row] = factor
        scale[row] *= factor
        change = max(change, abs(1 - factor))
      }
      for column in 0..<order {
        for entry in Int(starts[column])..<Int(starts[column + 1]) {
          values[entry] *= largest[column] * largest[Int(rows[entry])]
        }
      }
      if change < LinearizedSystem.leastChange { break }
    }
  }
}
