/// The rows of a program that constrain anything, and what becomes of the others.
///
/// A row of a nonnegative cone with b = +∞ constrains nothing. A row without entries in a zero or
/// nonnegative cone is a statement about b alone: true, and it is left out, or false, and it proves
/// that there is no feasible point. Rows of other cones stay.
struct RowReduction {
  /// The rows that stay, ascending.
  private(set) var kept: [Int] = []
  /// Their cones.
  private(set) var cones: [Cone] = []
  /// The rows left out that have a finite b.
  private var empty: [(row: Int, isEquality: Bool)] = []

  init(_ program: ConeProgram) {
    let starts = program.constraints.rowStarts
    for (cone, rows) in program.blocks {
      let isEquality: Bool
      switch cone {
      case .zero: isEquality = true
      case .nonnegative, .secondOrder(1): isEquality = false
      default:
        kept += rows
        cones.append(cone)
        continue
      }
      var count = 0
      for row in rows {
        if !program.rightHandSide[row].isFinite { continue }
        if starts[row] == starts[row + 1] {
          empty.append((row, isEquality))
        } else {
          kept.append(row)
          count += 1
        }
      }
      if count > 0 { cones.append(isEquality ? .zero(count) : .nonnegative(count)) }
    }
  }

  /// Whether another b has its infinities in the same rows.
  func fits(_ program: ConeProgram) -> Bool {
    let finite = program.rightHandSide.reduce(0) { $1.isFinite ? $0 + 1 : $0 }
    return finite == kept.count + empty.count
      && kept.allSatisfy { program.rightHandSide[$0].isFinite }
      && empty.allSatisfy { program.rightHandSide[$0.row].isFinite }
  }

  /// The multipliers of a row without entries that nothing satisfies: 0 = b ≠ 0, or s = b < 0.
  func certificate(_ program: ConeProgram) -> ConeCertificate? {
    for (row, isEquality) in empty {
      let b = program.rightHandSide[row]
      if isEquality ? b == 0 : b >= 0 { continue }
      var dual = Vector<Double>(repeating: 0, count: program.rowCount)
      dual[row] = -1 / b
      return .primalInfeasible(dual: dual)
    }
    return nil
  }
}
