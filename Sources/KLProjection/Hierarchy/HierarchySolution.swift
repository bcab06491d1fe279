import RealModule

// Eq. 4 along a chain of partitions, t = 1 … T from fine to coarse, in logarithms.
//
// Collapsing the maps from below leaves one map b_t that stands for all of them up to t:
//
//   b_1 = log τ_1,  W_1 = w_1                                                             (1)
//   α_t = log P_t e^{b_t}                                                                 (2)
//   b_{t+1} = (W_t α_t + w_{t+1} log τ_{t+1}) / W_{t+1},   W_{t+1} = W_t + w_{t+1}        (3)
//
// Then from the top down, every cell gets its share of its parent's mass:
//
//   log μ_T = b_T − log Σ e^{b_T}                                                         (4)
//   log μ_t = b_t − α_t + log μ_{t+1}, the latter two at the parent                       (5)
//   λ_t = W_t (α_t − log μ_{t+1}) + c                                                     (6)
//
//   g(λ) = −Σ_t w_t log Σ_j τ_tj exp((λ_{t−1} − A_tᵀλ_t)_j / w_t),  λ_0 = λ_T = 0          (7)
//
// A cell of mass zero anywhere takes all cells above without other mass, and all below, with it.

/// The solution of one sample.
struct HierarchySolution: Sendable {
  /// log τ_t, normalized.
  let logMaps: [[Double]]
  /// b_t, (1) and (3).
  let collapsed: [[Double]]
  /// α_t, (2).
  let logMarginals: [[Double]]
  /// W_t.
  let cumulativeWeights: [Double]
  /// log μ_t, (4) and (5); −∞ on cells forced to zero.
  let logSolutions: [[Double]]

  /// Nil when no cell of the coarsest map can carry mass.
  init?(_ hierarchy: HierarchyProjection, _ logMaps: [[Double]]) {
    let weights = hierarchy.weights
    var collapsed = [logMaps[0]]  // (1)
    var logMarginals: [[Double]] = []
    var cumulative = [weights[0]]
    for (t, level) in hierarchy.levels.enumerated() {
      let α = level.logMarginal(of: collapsed[t])  // (2)
      let total = cumulative[t] + weights[t + 1]
      collapsed.append(
        zip(α, logMaps[t + 1]).map { cumulative[t] / total * $0 + weights[t + 1] / total * $1 })
      logMarginals.append(α)  // (3)
      cumulative.append(total)
    }
    var top = collapsed[hierarchy.levels.count]
    guard LogDomain.normalize(&top) > -.infinity else { return nil }  // (4)
    var solutions = [top]
    for (t, level) in hierarchy.levels.enumerated().reversed() {
      let above = solutions[0]
      let expanded = level.columns.indices.enumerated().map { cell, parent in
        let mass = collapsed[t][cell]
        let (share, whole) = (above[Int(parent)], logMarginals[t][Int(parent)])
        return mass > -.infinity && share > -.infinity ? mass - whole + share : -.infinity
      }
      solutions.insert(expanded, at: 0)  // (5)
    }
    self.logMaps = logMaps
    self.collapsed = collapsed
    self.logMarginals = logMarginals
    cumulativeWeights = cumulative
    logSolutions = solutions
  }

  /// λ_t in its gauge, (6).
  func witness(_ t: Int) -> [Double] {
    let above = logSolutions[t + 1]
    let λ = zip(logMarginals[t], above).map { α, solution in
      solution > -.infinity ? cumulativeWeights[t] * (α - solution) : 0
    }
    return ProjectionDetail.centered(λ, logCoarse: above)
  }

  /// (7), on the cells that can carry mass.
  func dualValue(_ hierarchy: HierarchyProjection, _ witnesses: [[Double]]) -> Double {
    var value = 0.0
    for (t, weight) in hierarchy.weights.enumerated() {
      let below = t > 0 ? witnesses[t - 1] : nil
      let above = t < witnesses.count ? hierarchy.levels[t].spread(witnesses[t]) : nil
      let terms = logMaps[t].indices.map { cell in
        logSolutions[t][cell] > -.infinity
          ? logMaps[t][cell] + ((below?[cell] ?? 0) - (above?[cell] ?? 0)) / weight : -.infinity
      }
      value -= weight * LogDomain.logSumExp(terms)
    }
    return value
  }

  /// Σ_t w_t KL(μ_t‖τ_t).
  func value(_ hierarchy: HierarchyProjection) -> Double {
    zip(hierarchy.weights, zip(logSolutions, logMaps)).reduce(0) { sum, term in
      sum + term.0 * LogDomain.divergence(term.1.0, term.1.1)
    }
  }
}

extension Marginalization {
  /// log P e^b of a partition P.
  func logMarginal(of logarithms: [Double]) -> [Double] {
    (0..<coarseCount).map { block in
      let entries = rows.range(block)
      let largest = entries.reduce(-Double.infinity) {
        max($0, logarithms[Int(rows.indices[$1])])
      }
      guard largest > -.infinity else { return -.infinity }
      return largest
        + .log(entries.reduce(0.0) { $0 + .exp(logarithms[Int(rows.indices[$1])] - largest) })
    }
  }
}
