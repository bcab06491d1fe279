/// Where the entries of the linear system's matrix are.
///
/// ```
/// K = [P Aᵀ; A −H],   H = R + r rᵀ/c as [−R, −r; ·, c],   R = D − v vᵀ as [−D, −v; ·, −1]   (10)
/// ```
///
/// Eliminating the extra rows gives −H back. The diagonal has the signs (+, −, −, +) for x, z, v and r,
/// which make K quasi-definite.
struct KKTPattern {
  /// The order of K: n + m and the extra rows.
  private(set) var order: Int
  /// The upper triangle in compressed columns.
  private(set) var starts: [Int] = [0]
  private(set) var rows: [Int] = []
  /// Of each entry of P.
  private(set) var ofP: [Int]
  /// Of each entry of A, in its order of columns.
  private(set) var ofA: [Int]
  /// Of each diagonal element.
  private(set) var diagonal: [Int] = []
  /// Of each entry of the blocks' H, block after block.
  private(set) var ofH: [[Int]]
  /// The first of each block's extra rows, among all of them.
  private(set) var firstExtra: [Int] = []
  /// The sign of each pivot.
  private(set) var signs: [Double]
  /// The rows of second-order cones' rays, each after the cone's rows: eliminated before, r rᵀ would
  /// be added to R, and R's small eigenvalues be rounded away.
  private(set) var late: [LateRow] = []

  init(_ program: EquilibratedProgram, _ blocks: [any ConeBlock]) {
    let (n, m) = (program.n, program.m)
    order = n + m
    signs = Array(repeating: 1, count: n) + Array(repeating: -1, count: m)
    ofP = Array(repeating: 0, count: program.p.count)
    ofA = Array(repeating: 0, count: program.a.count)
    ofH = Array(repeating: [], count: blocks.count)
    addColumnsOfP(program)
    // A's rows: its columns' entries, counted off row by row.
    var rowStarts = [Int](repeating: 0, count: m + 1)
    for entry in 0..<program.a.count { rowStarts[Int(program.a.indices[entry]) + 1] += 1 }
    for row in 0..<m { rowStarts[row + 1] += rowStarts[row] }
    var next = rowStarts
    var columns = [(column: Int, entry: Int)](repeating: (0, 0), count: program.a.count)
    for column in 0..<n {
      for entry in Int(program.a.starts[column])..<Int(program.a.starts[column + 1]) {
        let row = Int(program.a.indices[entry])
        columns[next[row]] = (column, entry)
        next[row] += 1
      }
    }
    for (index, block) in blocks.enumerated() {
      for row in block.rows {
        for (column, entry) in columns[rowStarts[row]..<rowStarts[row + 1]] {
          ofA[entry] = rows.count
          rows.append(column)
        }
        if let dimension = block.pattern.denseDimension {
          for above in stride(from: (row - block.rows.lowerBound) % dimension, to: 0, by: -1) {
            ofH[index].append(rows.count)
            rows.append(n + row - above)
          }
        }
        ofH[index].append(rows.count)
        closeColumn(n + row)
      }
    }
    for (index, block) in blocks.enumerated() {
      firstExtra.append(order - n - m)
      switch block.pattern {
      case .diagonal: break
      case .densePlusRankOne: addRays(index, block.rows, n)
      case .diagonalPlusRankTwo(let dimension): addPairs(index, block.rows, dimension, n)
      }
    }
  }

  private mutating func closeColumn(_ column: Int) {
    diagonal.append(rows.count)
    rows.append(column)
    starts.append(rows.count)
  }

  private mutating func addColumnsOfP(_ program: EquilibratedProgram) {
    let p = program.p
    for column in 0..<program.n {
      var hasDiagonal = false
      for entry in Int(p.starts[column])..<Int(p.starts[column + 1]) {
        let row = Int(p.indices[entry])
        ofP[entry] = rows.count
        if row == column {
          hasDiagonal = true
          closeColumn(column)
        } else {
          rows.append(row)
        }
      }
      if !hasDiagonal { closeColumn(column) }
    }
  }

  /// The columns of −r and c: y = rᵀz/c in [−R −r; −rᵀ c] is what r rᵀ/c adds to R.
  private mutating func addRays(_ index: Int, _ block: Range<Int>, _ n: Int) {
    for first in stride(from: n + block.lowerBound, to: n + block.upperBound, by: 3) {
      ofH[index] += addExtra(first..<first + 3, sign: 1)
      ofH[index].append(diagonal[order - 1])
    }
  }

  /// The columns of −v and −r, whose diagonal elements are −1 and 1.
  private mutating func addPairs(_ index: Int, _ block: Range<Int>, _ dimension: Int, _ n: Int) {
    let ofDiagonal = ofH[index]
    ofH[index] = []
    for cone in 0..<block.count / dimension {
      let own = cone * dimension..<(cone + 1) * dimension
      let cells = n + block.lowerBound + own.lowerBound..<n + block.lowerBound + own.upperBound
      ofH[index] += ofDiagonal[own]
      ofH[index] += addExtra(cells, sign: -1)
      late.append(LateRow(row: order, after: cells))
      ofH[index] += addExtra(cells, sign: 1)
    }
  }

  /// A column with entries in some rows.
  ///
  /// - Returns: The places of the entries.
  private mutating func addExtra(_ cells: Range<Int>, sign: Double) -> Range<Int> {
    let places = rows.count..<rows.count + cells.count
    rows += cells
    closeColumn(order)
    order += 1
    signs.append(sign)
    return places
  }
}
