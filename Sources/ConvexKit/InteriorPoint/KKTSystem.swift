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
  private let ofSquares: [UnsafeMutablePointer<Int32>]
  private let hessian, ofDiagonalP: UnsafeMutablePointer<Double>

  init(_ program: EquilibratedProgram, _ blocks: [any ConeBlock]) {
    self.program = program
    self.blocks = blocks
    let pattern = KKTPattern(program, blocks)
    let ldl = SparseLDL(
      order: pattern.order, columnStarts: pattern.starts, rowIndices: pattern.rows)
    let arena = arena
    func places(_ entries: [Int]) -> UnsafeMutablePointer<Int32> {
      arena.indices(entries.map { Int(ldl.place[$0]) })
    }
    self.pattern = pattern
    system = RegularizedLDL(ldl, diagonal: pattern.diagonal, signs: pattern.signs)
    (ofP, ofA, diagonal) = (places(pattern.ofP), places(pattern.ofA), places(pattern.diagonal))
    ofH = pattern.ofH.map { (places($0), $0.count) }
    ofSquares = pattern.ofSquares.map(places)
    hessian = arena.numbers(pattern.ofH.reduce(0) { max($0, $1.count) })
    ofDiagonalP = arena.numbers(program.n)
    load()
  }

  /// The unknowns besides x and z.
  var extraCount: Int { pattern.order - program.n - program.m }
  /// Where those of each block start among them.
  var firstExtra: [Int] { pattern.firstExtra }

  /// Takes P and A from the program, after its numbers changed.
  func load() {
    let values = system.ldl.values
    for j in 0..<program.n { values[Int(diagonal[j])] = 0 }
    for entry in 0..<program.p.count { values[Int(ofP[entry])] = program.p.values[entry] }
    for entry in 0..<program.a.count { values[Int(ofA[entry])] = program.a.values[entry] }
    for j in 0..<program.n { ofDiagonalP[j] = values[Int(diagonal[j])] }
    reset()
  }

  /// Forgets the regularization that earlier matrices needed: the next solve is as the first.
  func reset() { system.reset() }

  /// Factors the matrix with H = I, for the first point.
  func factorWithIdentity() -> Bool {
    let values = system.ldl.values
    for (index, block) in blocks.enumerated() {
      let (places, count) = ofH[index]
      for k in 0..<count { values[Int(places[k])] = 0 }
      for row in block.rows { values[Int(diagonal[program.n + row])] = -1 }
      // The extra rows of a cone are unknowns that nothing asks for: −1 and +1.
      for cone in 0..<pattern.ofSquares[index].count {
        let entries = count / pattern.ofSquares[index].count
        values[Int(places[(cone + 1) * entries - 1])] = -1
        values[Int(ofSquares[index][cone])] = 1
      }
    }
    return factor()
  }

  /// Factors the matrix with the blocks' H.
  ///
  /// - Parameter mu: μ, where H has eigenvalues of this order that the regularization must not hide.
  /// - Returns: Whether there is a factorization.
  func factorWithScaling(mu: Double) -> Bool {
    let values = system.ldl.values
    for (index, block) in blocks.enumerated() {
      block.writeHessian(into: hessian)
      let (places, count) = ofH[index]
      for k in 0..<count { values[Int(places[k])] = -hessian[k] }
      // H = η² (D + u uᵀ − v vᵀ) of large cones: +η² in the row of u.
      for cone in 0..<pattern.ofSquares[index].count {
        let entries = count / pattern.ofSquares[index].count
        values[Int(ofSquares[index][cone])] = hessian[(cone + 1) * entries - 1]
      }
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
    _ f: UnsafeMutablePointer<Double>, _ g: UnsafeMutablePointer<Double>, to tolerance: Double = 0,
    into x: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>,
    _ extra: UnsafeMutablePointer<Double>
  ) -> Bool {
    setRight(f, g)
    guard system.solve(to: tolerance).isFinite else { return false }
    take(x, z, extra)
    return true
  }

  /// Refines a solution of (11) that was put together from others.
  ///
  /// - Returns: Whether the solution is a number.
  func refine(
    _ f: UnsafeMutablePointer<Double>, _ g: UnsafeMutablePointer<Double>,
    _ x: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>,
    _ extra: UnsafeMutablePointer<Double>
  ) -> Bool {
    setRight(f, g)
    let (n, m, position) = (program.n, program.m, system.ldl.position)
    for j in 0..<n { system.solution[Int(position[j])] = x[j] }
    for i in 0..<m { system.solution[Int(position[n + i])] = z[i] }
    for row in n + m..<pattern.order { system.solution[Int(position[row])] = extra[row - n - m] }
    guard system.refine().isFinite else { return false }
    take(x, z, extra)
    return true
  }

  private func setRight(_ f: UnsafeMutablePointer<Double>, _ g: UnsafeMutablePointer<Double>) {
    let (n, m, position) = (program.n, program.m, system.ldl.position)
    for row in n + m..<pattern.order { system.right[Int(position[row])] = 0 }
    for j in 0..<n { system.right[Int(position[j])] = f[j] }
    for i in 0..<m { system.right[Int(position[n + i])] = g[i] }
  }

  private func take(
    _ x: UnsafeMutablePointer<Double>, _ z: UnsafeMutablePointer<Double>,
    _ extra: UnsafeMutablePointer<Double>
  ) {
    let (n, m, position) = (program.n, program.m, system.ldl.position)
    for j in 0..<n { x[j] = system.solution[Int(position[j])] }
    for i in 0..<m { z[i] = system.solution[Int(position[n + i])] }
    for row in n + m..<pattern.order { extra[row - n - m] = system.solution[Int(position[row])] }
  }
}
