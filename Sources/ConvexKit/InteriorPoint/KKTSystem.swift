/// The linear system of every step.
///
/// ```
/// [P Aᵀ; A −H] [x; z] = [f; g]                                                          (11)
/// ```
final class KKTSystem {
  private let program: EquilibratedProgram
  private let blocks: [any ConeBlock]
  private let pattern: KKTPattern
  private let system: RegularizedLDL
  private let arena = Arena()

  /// Where entries are among the values: of P and A, of the diagonal by row, of the blocks' H.
  private let ofP, ofA, diagonal: UnsafeMutablePointer<Int32>
  private let ofH: [(places: UnsafeMutablePointer<Int32>, count: Int)]
  private let hessian, ofDiagonalP: UnsafeMutablePointer<Double>

  init(_ program: EquilibratedProgram, _ blocks: [any ConeBlock]) {
    self.program = program
    self.blocks = blocks
    let pattern = KKTPattern(program, blocks)
    let ldl = SparseLDL(
      order: pattern.order, columnStarts: pattern.starts, rowIndices: pattern.rows,
      late: pattern.late)
    let arena = arena
    func places(_ entries: [Int]) -> UnsafeMutablePointer<Int32> {
      arena.indices(entries.map { Int(ldl.place[$0]) })
    }
    self.pattern = pattern
    system = RegularizedLDL(ldl, diagonal: pattern.diagonal, signs: pattern.signs)
    (ofP, ofA, diagonal) = (places(pattern.ofP), places(pattern.ofA), places(pattern.diagonal))
    ofH = pattern.ofH.map { (places($0), $0.count) }
    hessian = arena.numbers(pattern.ofH.reduce(0) { max($0, $1.count) })
    ofDiagonalP = arena.numbers(program.n)
    load()
  }

  /// The unknowns besides x and z.
  var extraCount: Int { pattern.order - program.n - program.m }

  /// Takes P and A from the program, after its numbers changed.
  func load() {
    let values = system.ldl.values
    for j in 0..<program.n { values[Int(diagonal[j])] = 0 }
    for entry in 0..<program.p.count { values[Int(ofP[entry])] = program.p.values[entry] }
    for entry in 0..<program.a.count { values[Int(ofA[entry])] = program.a.values[entry] }
    for j in 0..<program.n { ofDiagonalP[j] = values[Int(diagonal[j])] }
    reset()
  }

  /// The regularization that earlier matrices needed.
  var neededRegularization: Double {
    get { system.needed }
    set { system.needed = newValue }
  }

  /// Forgets the regularization that earlier matrices needed: the next solve is as the first.
  func reset() { system.reset() }

  /// Factors the matrix with H = I, for the first point.
  func factorWithIdentity() -> Bool {
    let values = system.ldl.values
    for (places, count) in ofH {
      for k in 0..<count { values[Int(places[k])] = 0 }
    }
    // The extra rows are unknowns that nothing asks for.
    for row in program.n..<pattern.order { values[Int(diagonal[row])] = pattern.signs[row] }
    return factor()
  }

  /// Factors the matrix with the blocks' H.
  ///
  /// - Parameter mu: μ, where H has eigenvalues of this order that the regularization must not hide.
  /// - Returns: Whether there is a factorization.
  func factorWithScaling(mu: Double) -> Bool {
    let values = system.ldl.values
    // Of extra rows that H has no other element for.
    for row in program.n + program.m..<pattern.order {
      values[Int(diagonal[row])] = pattern.signs[row]
    }
    for (block, (places, count)) in zip(blocks, ofH) {
      block.writeHessian(into: hessian)
      for k in 0..<count { values[Int(places[k])] = -hessian[k] }
    }
    return factor(mu)
  }

  private func factor(_ mu: Double = .infinity) -> Bool {
    for j in 0..<program.n { system.ldl.values[Int(diagonal[j])] = ofDiagonalP[j] }
    return system.factor(regularization: mu)
  }

  /// Solves (11), to a residual of `tolerance` or, where that is more, of rounding.
  ///
  /// - Returns: Whether the solution is a number.
  func solve(
    _ right: KKTRightSide, to tolerance: Double = 0, into solution: KKTSolution
  ) -> Bool {
    set(right, side: 0, of: 1)
    guard system.solve(to: tolerance)[0].isFinite else { return false }
    take(solution, side: 0, of: 1)
    return true
  }

  /// Solves (11) for two right sides in little more than the time of one.
  ///
  /// - Returns: Whether the solutions are numbers.
  func solve(
    _ rights: (KKTRightSide, KKTRightSide), to tolerance: Double = 0,
    into solutions: (KKTSolution, KKTSolution)
  ) -> Bool {
    set(rights.0, side: 0, of: 2)
    set(rights.1, side: 1, of: 2)
    let residuals = system.solve(width: 2, to: tolerance)
    guard residuals[0].isFinite, residuals[1].isFinite else { return false }
    take(solutions.0, side: 0, of: 2)
    take(solutions.1, side: 1, of: 2)
    return true
  }

  /// Refines a solution of (11) that was put together from others.
  ///
  /// - Returns: Whether the solution is a number.
  func refine(_ right: KKTRightSide, _ solution: KKTSolution) -> Bool {
    set(right, side: 0, of: 1)
    let (n, m, position) = (program.n, program.m, system.ldl.position)
    for j in 0..<n { system.solution[Int(position[j])] = solution.x[j] }
    for i in 0..<m { system.solution[Int(position[n + i])] = solution.z[i] }
    for row in n + m..<pattern.order {
      system.solution[Int(position[row])] = solution.extra[row - n - m]
    }
    guard system.refine()[0].isFinite else { return false }
    take(solution, side: 0, of: 1)
    return true
  }

  /// Δs = −d − H Δz of a direction.
  func finish(_ direction: Iterate, d: UnsafeMutablePointer<Double>) {
    for (block, first) in zip(blocks, pattern.firstExtra) {
      block.multiplyHessian(direction.z, direction.extra + first, into: direction.s)
    }
    for i in 0..<program.m { direction.s[i] = -d[i] - direction.s[i] }
  }

  private func set(_ right: KKTRightSide, side: Int, of width: Int) {
    let (n, m, position) = (program.n, program.m, system.ldl.position)
    let target = system.right + side
    for j in 0..<n { target[width * Int(position[j])] = right.f[j] }
    for i in 0..<m { target[width * Int(position[n + i])] = right.g[i] }
    for row in n + m..<pattern.order { target[width * Int(position[row])] = 0 }
  }

  private func take(_ solution: KKTSolution, side: Int, of width: Int) {
    let (n, m, position) = (program.n, program.m, system.ldl.position)
    let source = system.solution + side
    for j in 0..<n { solution.x[j] = source[width * Int(position[j])] }
    for i in 0..<m { solution.z[i] = source[width * Int(position[n + i])] }
    for row in n + m..<pattern.order {
      solution.extra[row - n - m] = source[width * Int(position[row])]
    }
  }
}

/// f and g of (11).
struct KKTRightSide {
  let f, g: UnsafeMutablePointer<Double>
}

/// x and z of (11), and the linear system's extra unknowns.
struct KKTSolution {
  let x, z, extra: UnsafeMutablePointer<Double>
}
