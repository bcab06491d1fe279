/// Where the entries of the linear system's matrix are.
///
/// ```
/// K = [P Aᵀ; A −H],   H = η² (D + u uᵀ − v vᵀ) as [−η² D, −η² v, −η² u; ·, −η², 0; ·, ·, η²]   (10)
/// ```
///
/// Eliminating the two extra rows of a large second-order cone gives −H back. The diagonal has the
/// signs (+, −, −, +), which make K quasi-definite.
struct KKTPattern {
  /// The order of K: n + m, and two for each cone that has extra rows.
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
  /// Of +η², for each cone with extra rows, block after block.
  private(set) var ofSquares: [[Int]]
  /// The first of each block's extra rows, among all of them.
  private(set) var firstExtra: [Int] = []
  /// The sign of each pivot.
  private(set) var signs: [Double]

  init(_ program: EquilibratedProgram, _ blocks: [any ConeBlock]) {
    let (n, m) = (program.n, program.m)
    order = n + m
    signs = Array(repeating: 1, count: n) + Array(repeating: -1, count: m)
    ofP = Array(repeating: 0, count: program.p.count)
    ofA = Array(repeating: 0, count: program.a.count)
    ofH = Array(repeating: [], count: blocks.count)
    ofSquares = ofH
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
      if case .densePlusRankOne = block.pattern { addRays(index, block, n) }
      guard case .diagonalPlusRankTwo = block.pattern, let cone = block as? SecondOrderBlock
      else { continue }
      addExtraColumns(index, cone, n)
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
  private mutating func addRays(_ index: Int, _ block: any ConeBlock, _ n: Int) {
    for first in stride(from: block.rows.lowerBound, to: block.rows.upperBound, by: 3) {
      for row in first..<first + 3 {
        ofH[index].append(rows.count)
        rows.append(n + row)
      }
      ofH[index].append(rows.count)
      closeColumn(order)
      order += 1
      signs.append(1)
    }
  }

  /// The columns of v and u, and their diagonal elements. The order of H's entries is D, v, u, η².
  private mutating func addExtraColumns(_ index: Int, _ block: SecondOrderBlock, _ n: Int) {
    let ofDiagonal = ofH[index]
    var places: [Int] = []
    for cone in 0..<block.count {
      let first = cone * block.dimension
      places += ofDiagonal[first..<first + block.dimension]
      for sign in [-1.0, 1.0] {
        for k in 0..<block.dimension {
          places.append(rows.count)
          rows.append(n + block.rows.lowerBound + first + k)
        }
        closeColumn(order)
        order += 1
        signs.append(sign)
      }
      places.append(diagonal[diagonal.count - 2])
      ofSquares[index].append(diagonal[diagonal.count - 1])
    }
    ofH[index] = places
  }
}
