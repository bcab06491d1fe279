/// A cone program that is linear, as a ``LinearProgram``.
///
/// A row with one entry is a bound on its variable; the others are rows,
///
/// ```
/// a x_j + s = b      ⇒   x_j ≤ b/a (a > 0),   x_j ≥ b/a (a < 0),   both for s ∈ {0}
/// aᵀx + s = b        ⇒   aᵀx ≤ b,   = b for s ∈ {0}
/// ```
///
/// and a row with b = +∞ is left out. Of several bounds on a variable the tightest acts: only its
/// row can have a multiplier.
struct LinearForm {
  private(set) var bounds: [Bounds]
  private(set) var rowBounds: [Bounds] = []
  /// A without the rows that are bounds, in compressed rows.
  private var starts = [0]
  private var indices: [Int] = []
  private var values: [Double] = []
  /// The number of the cone program's rows.
  private let rowCount: Int
  /// The cone program's row of each row.
  private var rowOf: [Int] = []
  /// The cone program's rows whose bounds act on a variable, and their entries in its column.
  private var lower: [ActiveBound]
  private var upper: [ActiveBound]

  private struct ActiveBound {
    var row = -1
    var entry = 0.0
  }

  /// The form of a cone program; nil where it has a quadratic term, or a cone that is not linear.
  init?(_ program: ConeProgram) {
    guard program.quadratic.values.allSatisfy({ $0 == 0 }) else { return nil }
    rowCount = program.rowCount
    bounds = Array(repeating: .free, count: program.variableCount)
    lower = Array(repeating: ActiveBound(), count: program.variableCount)
    upper = lower
    indices.reserveCapacity(program.constraints.values.count)
    values.reserveCapacity(program.constraints.values.count)
    var next = 0
    for cone in program.cones {
      let isEquality: Bool
      switch cone {
      case .zero: isEquality = true
      case .nonnegative: isEquality = false
      default: return nil
      }
      for row in next..<next + cone.dimension {
        add(row, program.constraints, program.rightHandSide[row], isEquality)
      }
      next += cone.dimension
    }
    closeRoundingGaps()
  }

  /// A without the rows that are bounds.
  var matrix: SparseMatrix<Double> {
    SparseMatrix(
      checkedRows: rowOf.count, columns: bounds.count, rowStarts: starts, columnIndices: indices,
      values: values)
  }

  /// The simplex method that is likely to take less time: a free variable is out of place in the
  /// dual method's start, whatever its cost, and the primal one moves it into the basis first.
  var method: LinearProgramSettings.Method {
    2 * bounds.count { $0 == .free } > bounds.count ? .primalSimplex : .dualSimplex
  }

  private mutating func add(
    _ row: Int, _ a: borrowing SparseMatrix<Double>, _ b: Double, _ isEquality: Bool
  ) {
    if b == .infinity { return }
    let entries = a.rowStarts[row]..<a.rowStarts[row + 1]
    if let only = LinearForm.onlyEntry(entries, a.values) {
      let bound = ActiveBound(row: row, entry: a.values[only])
      if tighten(a.columnIndices[only], bound, b, isEquality) { return }
    }
    for entry in entries where a.values[entry] != 0 {
      indices.append(a.columnIndices[entry])
      values.append(a.values[entry])
    }
    starts.append(values.count)
    rowBounds.append(isEquality ? .equal(to: b) : .atMost(b))
    rowOf.append(row)
  }

  /// The place of a row's entry that is not zero, if it has exactly one.
  private static func onlyEntry(_ entries: Range<Int>, _ values: [Double]) -> Int? {
    var only: Int?
    for entry in entries where values[entry] != 0 {
      if only != nil { return nil }
      only = entry
    }
    return only
  }

  /// Makes a row a bound; false where the quotient overflows and the row must stay a row.
  private mutating func tighten(
    _ j: Int, _ row: ActiveBound, _ b: Double, _ isEquality: Bool
  ) -> Bool {
    let value = b / row.entry
    guard value.isFinite else { return false }
    let bound = bounds[j]
    if (isEquality || row.entry < 0) && value > bound.lower {
      bounds[j] = Bounds(lower: value, upper: bound.upper)
      lower[j] = row
    }
    if (isEquality || row.entry > 0) && value < bound.upper {
      bounds[j] = Bounds(lower: bounds[j].lower, upper: value)
      upper[j] = row
    }
    return true
  }

  /// Bounds that miss each other by rounding are one value: 3 x = 0.9 and x = 0.3 agree.
  private mutating func closeRoundingGaps() {
    for j in bounds.indices where bounds[j].lower > bounds[j].upper {
      let (lower, upper) = (bounds[j].lower, bounds[j].upper)
      if lower - upper <= 1e-10 * max(1, abs(lower), abs(upper)) {
        bounds[j] = .equal(to: upper)
      }
    }
  }

  /// Multipliers of two bounds on one variable that exclude each other: −x ≤ −l and x ≤ u < l add
  /// up to 0 ≤ u − l. nil where none do.
  var contradiction: Vector<Double>? {
    guard let j = bounds.firstIndex(where: { $0.lower > $0.upper }) else { return nil }
    var z = Vector<Double>(repeating: 0, count: rowCount)
    z[lower[j].row] = -1 / lower[j].entry
    z[upper[j].row] = 1 / upper[j].entry
    return z
  }

  /// z, from multipliers y of the rows and w of the variables, signed as in a minimum.
  ///
  /// Row i gives z_i = −y_i. A bound's row has the one entry a, hence z_i = −w_j / a. A sign that
  /// its row does not allow is rounding.
  func dual(_ y: Vector<Double>, _ w: (Int) -> Double) -> Vector<Double> {
    var z = Vector<Double>(repeating: 0, count: rowCount)
    for i in rowOf.indices {
      let isInequality = rowBounds[i].lower == -.infinity
      z[rowOf[i]] = isInequality ? max(0, -y[i]) : -y[i]
    }
    for j in bounds.indices {
      let multiplier = w(j)
      if multiplier == 0 { continue }
      let active = multiplier > 0 ? lower[j] : upper[j]
      if active.row >= 0 { z[active.row] = -multiplier / active.entry }
    }
    return z
  }

  /// The multipliers z of Aᵀz = 0, from multipliers y of the rows.
  func certificate(_ y: Vector<Double>) -> Vector<Double> {
    let allowed = Vector(
      zip(rowBounds, y).map { $0.lower == -.infinity ? min($1, 0) : $1 })
    let w = matrix.transposeTimes(allowed)
    return dual(allowed) { -w[$0] }
  }
}
