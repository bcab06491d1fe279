import Foundation

/// A primal-dual interior point on the homogeneous embedding.
///
/// ```
/// P x + Aᵀz + q τ = 0,   A x + s − b τ = 0,   qᵀx + bᵀz + κ + xᵀP x/τ = 0               (12)
/// s ∈ K,  z ∈ K*,  τ, κ ≥ 0,  sᵀz + τκ = 0
/// ```
///
/// A solution with τ > 0 is a solution (x, s, z)/τ of the program; one with κ > 0 is a certificate
/// that there is none. A step towards σ times the residuals and σμ solves
///
/// ```
/// P Δx + Aᵀ Δz + q Δτ = −(1−σ) r_x
/// A Δx + Δs − b Δτ = −(1−σ) r_z                                                         (13)
/// (q + 2Pξ)ᵀΔx + bᵀΔz − ξᵀPξ Δτ + Δκ = −(1−σ) r_τ,   ξ = x/τ
/// H Δz + Δs = −d,   κ Δτ + τ Δκ = −d_κ
/// ```
///
/// by two systems with one matrix: [P Aᵀ; A −H] u = (−(1−σ) r_x, −(1−σ) r_z + d) and
/// v = (−q, b); then (Δx, Δz) = u + Δτ v and
///
/// ```
/// Δτ = (−(1−σ) r_τ + d_κ/τ − (q + 2Pξ)ᵀu_x − bᵀu_z) / ((q + 2Pξ)ᵀv_x + bᵀv_z − ξᵀPξ − κ/τ)  (14)
/// ```
///
/// - Source: Goulart, Chen, Clarabel (2024); Mehrotra (1992), for predictor and corrector.
final class InteriorPoint {
  private let program: EquilibratedProgram
  private let blocks: [any ConeBlock]
  private let kkt: KKTSystem
  private let residuals: Residuals
  private let termination: Termination
  private let settings: ConeSettings
  private let boundarySteps: BoundarySteps
  private let point, affine, combined: Iterate
  /// v of (14).
  private let constant: Iterate
  /// Right sides: −q and b, and another.
  private let fixed, right: Iterate
  /// The best point so far.
  let best: Iterate
  private var bestMeasures = Measures()
  private let isSymmetric: Bool
  /// Whether all cones are orthants.
  private let isPolyhedral: Bool
  private let degree: Double
  private var strategy = ScalingStrategy.primalDual
  private var mu = 0.0
  private var stepLength = 0.0
  private var slow = 0
  private(set) var iteration = 0
  /// The last iteration that the observer was told of: one that is tried again is not told again.
  private var told = -1

  /// The share of the way to the boundary that a step goes, at least and, beside symmetric cones, at most.
  private static let boundaryShares = 0.99...0.999
  /// Between them, the part of what the affine step leaves of the way to the optimum that a step leaves of
  /// the way to the boundary: near the optimum, longer steps save every eleventh iteration. Beside other
  /// cones they save few, and end some programs without an interior short of the optimum.
  private static let boundaryMargin = 0.05
  /// A shorter step than this with the primal-dual scaling is tried with the dual one.
  private static let shortStep = 0.1
  /// A shorter step than this is no progress.
  private static let leastStep = 1e-4
  /// How much shorter the next step is that is tried.
  private static let backtracking = 0.9
  /// Past the tolerances, iterations go on until several in a row leave more than a share of the
  /// residuals; a single short step is not the end. Where many masses are tiny, each step gains
  /// little for long, and an optimum with seven digits needs residuals of 2e-10; beyond these it is
  /// only worth the time if it is fast.
  static let enough = 2e-10
  private static let leastGain = 0.95
  private static let leastGainBeyond = 0.6
  private static let slowSteps = 1
  /// After more iterations in a row than this without a gain, steps have no second-order term, which
  /// may be larger than the first where affine steps are short and send the iterates in circles, and
  /// at least this much centering.
  private static let circlingSteps = 10
  private static let leastCentering = 0.3
  /// The least centering beside cones that are not symmetric, as a share of what the affine step leaves.
  /// No scaling takes both s and z of these to one point, and cones that a step has left at the boundary
  /// make the next ones short: aiming at a little less saves a tenth of the iterations. Not on the way to a
  /// certificate (κ > τ), which is often on the boundary itself, and then reached by long steps or not.
  private static let centeringOfCurved = 0.6
  /// ``accuracy`` as a share of μ.
  private static let accuracyShare = 1e-3
  /// The largest proximity to the central path that a step may end with, per degree of the cones: 0 on
  /// the path, +∞ at the boundary. Only looked at where cones are not symmetric. Every row of an orthant
  /// counts: steps take what is allowed, and where that is less than what many bounds beside few curved
  /// cones need, the next step has nothing left.
  private static let largestProximity = 1.0

  init(
    _ program: EquilibratedProgram, _ blocks: [any ConeBlock], _ kkt: KKTSystem,
    _ settings: ConeSettings
  ) {
    let (n, m) = (program.n, program.m)
    self.program = program
    self.blocks = blocks
    self.kkt = kkt
    self.settings = settings
    residuals = Residuals(program)
    termination = Termination(settings: settings)
    boundarySteps = BoundarySteps(program, blocks, kkt, residuals, termination)
    func direction() -> Iterate { Iterate(n: n, m: m, extraCount: kkt.extraCount) }
    (affine, combined, constant) = (direction(), direction(), direction())
    (point, best) = (Iterate(n: n, m: m), Iterate(n: n, m: m))
    (fixed, right) = (Iterate(n: n, m: m), Iterate(n: n, m: m))
    isSymmetric = blocks.allSatisfy(\.isSymmetric)
    isPolyhedral = blocks.allSatisfy { $0 is ZeroBlock || $0 is NonnegativeBlock }
    degree = Double(blocks.reduce(1) { $0 + $1.degree })
  }

  /// Solves from the beginning; ``best`` is the answer.
  func solve(deadline: Double?) -> SolveStatus {
    guard start() else { return .numericalTrouble }
    while true {
      residuals.update(point)
      let measures = residuals.measure(point)
      if iteration > told {
        keep(measures)
        report(measures)
        told = iteration
      }
      if let status = termination.decide(measures) {
        if status != .solved { best.copy(point) }
        if status != .solved || slow > InteriorPoint.slowSteps || measures.worst <= settings.aim {
          return status
        }
      }
      if let status = limit(iteration, deadline) { return atBest(status) }
      if stepsToBoundary(measures, deadline) { return .solved }
      mu = point.complementarity / degree
      guard updateScaling(), kkt.factorWithScaling(mu: isSymmetric ? .infinity : mu),
        affineStep()
      else {
        if fallBack() { continue }
        return atBest(.numericalTrouble)
      }
      let reach = longest(affine, limit: 1)
      var sigma = (1 - reach) * (1 - reach) * (1 - reach)
      if !isSymmetric, point.tau > point.kappa {
        sigma = max(sigma, InteriorPoint.centeringOfCurved * (1 - reach))
      }
      if slow > InteriorPoint.circlingSteps {
        sigma = max(sigma, InteriorPoint.leastCentering)
        affine.clear()
      }
      guard combinedStep(sigma) else {
        if fallBack() { continue }
        return atBest(.numericalTrouble)
      }
      stepLength = share(after: reach) * longest(combined, limit: 1)
      stepLength = isSymmetric ? inside(stepLength) : centered(stepLength)
      if stepLength < InteriorPoint.shortStep, fallBack() { continue }
      if stepLength < InteriorPoint.leastStep { return atBest(.numericalTrouble) }
      point.advance(combined, by: stepLength)
      point.normalize()
      iteration += 1
    }
  }

  /// The share of the way to the boundary that a step goes where the affine one would reach so far.
  private func share(after reach: Double) -> Double {
    let shares = InteriorPoint.boundaryShares
    guard isSymmetric else { return shares.lowerBound }
    let share = 1 - InteriorPoint.boundaryMargin * (1 - reach)
    return min(max(share, shares.lowerBound), shares.upperBound)
  }

  // MARK: The first point

  /// The center of the cones; for symmetric cones the least-squares point, shifted inside.
  private func start() -> Bool {
    (iteration, slow, stepLength, strategy, bestMeasures) = (0, 0, 0, .primalDual, Measures())
    told = -1
    boundarySteps.reset()
    kkt.reset()
    for j in 0..<program.n { fixed.x[j] = -program.q[j] }
    fixed.z.update(from: program.b, count: program.m)
    (point.tau, point.kappa) = (1, 1)
    guard isSymmetric else {
      point.x.update(repeating: 0, count: point.n)
      for block in blocks { block.setToCenter(point.s, point.z) }
      return true
    }
    guard kkt.factorWithIdentity() else { return false }
    let (n, m) = (program.n, program.m)
    if program.p.count == 0 {
      // s = b − A x of least norm, and z with Aᵀz + q = 0 of least norm.
      right.x.update(repeating: 0, count: n)
      right.z.update(repeating: 0, count: m)
      guard
        kkt.solve(
          (KKTRightSide(f: right.x, g: fixed.z), KKTRightSide(f: fixed.x, g: right.z)),
          into: (
            KKTSolution(x: point.x, z: point.s, extra: affine.extra),
            KKTSolution(x: combined.x, z: point.z, extra: combined.extra)
          ))
      else { return false }
      for i in 0..<m { point.s[i] = -point.s[i] }
    } else {
      guard
        kkt.solve(
          fixed.rightSide, into: KKTSolution(x: point.x, z: point.z, extra: affine.extra))
      else { return false }
      for i in 0..<m { point.s[i] = -point.z[i] }
    }
    moveInside(point.s)
    moveInside(point.z)
    for block in blocks where block.degree == 0 { for i in block.rows { point.s[i] = 0 } }
    return true
  }

  private func moveInside(_ v: UnsafeMutablePointer<Double>) {
    let margin = blocks.reduce(Double.infinity) { min($0, $1.margin(v)) }
    guard margin < 1 else { return }
    for block in blocks { block.shift(v, by: 1 - min(margin, 0) - max(margin, 0)) }
  }

  // MARK: One iteration

  private func updateScaling() -> Bool {
    blocks.allSatisfy { $0.updateScaling(point.s, point.z, mu: mu, strategy) }
  }

  /// A residual of the linear systems that is small enough: what s, z and the denominator of (14) are
  /// in the end is of the order of μ. Where cones are curved, directions need all of their digits.
  private var accuracy: Double { isPolyhedral ? InteriorPoint.accuracyShare * mu : 0 }

  /// v of (14), and the direction towards r = 0, μ = 0.
  private func affineStep() -> Bool {
    right.s.update(from: point.s, count: point.m)
    setRight(sigma: 0)
    let isSolved = kkt.solve(
      (fixed.rightSide, right.rightSide), to: accuracy, into: (constant.solution, affine.solution))
    guard isSolved else { return false }
    let dKappa = point.kappa * point.tau
    add(sigma: 0, dKappa: dKappa, to: affine)
    return finish(affine, dKappa: dKappa)
  }

  /// The direction towards σ r and σμ, with the second-order term of the affine direction.
  private func combinedStep(_ sigma: Double) -> Bool {
    right.s.update(from: point.s, count: point.m)
    let step = BlockStep(s: point.s, z: point.z, ds: affine.s, dz: affine.z)
    for block in blocks { block.combine(right.s, CombinedStep(step: step, target: sigma * mu)) }
    setRight(sigma: sigma)
    guard kkt.solve(right.rightSide, to: accuracy, into: combined.solution) else { return false }
    let dKappa = point.kappa * point.tau + affine.kappa * affine.tau - sigma * mu
    add(sigma: sigma, dKappa: dKappa, to: combined)
    // v grows as 1/μ, and its rounding with it; the sum is of the order of the point.
    if !isSymmetric {
      for j in 0..<program.n { right.x[j] += combined.tau * fixed.x[j] }
      for i in 0..<program.m { right.z[i] += combined.tau * fixed.z[i] }
      guard kkt.refine(right.rightSide, combined.solution) else { return false }
    }
    return finish(combined, dKappa: dKappa)
  }

  /// The right side of u, with d in `right.s`.
  private func setRight(sigma: Double) {
    let (rx, rz, d) = (residuals.rx, residuals.rz, right.s)
    for j in 0..<program.n { right.x[j] = (sigma - 1) * rx[j] }
    for i in 0..<program.m { right.z[i] = (sigma - 1) * rz[i] + d[i] }
  }

  /// (14), and Δτ v added to a direction that is u.
  private func add(sigma: Double, dKappa: Double, to direction: Iterate) {
    let (n, m, q, b, px) = (program.n, program.m, program.q, program.b, residuals.px)
    // 2 P ξ = 2 (P x)/τ.
    let (twice, xi) = (2 / point.tau, residuals.xpx / (point.tau * point.tau))
    /// (q + 2Pξ)ᵀx + bᵀz.
    func product(_ v: Iterate) -> Double {
      let ofP = program.p.count > 0 ? twice * px.dot(v.x, count: n) : 0
      return q.dot(v.x, count: n) + b.dot(v.z, count: m) + ofP
    }
    let numerator = (sigma - 1) * residuals.rtau + dKappa / point.tau - product(direction)
    direction.tau = numerator / (product(constant) - xi - point.kappa / point.tau)
    for j in 0..<n { direction.x[j] += direction.tau * constant.x[j] }
    for i in 0..<m { direction.z[i] += direction.tau * constant.z[i] }
    for k in 0..<direction.extraCount { direction.extra[k] += direction.tau * constant.extra[k] }
  }

  /// Δs and Δκ of a direction, by d in `right.s` and d_κ.
  ///
  /// - Returns: Whether the direction is a number.
  private func finish(_ direction: Iterate, dKappa: Double) -> Bool {
    kkt.finish(direction, d: right.s)
    direction.kappa = -(dKappa + point.kappa * direction.tau) / point.tau
    return direction.tau.isFinite
  }

  /// Newton steps on the boundary, where they lead to a solution.
  private func stepsToBoundary(_ measures: Measures, _ deadline: Double?) -> Bool {
    let path = boundarySteps.solve(
      from: point, measures, BoundarySteps.Work(direction: combined, right: right)
    ) { limit(iteration + $0, deadline) != nil }
    guard let path, let last = path.last else { return false }
    (mu, stepLength) = (point.complementarity / degree, 1)
    for measures in path.dropFirst() {
      iteration += 1
      report(measures)
    }
    keep(last)
    return true
  }

  // MARK: Step length

  /// The longest step inside all cones.
  private func longest(_ direction: Iterate, limit: Double) -> Double {
    var length = limit
    if direction.tau < 0 { length = min(length, -point.tau / direction.tau) }
    if direction.kappa < 0 { length = min(length, -point.kappa / direction.kappa) }
    let step = BlockStep(s: point.s, z: point.z, ds: direction.s, dz: direction.z)
    for block in blocks where block.isSymmetric {
      length = block.stepLength(step, limit: length)
    }
    for block in blocks where !block.isSymmetric {
      length = block.stepLength(step, limit: length)
    }
    return length
  }

  /// The first of `length`, 0.9 `length`, … whose end is inside: rounding may have passed the boundary
  /// of a second-order cone where s or z is large beside its distance from there.
  private func inside(_ length: Double) -> Double {
    let step = BlockStep(s: point.s, z: point.z, ds: combined.s, dz: combined.z)
    var length = length
    while length >= InteriorPoint.leastStep {
      if blocks.allSatisfy({ $0.isInside(step, length) }) { break }
      length *= InteriorPoint.backtracking
    }
    return length
  }

  /// The first of `length`, 0.9 `length`, … whose end is near enough to the central path.
  private func centered(_ length: Double) -> Double {
    var length = length
    while length >= InteriorPoint.leastStep {
      let proximity = point.proximity(combined, length, blocks, degree: degree)
      if proximity <= InteriorPoint.largestProximity * degree { return length }
      length *= InteriorPoint.backtracking
    }
    return length
  }

  /// The dual scaling in place of the primal-dual one, where there is a choice left.
  private func fallBack() -> Bool {
    guard !isSymmetric, strategy == .primalDual else { return false }
    strategy = .dual
    return true
  }

  // MARK: Stopping

  /// Keeps the best point, and counts the iterations in a row that gained little.
  private func keep(_ measures: Measures) {
    let isShort = measures.worst > InteriorPoint.enough
    let share = isShort ? InteriorPoint.leastGain : InteriorPoint.leastGainBeyond
    slow = measures.worst < share * bestMeasures.worst ? 0 : slow + 1
    guard measures.worst < bestMeasures.worst || iteration == 0 else { return }
    bestMeasures = measures
    best.copy(point)
  }

  /// Why there is no further iteration after so many.
  private func limit(_ iterations: Int, _ deadline: Double?) -> SolveStatus? {
    if iterations >= settings.iterationLimit { return .iterationLimit }
    if let deadline, InteriorPoint.now >= deadline { return .timeLimit }
    if settings.isCancelled?() == true { return .cancelled }
    return nil
  }

  /// The status when progress has ended, from the best point. A proof that there is no solution is
  /// one at full accuracy, or none.
  private func atBest(_ status: SolveStatus) -> SolveStatus {
    if termination.decide(bestMeasures) == .solved { return .solved }
    return termination.isSolvedToReducedAccuracy(bestMeasures) ? .solvedToReducedAccuracy : status
  }

  private func report(_ measures: Measures) {
    settings.observer?(
      ConeProgress(
        iteration: iteration, objective: measures.objective,
        dualObjective: measures.dualObjective, relativeGap: measures.relativeGap,
        relativePrimal: measures.primal, relativeDual: measures.dual,
        complementarity: mu, stepLength: stepLength))
  }

  /// Seconds of a clock that does not go back.
  static var now: Double { Double(DispatchTime.now().uptimeNanoseconds) * 1e-9 }
}
