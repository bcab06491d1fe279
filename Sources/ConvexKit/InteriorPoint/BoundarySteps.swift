/// Newton steps from near a solution to the solution itself, on the boundary of the cones.
///
/// Beside curved cones the interior point gains a factor of about 20 in an iteration to the end: its scaling
/// is right on the central path, and the iterates are near it. A solution is on the boundary, where
/// complementarity is a smooth equation unless it is degenerate: s = λ ∇g(z), g(z) = 0 for a curved cone
/// (``BarrierBlock``), s_i = 0 or z_i = 0 for a bound. With Δτ = 0, its linear part and that of (12) are one
/// linear system of the usual pattern,
///
/// ```
/// P Δx + AᵀΔz = −r_x,   A Δx − H Δz = −r_z + d,   Δs = −d − H Δz                        (16)
/// ```
///
/// with one right side in place of three. Each step squares the error. After it, s and z are retracted: the
/// residuals are those of points inside of the cones, and a solution is one to the same measures as any other.
///
/// - Source: Newton's method on the optimality conditions; 0010, "On the boundary".
final class BoundarySteps {
  /// What a step may use: a direction and a right side.
  struct Work {
    let direction, right: Iterate
  }

  private let blocks: [any ConeBlock]
  private let kkt: KKTSystem
  private let residuals: Residuals
  private let termination: Termination
  /// Where the steps began, and the last point that gained.
  private let start, old: Iterate
  private let degree: Double
  private let isOfUse: Bool
  /// The residuals and gap below which the next steps are tried.
  private var due = BoundarySteps.firstDue

  /// The residuals and gap from which on steps may be worth a try.
  private static let firstDue = 1e-2
  /// The same on the boundary, before the first step: with more, the solution is too far for Newton's method.
  private static let largestStart = 3e-3
  /// After steps that led nowhere, as much has to be gained before the next ones.
  private static let gainBeforeNext = 1e-2
  /// The first step also moves s and z to the boundary: it may leave more than there was, up to this factor.
  private static let largestGrowth = 10.0
  /// Every other step leaves less than this share, or is the last one.
  private static let leastGain = 0.1
  /// Where rounding ends the steps, a point so near to the aim is the solution.
  private static let nearAim = 10.0
  /// Each step doubles the digits.
  private static let mostSteps = 6

  init(
    _ program: EquilibratedProgram, _ blocks: [any ConeBlock], _ kkt: KKTSystem,
    _ residuals: Residuals, _ termination: Termination
  ) {
    self.blocks = blocks
    self.kkt = kkt
    self.residuals = residuals
    self.termination = termination
    // Where all cones are symmetric, the interior point is as fast to the end.
    isOfUse = !blocks.allSatisfy(\.isSymmetric)
    let (n, m) = isOfUse ? (program.n, program.m) : (0, 0)
    (start, old) = (Iterate(n: n, m: m), Iterate(n: n, m: m))
    degree = Double(blocks.reduce(1) { $0 + $1.degree })
  }

  /// Forgets earlier points.
  func reset() { due = BoundarySteps.firstDue }

  /// Steps to a solution, which `point` then is; else it stays where it was.
  ///
  /// - Parameters:
  ///   - point: Where to begin.
  ///   - measures: Its residuals and gap.
  ///   - work: What the steps may use.
  ///   - isOver: Whether there is no time for another step after so many; asked before every one.
  /// - Returns: The measures of the point that was moved to the boundary, and after every step.
  func solve(
    from point: Iterate, _ measures: Measures, _ work: Work, isOver: (_ steps: Int) -> Bool
  ) -> [Measures]? {
    guard isOfUse, point.tau > point.kappa, measures.worst < due else { return nil }
    start.copy(point)
    old.copy(point)
    let regularization = kkt.neededRegularization
    if let first = retract(point), first.worst < BoundarySteps.largestStart {
      var path = [first]
      var (last, least) = (first, BoundarySteps.largestGrowth * measures.worst)
      old.copy(point)
      while path.count <= BoundarySteps.mostSteps, !isSolution(last), !isOver(path.count - 1),
        advance(point, work), let next = retract(point), next.worst < least
      {
        path.append(next)
        (last, least) = (next, BoundarySteps.leastGain * next.worst)
        old.copy(point)
      }
      if isSolution(last, slack: BoundarySteps.nearAim) {
        point.copy(old)
        return path
      }
      due = BoundarySteps.gainBeforeNext * measures.worst
    }
    point.copy(start)
    residuals.update(point)
    kkt.neededRegularization = regularization
    return nil
  }

  private func isSolution(_ measures: Measures, slack: Double = 1) -> Bool {
    measures.worst <= slack * termination.settings.aim && termination.decide(measures) == .solved
  }

  /// One step of (16).
  ///
  /// - Returns: Whether there is one.
  private func advance(_ point: Iterate, _ work: Work) -> Bool {
    let (direction, right) = (work.direction, work.right)
    let mu = point.complementarity / degree
    right.s.update(from: point.s, count: point.m)
    guard
      blocks.allSatisfy({ $0.updateBoundary(point.s, point.z, mu: mu, right.s) }),
      kkt.factorWithScaling(mu: mu)
    else { return false }
    for j in 0..<point.n { right.x[j] = -residuals.rx[j] }
    for i in 0..<point.m { right.z[i] = right.s[i] - residuals.rz[i] }
    guard kkt.solve(right.rightSide, into: direction.solution) else { return false }
    kkt.finish(direction, d: right.s)
    (direction.tau, direction.kappa) = (0, 0)
    point.advance(direction, by: 1)
    return true
  }

  /// Moves the point's s and z into the cones.
  ///
  /// - Returns: Its residuals and gap then; nil if there is no such point.
  private func retract(_ point: Iterate) -> Measures? {
    let step = BoundaryStep(s: point.s, z: point.z, oldS: old.s, oldZ: old.z)
    guard blocks.allSatisfy({ $0.retract(step) }) else { return nil }
    residuals.update(point)
    return residuals.measure(point)
  }
}
