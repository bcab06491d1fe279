import Foundation

/// A program in scaled units, which is what the interior point works on.
///
/// ```
/// Pˆ = c D P D,   qˆ = c D q,   Â = E A D,   bˆ = E b
/// x = D xˆ,   s = E⁻¹ ŝ,   z = E ẑ/c
/// ```
///
/// D and E are diagonal and positive; E leaves every cone what it is: it is constant within
/// second-order and exponential cones, and (c, d, cᵅ d^{1−α}) within power cones. Ruiz's iteration
/// brings the largest entries of all rows and columns of [P Aᵀ; A 0] towards 1, and c those of P and
/// q. Where the first point is the center of the cones,
/// whose entries are of order one, β = ‖E b‖_∞ ≥ 1 brings b nearer to their size: cones know no units,
/// so β D, E/β and c/β take the places of D, E and c. Elsewhere the first point follows b.
///
/// - Source: Ruiz (2001); Stellato et al., OSQP (2020), for the scaling of the cost.
final class EquilibratedProgram {
  let n: Int
  let m: Int
  let p: ColumnMatrix
  let a: ColumnMatrix
  let q, b: UnsafeMutablePointer<Double>
  /// D and E, and their inverses.
  let d, e, dInverse, eInverse: UnsafeMutablePointer<Double>
  /// c.
  private(set) var costScale = 1.0
  /// ‖b‖_∞ and ‖q‖_∞ before scaling.
  private(set) var largestB = 0.0
  private(set) var largestQ = 0.0

  /// Where each entry of the program's A, row after row, went; −1 for one of a row left out.
  private let places: [Int]
  private let kept: [Int]
  /// Rows that share one factor of E, and all others.
  private let tied: [Range<Int>]
  private let free: [Int]
  /// The first rows of power cones, and their exponents.
  private let powers: [(first: Int, alpha: Double)]
  private let startsAtCenter: Bool
  private let arena = Arena()
  private let columnWork, rowWork: UnsafeMutablePointer<Double>

  /// Passes of the iteration; each one takes the square root of what is left to do.
  private static let passes = 10
  /// Factors outside of this range would lose digits rather than gain them.
  private static let range = 1e-4...1e4

  init(_ program: ConeProgram, _ reduction: RowReduction) {
    n = program.variableCount
    m = reduction.kept.count
    kept = reduction.kept
    p = ColumnMatrix(
      rows: n, columns: n, starts: program.quadratic.columnStarts,
      indices: program.quadratic.rowIndices)
    let matrix = program.constraints
    var starts = [Int](repeating: 0, count: n + 1)
    for row in kept {
      for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
        starts[matrix.columnIndices[entry] + 1] += 1
      }
    }
    for column in 0..<n { starts[column + 1] += starts[column] }
    var next = starts
    var indices = [Int](repeating: 0, count: starts[n])
    var places = [Int](repeating: -1, count: matrix.values.count)
    for (reduced, row) in kept.enumerated() {
      for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
        let column = matrix.columnIndices[entry]
        indices[next[column]] = reduced
        places[entry] = next[column]
        next[column] += 1
      }
    }
    self.places = places
    a = ColumnMatrix(rows: m, columns: n, starts: starts, indices: indices)
    (q, d, dInverse) = (arena.numbers(n), arena.numbers(n), arena.numbers(n))
    (b, e, eInverse) = (arena.numbers(m), arena.numbers(m), arena.numbers(m))
    (columnWork, rowWork) = (arena.numbers(n), arena.numbers(m))
    var row = 0
    var tied: [Range<Int>] = []
    var free: [Int] = []
    var powers: [(first: Int, alpha: Double)] = []
    for cone in reduction.cones {
      switch cone {
      case .zero, .nonnegative, .secondOrder(1): break
      case .power(let alpha): powers.append((row, alpha))
      case .secondOrder, .exponential: tied.append(row..<row + cone.dimension)
      }
      let rows = row..<row + cone.dimension
      if tied.last != rows { free += rows }
      row = rows.upperBound
    }
    (self.tied, self.free, self.powers) = (tied, free, powers)
    startsAtCenter = reduction.cones.contains { cone in
      switch cone {
      case .exponential, .power: true
      case .zero, .nonnegative, .secondOrder: false
      }
    }
    load(program)
  }

  /// Whether β is not 1.
  private(set) var scalesRight = false

  /// Takes the numbers of a program of the same structure, and scales them.
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - scalingRight: Whether β may differ from 1.
  func load(_ program: ConeProgram, scalingRight: Bool = true) {
    for (entry, value) in program.quadratic.values.enumerated() { p.values[entry] = value }
    for (entry, value) in program.constraints.values.enumerated() where places[entry] >= 0 {
      a.values[places[entry]] = value
    }
    (largestB, largestQ, costScale) = (0, 0, 1)
    for j in 0..<n {
      q[j] = program.linear[j]
      d[j] = 1
      largestQ = max(largestQ, abs(q[j]))
    }
    for (i, row) in kept.enumerated() {
      b[i] = program.rightHandSide[row]
      e[i] = 1
      largestB = max(largestB, abs(b[i]))
    }
    equilibrate(scalingRight && startsAtCenter)
    for j in 0..<n { dInverse[j] = 1 / d[j] }
    for i in 0..<m { eInverse[i] = 1 / e[i] }
  }

  private func equilibrate(_ scalingRight: Bool) {
    // First, so that P's rows and A's are of one order whatever the unit of the cost.
    scaleCost()
    for _ in 0..<EquilibratedProgram.passes {
      measure()
      var change = 0.0
      for j in 0..<n {
        columnWork[j] = factor(columnWork[j], d[j])
        change = max(change, abs(1 - columnWork[j]))
      }
      for rows in tied {
        var sum = 0.0
        for i in rows { sum += rowWork[i] }
        let shared = factor(sum / Double(rows.count), e[rows.lowerBound])
        for i in rows { rowWork[i] = shared }
        change = max(change, abs(1 - shared))
      }
      for (first, alpha) in powers { fitPower(first, alpha) }
      for i in free {
        rowWork[i] = factor(rowWork[i], e[i])
        change = max(change, abs(1 - rowWork[i]))
      }
      if change < 0.1 { break }
      apply()
    }
    scalesRight = false
    if scalingRight { scaleRight() }
    scaleCost()
  }

  /// The largest entry of each column and row of [P Aᵀ; A 0].
  private func measure() {
    columnWork.update(repeating: 0, count: n)
    rowWork.update(repeating: 0, count: m)
    for column in 0..<n {
      var most = columnWork[column]
      for entry in Int(p.starts[column])..<Int(p.starts[column + 1]) {
        let (row, size) = (Int(p.indices[entry]), abs(p.values[entry]))
        most = max(most, size)
        if row != column { columnWork[row] = max(columnWork[row], size) }
      }
      for entry in Int(a.starts[column])..<Int(a.starts[column + 1]) {
        let (row, size) = (Int(a.indices[entry]), abs(a.values[entry]))
        most = max(most, size)
        rowWork[row] = max(rowWork[row], size)
      }
      columnWork[column] = most
    }
  }

  /// 1/√size, so that `current` stays in range; 1 for a row or column of zeros.
  private func factor(_ size: Double, _ current: Double) -> Double {
    guard size > 0 else { return 1 }
    let range = EquilibratedProgram.range
    return min(max(current / size.squareRoot(), range.lowerBound), range.upperBound) / current
  }

  /// Sizes of a power cone's rows whose factors leave the cone what it is, (c, d, cᵅ d^{1−α}): those
  /// nearest, in their logarithms, to the rows' own. A row of zeros goes with the others.
  private func fitPower(_ first: Int, _ alpha: Double) {
    let (work, scale) = (rowWork + first, e + first)
    var (sum, count) = (0.0, 0.0)
    for row in 0..<3 where work[row] > 0 {
      sum += log(work[row])
      count += 1
    }
    guard count > 0 else { return }
    let (x, y, z) = (size(0), size(1), size(2))
    let missed = (z - alpha * x - (1 - alpha) * y) / (1 + alpha * alpha + (1 - alpha) * (1 - alpha))
    (work[0], work[1]) = (exp(x + alpha * missed), exp(y + (1 - alpha) * missed))
    let (c, d) = (factor(work[0], scale[0]), factor(work[1], scale[1]))
    work[2] = pow(c, -2 * alpha) * pow(d, -2 * (1 - alpha))
    func size(_ row: Int) -> Double { work[row] > 0 ? log(work[row]) : sum / count }
  }

  private func apply() {
    for column in 0..<n {
      let scale = columnWork[column]
      d[column] *= scale
      q[column] *= scale
      for entry in Int(p.starts[column])..<Int(p.starts[column + 1]) {
        p.values[entry] *= scale * columnWork[Int(p.indices[entry])]
      }
      for entry in Int(a.starts[column])..<Int(a.starts[column + 1]) {
        a.values[entry] *= scale * rowWork[Int(a.indices[entry])]
      }
    }
    for i in 0..<m {
      e[i] *= rowWork[i]
      b[i] *= rowWork[i]
    }
  }

  /// β D, E/β and 1/β, β = ‖E b‖_∞ between 1 and 1e4; P and q without the last, which belongs to c.
  /// Cones with numbers of order one beside larger ones lose with more, and gain nothing with less.
  private func scaleRight() {
    var size = 1.0
    for i in 0..<m { size = max(size, abs(b[i])) }
    let beta = min(size, EquilibratedProgram.range.upperBound)
    scalesRight = beta > 1
    for j in 0..<n { d[j] *= beta }
    for entry in 0..<p.count { p.values[entry] *= beta }
    for i in 0..<m {
      e[i] /= beta
      b[i] /= beta
    }
    costScale /= beta
  }

  /// c = 1/max(mean column norm of P, ‖q‖_∞).
  private func scaleCost() {
    columnWork.update(repeating: 0, count: n)
    for column in 0..<n {
      for entry in Int(p.starts[column])..<Int(p.starts[column + 1]) {
        let (row, size) = (Int(p.indices[entry]), abs(p.values[entry]))
        columnWork[column] = max(columnWork[column], size)
        columnWork[row] = max(columnWork[row], size)
      }
    }
    var (sum, largest) = (0.0, 0.0)
    for j in 0..<n {
      sum += columnWork[j]
      largest = max(largest, abs(q[j]))
    }
    let size = max(sum / Double(n), largest)
    guard size > 0 else { return }
    let range = EquilibratedProgram.range
    let scale = min(max(1 / size, range.lowerBound), range.upperBound)
    for j in 0..<n { q[j] *= scale }
    for entry in 0..<p.count { p.values[entry] *= scale }
    costScale *= scale
  }
}
