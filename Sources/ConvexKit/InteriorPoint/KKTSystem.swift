/// The linear system of every step.
///
/// ```
/// [P Aᵀ; A −H] [x; z] = [f; g]                                                          (11)
/// ```
///
/// The matrix is factored with ±ε on its diagonal, which makes it quasi-definite whatever A's rank;
/// iterative refinement against the matrix itself takes the ε out again. Where rounding still takes a
/// pivot to the wrong sign, ε grows (dynamic regularization) and the factorization is repeated.
final class KKTSystem {
  private let program: EquilibratedProgram
  private let blocks: [any ConeBlock]
  private let ldl: SparseLDL
  private let pattern: KKTPattern
  private let arena = Arena()

  /// ε, as large as the last factorization needed it.
  private var epsilon = KKTSystem.leastRegularization
  /// The pivots' signs, by row of the permuted matrix.
  private let signs: UnsafeMutablePointer<Double>
  /// Where entries are in the permuted matrix: of the diagonal by permuted row, and of H.
  private let diagonal: UnsafeMutablePointer<Int32>
  private let ofH: [(places: UnsafeMutablePointer<Int32>, count: Int)]
  private let hessian: UnsafeMutablePointer<Double>
  private let ofP, ofA: UnsafeMutablePointer<Int32>
  /// The diagonals of P and of K, by permuted row.
  private let ofDiagonalP, constant: UnsafeMutablePointer<Double>
  private let right, solution, residual, best: UnsafeMutablePointer<Double>

  /// ε at first. Equilibrated entries are of order one, and refinement gains eight digits a pass.
  private static let leastRegularization = 1e-8
  /// ε at most: with more than this refinement would not converge.
  private static let largestRegularization = 1e-4
  /// A pivot below this is rounding.
  private static let smallestPivot = 1e-13
  /// Refinement stops at a residual of this, relative to the right side and absolutely.
  private static let relativeTolerance = 1e-13
  private static let absoluteTolerance = 1e-12
  private static let refinements = 10
  /// A pass that gains less than this factor is the last one.
  private static let leastGain = 5.0

  init(_ program: EquilibratedProgram, _ blocks: [any ConeBlock]) {
    self.program = program
    self.blocks = blocks
    let pattern = KKTPattern(program, blocks)
    let ldl = SparseLDL(
      order: pattern.order, columnStarts: pattern.starts, rowIndices: pattern.rows)
    self.pattern = pattern
    self.ldl = ldl
    signs = arena.numbers(pattern.order)
    diagonal = arena.indices(pattern.order)
    for k in 0..<pattern.order {
      let row = Int(ldl.permutation[k])
      signs[k] = pattern.signs[row]
      diagonal[k] = ldl.place[pattern.diagonal[row]]
    }
    let arena = arena
    (ofDiagonalP, constant) = (arena.numbers(pattern.order), arena.numbers(pattern.order))
    ofP = arena.indices(pattern.ofP.map { Int(ldl.place[$0]) })
    ofA = arena.indices(pattern.ofA.map { Int(ldl.place[$0]) })
    ofH = pattern.ofH.map { places in
      (arena.indices(places.map { Int(ldl.place[$0]) }), places.count)
    }
    hessian = arena.numbers(pattern.ofH.reduce(0) { max($0, $1.count) })
    (right, solution) = (arena.numbers(pattern.order), arena.numbers(pattern.order))
    (residual, best) = (arena.numbers(pattern.order), arena.numbers(pattern.order))
    load()
  }

  /// Factors the matrix with H = I, for the first point.
  func factorWithIdentity() -> Bool {
    resetDiagonalP()
    for (index, block) in blocks.enumerated() {
      let (places, count) = ofH[index]
      for k in 0..<count { ldl.values[Int(places[k])] = 0 }
      for place in pattern.ofSquares[index] { ldl.values[Int(ldl.place[place])] = 1 }
      for row in block.rows {
        ldl.values[Int(ldl.place[pattern.diagonal[program.n + row]])] = -1
      }
      // The extra rows of a cone are unknowns that nothing asks for: −1 and +1.
      if case .diagonalPlusRankTwo = block.pattern, let cone = block as? SecondOrderBlock {
        for k in 1...cone.count {
          ldl.values[Int(places[k * (3 * cone.dimension + 1) - 1])] = -1
        }
      }
    }
    return factor()
  }

  /// Factors the matrix with the blocks' H.
  func factorWithScaling() -> Bool {
    resetDiagonalP()
    for (index, block) in blocks.enumerated() {
      block.writeHessian(into: hessian)
      let (places, count) = ofH[index]
      if case .diagonalPlusRankTwo = block.pattern, let cone = block as? SecondOrderBlock {
        write(cone, index, places)
      } else {
        for k in 0..<count { ldl.values[Int(places[k])] = -hessian[k] }
      }
    }
    return factor()
  }

  /// H = η² (D + u uᵀ − v vᵀ) of every cone of a block, with +η² in the row of u.
  private func write(
    _ block: SecondOrderBlock, _ index: Int, _ places: UnsafeMutablePointer<Int32>
  ) {
    let entries = 3 * block.dimension + 1
    for cone in 0..<block.count {
      for k in cone * entries..<(cone + 1) * entries {
        ldl.values[Int(places[k])] = -hessian[k]
      }
      let square = hessian[(cone + 1) * entries - 1]
      ldl.values[Int(ldl.place[pattern.ofSquares[index][cone]])] = square
    }
  }

  /// The diagonal of P without ε.
  private func resetDiagonalP() {
    for k in 0..<ldl.order where signs[k] > 0 { ldl.values[Int(diagonal[k])] = ofDiagonalP[k] }
  }

  /// Takes P and A from the program, after its numbers changed.
  func load() {
    for k in 0..<ldl.order { ldl.values[Int(diagonal[k])] = 0 }
    for entry in 0..<program.p.count { ldl.values[Int(ofP[entry])] = program.p.values[entry] }
    for entry in 0..<program.a.count { ldl.values[Int(ofA[entry])] = program.a.values[entry] }
    for k in 0..<ldl.order { ofDiagonalP[k] = ldl.values[Int(diagonal[k])] }
    epsilon = KKTSystem.leastRegularization
  }

  /// Factors K + ε diag(signs), with ten times the ε where a pivot is not of its sign.
  ///
  /// A pivot of ε fills others with 1/ε, whose rounding, 1e-16/ε, must stay below ε. Where
  /// elimination meets several of them in a row it does not, and a larger ε is what helps.
  private func factor() -> Bool {
    for k in 0..<ldl.order { constant[k] = ldl.values[Int(diagonal[k])] }
    while epsilon <= KKTSystem.largestRegularization {
      for k in 0..<ldl.order { ldl.values[Int(diagonal[k])] = constant[k] + signs[k] * epsilon }
      let pivots = ldl.factor()
      var wrong = pivots < ldl.order
      for k in 0..<pivots {
        if ldl.pivots[k].isNaN { return false }
        wrong = wrong || !(ldl.pivots[k] * signs[k] > KKTSystem.smallestPivot)
      }
      if !wrong { return true }
      epsilon *= 10
    }
    return false
  }

  /// Solves (11).
  ///
  /// - Returns: Whether the solution is a number.
  func solve(
    _ f: UnsafeMutablePointer<Double>, _ g: UnsafeMutablePointer<Double>,
    into x: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>
  ) -> Bool {
    let (n, m) = (program.n, program.m)
    let order = ldl.order
    let position = ldl.position
    for row in n + m..<order { right[Int(position[row])] = 0 }
    for j in 0..<n { right[Int(position[j])] = f[j] }
    for i in 0..<m { right[Int(position[n + i])] = g[i] }
    guard refine(order) else { return false }
    for j in 0..<n { x[j] = solution[Int(position[j])] }
    for i in 0..<m { z[i] = solution[Int(position[n + i])] }
    return true
  }

  private func refine(_ order: Int) -> Bool {
    var size = 0.0
    for k in 0..<order { size = max(size, abs(right[k])) }
    let enough = KKTSystem.absoluteTolerance + KKTSystem.relativeTolerance * size
    solution.update(from: right, count: order)
    ldl.solvePermuted(solution)
    var error = measure(order)
    for _ in 0..<KKTSystem.refinements where error > enough {
      best.update(from: solution, count: order)
      ldl.solvePermuted(residual)
      for k in 0..<order { solution[k] += residual[k] }
      let next = measure(order)
      if !(next < error) {
        solution.update(from: best, count: order)
        break
      }
      if next * KKTSystem.leastGain > error { break }
      error = next
    }
    return error.isFinite
  }

  /// residual ← right − K solution; its largest element.
  private func measure(_ order: Int) -> Double {
    ldl.multiplyPermuted(solution, into: residual)
    var (most, sum) = (0.0, 0.0)
    for k in 0..<order {
      residual[k] = right[k] - residual[k] + epsilon * signs[k] * solution[k]
      most = max(most, abs(residual[k]))
      sum += residual[k]
    }
    return sum.isNaN ? .nan : most
  }
}
