import RealModule

// The pullback runs the passes of HierarchySolution.swift backwards. With cotangents dμ_t:
//
//   up:    du_t = μ_t dμ_t + (what comes from below),    du_{t+1} += P_t du_t,
//          dα_t = −P_t du_t,   db_t = du_t               from (5)                          (8)
//   top:   db_T = du_T − μ_T Σ du_T                      from (4)                          (9)
//   down:  dφ_t = (w_t / W_t) db_t,   dα_{t−1} += (W_{t−1} / W_t) db_t      from (3)       (10)
//          db_{t−1} += dα_{t−1} e^{b_{t−1} − α_{t−1}}, the dα at the parent  from (2)       (11)

extension HierarchicalProjection {
  /// The gradients of Σ_t Σ_j dμ_tj μ_tj with respect to the potentials of every map.
  ///
  /// - Shapes: dμ_t `[m_t]`, fine to coarse.
  /// - Parameter cotangents: dμ_t.
  /// - Returns: dφ_t, fine to coarse; 0 where φ_t = −∞.
  /// - Throws: ``ProjectionError/notSolved(residual:)`` where the projection is not solved, what is
  ///   wrong with its data where they are invalid, and
  ///   ``ProjectionError/shapeMismatch(operand:expected:actual:)``.
  public func pullBack(_ cotangents: [[Scalar]]) throws(ProjectionError) -> [[Scalar]] {
    if let error = summary.derivativeError { throw error }
    guard let solution else { throw .notSolved(residual: summary.residual) }
    let sizes = hierarchy.sizes
    guard cotangents.map({ $0.count }) == sizes else {
      throw .shapeMismatch(
        operand: "cotangents", expected: sizes, actual: cotangents.map { $0.count })
    }
    let levels = hierarchy.levels
    let μ = solution.logSolutions.map { $0.map { Double.exp($0) } }
    var du = zip(μ, cotangents).map { zip($0, $1).map { $0 * Double($1) } }
    var dα: [[Double]] = []
    for (t, level) in levels.enumerated() {  // (8)
      let gathered = level.marginal(of: du[t])
      dα.append(gathered.map { -$0 })
      for cell in gathered.indices { du[t + 1][cell] += gathered[cell] }
    }
    var db = du
    let total = du[levels.count].reduce(0, +)
    db[levels.count] = zip(du[levels.count], μ[levels.count]).map { $0 - $1 * total }  // (9)
    for t in levels.indices.reversed() {
      let kept = solution.cumulativeWeights[t] / solution.cumulativeWeights[t + 1]
      for cell in dα[t].indices { dα[t][cell] += kept * db[t + 1][cell] }  // (10)
      for (cell, parent) in levels[t].columns.indices.enumerated() {
        let (mass, whole) = (solution.collapsed[t][cell], solution.logMarginals[t][Int(parent)])
        guard whole > -.infinity else { continue }
        db[t][cell] += dα[t][Int(parent)] * .exp(mass - whole)  // (11)
      }
    }
    return db.indices.map { t in
      let weight = hierarchy.weights[t] / solution.cumulativeWeights[t]
      return db[t].map { Scalar(weight * $0) }
    }
  }

  /// The gradient of the optimum with respect to the potentials of every map: w_t (τ_t − μ_t).
  ///
  /// - Returns: dφ_t, fine to coarse.
  /// - Throws: ``ProjectionError/notSolved(residual:)`` where the projection is not solved, and what
  ///   is wrong with its data where they are invalid.
  public func optimumGradient() throws(ProjectionError) -> [[Scalar]] {
    if let error = summary.derivativeError { throw error }
    guard let solution else { throw .notSolved(residual: summary.residual) }
    return hierarchy.weights.indices.map { t in
      zip(solution.logMaps[t], solution.logSolutions[t]).map {
        Scalar(hierarchy.weights[t] * (.exp($0) - .exp($1)))
      }
    }
  }
}
