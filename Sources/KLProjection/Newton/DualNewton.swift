import RealModule

// Newton's method on the dual of Eq. 4, in logarithms.
//
// The optimality conditions are F(λ) = log Aμ − log ν = 0, (4) of DualPoint.swift, and h(λ) = 0,
// (5), where columns of A do not sum to 1. Since
//
//   ∂F/∂λ = −B + constant rows,      B = (1/w_f) R Aᵀ + (1/w_c) I,                         (6)
//   ∂h/∂λ = −bᵀ,                     b = (1/w_f) A(ω⁺ − ω⁻),                               (7)
//
// a Newton step for the unknowns λ and t solves
//
//   B Δ = F + Δt·1,    bᵀΔ = h                                                             (8)
//
// with Δt = 0 when all columns sum to 1: a constant then only moves λ within its gauge. This is
// the Newton step of g, scaled by Aμ, with the gradient Aμ − ν replaced by log Aμ − log ν, to
// which it is equal to first order. On a partition R Aᵀ = I and F is linear: one step is exact,
// whatever the data. On overlapping windows it takes three or four, where the plain Newton step
// of g, whose Hessian has a condition number of 1e300 on the same data, does not get off the
// ground.
//
// The start is a few scaling steps
//
//   λ ← λ + F / (1/w_c + c/w_f),     c the largest column sum,                             (9)
//
// each of which increases g (on a partition one of them is the closed form), and for h an exact
// shift of λ by a constant. The step length is halved until ‖F‖_∞ decreases, for which a Newton
// step of F = 0 is a descent direction; if it will not, more scaling steps come first.

/// The iteration on one face; reusable for instances on the same face.
final class DualNewton {
  /// How an iteration ended.
  enum Outcome { case solved, iterationLimit }

  let stencil: Stencil
  private let settings: ProjectionSettings
  let hessian: ScaledHessian
  /// Where the iteration stands.
  private(set) var point: DualPoint
  private var trial: DualPoint

  init(_ stencil: Stencil, _ settings: ProjectionSettings) {
    self.stencil = stencil
    self.settings = settings
    hessian = ScaledHessian(stencil)
    point = DualPoint(stencil)
    trial = DualPoint(stencil)
  }

  /// Iterates from the λ in `point.witness`; `isWarm` says that it is a guess worth keeping.
  func solve(_ instance: DualInstance, isWarm: Bool) -> (outcome: Outcome, iterations: Int) {
    point.evaluate(instance)
    if !(isWarm && point.residual <= 1) {
      scale(instance, steps: Self.startingSteps(instance.weights))  // (9)
    }
    recenter(instance)
    for iteration in 0..<settings.maximumIterations {
      if point.residual <= settings.tolerance { return (.solved, iteration) }
      let step = newtonStep(instance)  // (8)
      if descend(instance, along: step) { continue }
      if point.residual <= roundingFloor(instance) { return (.solved, iteration) }
      scale(instance, steps: 4)  // (9)
    }
    let isSolved = point.residual <= max(settings.tolerance, roundingFloor(instance))
    return (isSolved ? .solved : .iterationLimit, settings.maximumIterations)
  }

  /// A scaling step multiplies the error by w_c/(w_f + w_c) at worst: the nearer this is to 1, the
  /// more of them pay before Newton takes over. 3 for equal weights, 17 for (0.1, 3): measured.
  private static func startingSteps(_ weights: ProjectionWeights) -> Int {
    let doublings = Double.log2(1 + weights.coarse / weights.fine)
    return 2 + Int((0.6 * doublings * doublings).rounded())
  }

  /// (9).
  private func scale(_ instance: DualInstance, steps: Int) {
    let rate = 1 / (1 / instance.weights.coarse + stencil.largestColumnSum / instance.weights.fine)
    for _ in 0..<steps where point.residual > settings.tolerance {
      for cell in point.witness.indices { point.witness[cell] += rate * point.mismatch[cell] }
      balance(instance, to: 0.1)
    }
  }

  /// Moves λ within its gauge so that the largest x is 0: the digits of x then go to the cells that
  /// have the mass, not to a common constant.
  private func recenter(_ instance: DualInstance) {
    guard stencil.isColumnStochastic else { return }
    let largest = point.largest
    guard abs(largest) > 16 else { return }
    for cell in point.witness.indices { point.witness[cell] += instance.weights.fine * largest }
    point.evaluate(instance)
  }

  /// Evaluates the point, then moves λ by a constant c so that h(λ + c·1) = 0.
  ///
  /// h decreases in c. Newton's method on it, within the bracket that the signs of h so far give.
  func balance(_ instance: DualInstance, to tolerance: Double) {
    point.evaluate(instance)
    guard !stencil.isColumnStochastic else { return }
    var (shift, least, most) = (0.0, -Double.infinity, Double.infinity)
    for _ in 0..<60 where abs(point.imbalance) > tolerance {
      let (imbalance, signed) = point.excessBalance(stencil)
      if imbalance > 0 { least = shift } else { most = shift }
      var slope = 0.0
      for cell in signed.indices { slope += signed[cell] * stencil.excess[cell] }
      var next = shift + imbalance * instance.weights.fine / slope
      if !(least..<most).contains(next) { next = (least + most) / 2 }
      for cell in point.witness.indices { point.witness[cell] += next - shift }
      shift = next
      point.evaluate(instance)
    }
  }

  /// Δ of (8); valid until the next call.
  private func newtonStep(_ instance: DualInstance) -> [Double] {
    let (solution, ones) = hessian.solve(
      instance, at: point, { point.mismatch[$0] }, alsoOnes: !stencil.isColumnStochastic)
    var step = Array(UnsafeBufferPointer(start: solution, count: stencil.coarseCount))
    guard !stencil.isColumnStochastic else { return step }
    // Δ = B⁻¹F + Δt B⁻¹1 with bᵀΔ = h. By (7) bᵀv = (1/w_f) Σ_j (ω⁺ − ω⁻)_j (Aᵀv)_j.
    let (imbalance, signed) = point.excessBalance(stencil)
    var (alongStep, alongOnes) = (0.0, 0.0)
    for cell in signed.indices where signed[cell] != 0 {
      for entry in stencil.columns.range(cell) {
        let row = Int(stencil.columns.indices[entry])
        alongStep += signed[cell] * stencil.columns.values[entry] * step[row]
        alongOnes += signed[cell] * stencil.columns.values[entry] * ones[row]
      }
    }
    let Δt = (imbalance * instance.weights.fine - alongStep) / alongOnes
    guard Δt.isFinite else { return step }
    for cell in step.indices { step[cell] += Δt * ones[cell] }
    return step
  }

  /// Moves along a step as far as the residual decreases; false if it does not.
  private func descend(_ instance: DualInstance, along step: [Double]) -> Bool {
    let isAtFloor = point.residual <= roundingFloor(instance)
    var length = 1.0
    while length > (isAtFloor ? 0.9 : 1e-3) {
      for cell in step.indices {
        trial.witness[cell] = point.witness[cell] + length * step[cell]
      }
      trial.evaluate(instance)
      if trial.residual <= (1 - 0.1 * length) * point.residual {
        swap(&point, &trial)
        return true
      }
      length /= 2
    }
    return false
  }

  /// What rounding leaves of F: its terms are logarithms of up to several hundreds.
  private func roundingFloor(_ instance: DualInstance) -> Double {
    var largest = 1.0
    for cell in point.witness.indices {
      let λ = abs(point.witness[cell])
      largest = max(
        largest, abs(instance.logCoarse[cell]) + λ / instance.weights.coarse,
        abs(point.logMarginal[cell]) + λ * stencil.largestColumnSum / instance.weights.fine)
    }
    return 8 * largest * .ulpOfOne
  }
}
