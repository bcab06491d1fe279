/// Solves cone programs of one structure again and again.
///
/// The ordering and the symbolic factorization are made once; ``update(quadratic:linear:constraints:rightHandSide:)``
/// only changes numbers. An instance may be used by one thread at a time.
///
/// ```swift
/// let solver = ConeSolver(program)
/// let first = solver.solve()
/// try solver.update(rightHandSide: other)
/// let second = solver.solve()
/// ```
public final class ConeSolver {
  /// The program with its present numbers.
  public private(set) var program: ConeProgram
  /// When to stop, and what to tell on the way.
  public var settings: ConeSettings
  private var engine: Engine?
  /// The linear system of the last polishing.
  private var polishing: LinearizedSystem?

  /// What belongs to the structure.
  private struct Engine {
    let reduction: RowReduction
    let equilibrated: EquilibratedProgram
    let blocks: [any ConeBlock]
    let kkt: KKTSystem

    init(_ program: ConeProgram) {
      reduction = RowReduction(program)
      equilibrated = EquilibratedProgram(program, reduction)
      blocks = ConeBlocks.make(reduction.cones)
      kkt = KKTSystem(equilibrated, blocks)
    }
  }

  /// A solver for a program and for others of its structure.
  ///
  /// - Parameters:
  ///   - program: The program.
  ///   - settings: When to stop, and what to tell on the way.
  public init(_ program: ConeProgram, settings: ConeSettings = ConeSettings()) {
    self.program = program
    self.settings = settings
  }

  /// Takes new numbers for some operands; nil keeps the old ones.
  ///
  /// - Parameters:
  ///   - quadratic: The values of P's stored entries.
  ///   - linear: q.
  ///   - constraints: The values of A's stored entries, row after row.
  ///   - rightHandSide: b.
  /// - Throws: ``ConeProgramError`` as for a new program; the old numbers then stay.
  public func update(
    quadratic: [Double]? = nil, linear: Vector<Double>? = nil, constraints: [Double]? = nil,
    rightHandSide: Vector<Double>? = nil
  ) throws(ConeProgramError) {
    var changed = program
    if let quadratic {
      guard quadratic.count == program.quadratic.values.count else {
        throw .structureChanged(operand: "P")
      }
      changed.quadratic.values = quadratic
      try changed.checkConvexity()
    }
    if let constraints {
      guard constraints.count == program.constraints.values.count else {
        throw .structureChanged(operand: "A")
      }
      try ConeProgram.check(finite: Vector(constraints), "A")
      changed.constraints.values = constraints
    }
    if let linear { changed.linear = linear }
    if let rightHandSide { changed.rightHandSide = rightHandSide }
    try changed.checkShapes()
    if linear != nil { try ConeProgram.check(finite: changed.linear, "q") }
    if rightHandSide != nil { try changed.checkRightHandSide() }
    program = changed
    guard let engine else { return }
    if engine.reduction.fits(changed) {
      engine.equilibrated.load(changed)
      engine.kkt.load()
    } else {
      self.engine = nil
    }
  }

  /// Solves the program with its present numbers.
  ///
  /// - Returns: The solution, or the best point with the reason why it is none.
  public func solve() -> ConeSolution {
    let began = InteriorPoint.now
    #if GLPK
      if settings.method == .automatic, program.suitsSimplex,
        let solution = program.solveBySimplex(settings: settings)
      {
        return solution
      }
    #endif
    let engine = self.engine ?? Engine(program)
    self.engine = engine
    if let certificate = engine.reduction.certificate(program) {
      return solution(
        .primalInfeasible, certificate, engine.reduction, engine.equilibrated, nil, began)
    }
    let answer = better(engine, began)
    switch answer.status {
    case .numericalTrouble, .iterationLimit:
      return ray(after: answer, engine.equilibrated, engine.reduction, began) ?? answer
    default: return answer
    }
  }

  /// The better of the interior point's solutions with b scaled and, where that is short, with b as it is.
  private func better(_ engine: Engine, _ began: Double) -> ConeSolution {
    let first = iterate(engine, began)
    guard engine.equilibrated.scalesRight, first.iterations < settings.iterationLimit else {
      return first
    }
    switch first.status {
    case .solvedToReducedAccuracy, .numericalTrouble: break
    default: return first
    }
    // Numbers of many sizes in one cone may do better in their own units.
    engine.equilibrated.load(program, scalingRight: false)
    engine.kkt.load()
    let second = iterate(engine, began)
    engine.equilibrated.load(program)
    engine.kkt.load()
    let isBetter =
      second.status == .solved || second.certificate != nil
      || second.status == .solvedToReducedAccuracy && first.status == .numericalTrouble
    return isBetter ? second : first
  }

  /// The interior point's solution, polished where it is short of ten digits.
  private func iterate(_ engine: Engine, _ began: Double) -> ConeSolution {
    let method = InteriorPoint(engine.equilibrated, engine.blocks, engine.kkt, settings)
    let status = method.solve(deadline: settings.timeLimit.map { began + $0 })
    let found = solution(status, nil, engine.reduction, engine.equilibrated, method, began)
    switch status {
    case .solved where found.residuals.largest <= InteriorPoint.enough: return found
    case .solved, .solvedToReducedAccuracy: return polished(found, began)
    default: return found
    }
  }
}

extension ConeSolver {
  /// A solution that the iterations left short of ten digits, by Newton's method on the optimality
  /// conditions: the linearized ones, whose matrix has none of the extreme entries of a scaling near
  /// the boundary.
  private func polished(_ solution: ConeSolution, _ began: Double) -> ConeSolution {
    guard
      let (linearized, polished) = try? ConeDerivative.polish(
        program, solution, reusing: polishing)
    else { return solution }
    polishing = linearized.matrix
    let (residuals, tolerances) = (polished.residuals, settings.tolerances)
    let outside = max(
      program.violation(slack: polished.slack)
        / max(1, program.finiteRows(polished.slack).infinityNorm),
      program.violation(dual: polished.dual) / max(1, polished.dual.infinityNorm))
    guard residuals.largest < solution.residuals.largest, outside <= InteriorPoint.enough else {
      return solution
    }
    var better = polished
    better.seconds = InteriorPoint.now - began
    if max(residuals.relativePrimal, residuals.relativeDual) <= tolerances.feasibility,
      min(residuals.gap, residuals.relativeGap) <= tolerances.gap
    {
      better.status = .solved
    }
    return better
  }
}

extension ConeProgram {
  /// Solves the program.
  ///
  /// - Parameter settings: When to stop, and what to tell on the way.
  /// - Returns: The solution, or the best point with the reason why it is none.
  public func solve(_ settings: ConeSettings = ConeSettings()) -> ConeSolution {
    ConeSolver(self, settings: settings).solve()
  }

  /// Solves many programs, several at a time; the results do not depend on how many.
  ///
  /// - Parameters:
  ///   - programs: The programs.
  ///   - settings: When to stop. The observer is called from several threads.
  ///   - threads: The number of threads; nil means ``Parallel/defaultThreadCount``.
  /// - Returns: One solution per program, in order.
  public static func solve(
    _ programs: [ConeProgram], _ settings: ConeSettings = ConeSettings(), threads: Int? = nil
  ) -> [ConeSolution] {
    Parallel.map(count: programs.count, threads: threads) { programs[$0].solve(settings) }
  }
}
