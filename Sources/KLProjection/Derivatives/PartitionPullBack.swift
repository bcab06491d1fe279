// Derivative of the closed form on partitions, with respect to potentials. With cotangents dμ, dν:
//
//   ⟨dμ⟩ = Σ_j μ_j dμ_j,   ⟨dν⟩ = Σ_i ν_i dν_i                                             (1)
//   dλ_i = −(1/w_f) Σ_{j ∈ N(i)} μ_j (dμ_j − ⟨dμ⟩) + (1/w_c) ν_i (dν_i − ⟨dν⟩)             (2)
//   dφ_j = μ_j (dμ_j − ⟨dμ⟩ + κ dλ_i / ν_i)                                               (3)
//   dψ_i = ν_i (dν_i − ⟨dν⟩) − κ dλ_i                                                     (4)
//
// In general H v = dλ with H = −∇²g comes between (2) and (3); on a partition S(ν) v = κ dλ, and no
// system is left to solve.

/// The pullback of the closed form, one sample at a time.
struct PartitionPullBack {
  let marginalization: Marginalization
  let weights: ProjectionWeights

  /// (1) to (4), from the maps of a solution.
  func apply<Scalar: ProjectionScalar>(
    _ fine: UnsafeBufferPointer<Scalar>, _ coarse: UnsafeBufferPointer<Scalar>,
    cotangents: (fine: UnsafeBufferPointer<Scalar>, coarse: UnsafeBufferPointer<Scalar>),
    into gradient: SampleOutput<Scalar>
  ) {
    let fineMean = Self.dot(fine, cotangents.fine)  // (1)
    let coarseMean = Self.dot(coarse, cotangents.coarse)
    let rows = marginalization.rows
    let κ = weights.harmonic
    for block in 0..<rows.rowCount {
      let ν = Double(coarse[block])
      var moved = 0.0
      for entry in rows.range(block) {
        let cell = Int(rows.indices[entry])
        moved += Double(fine[cell]) * (Double(cotangents.fine[cell]) - fineMean)
      }
      let pull = ν * (Double(cotangents.coarse[block]) - coarseMean)
      let dλ = pull / weights.coarse - moved / weights.fine  // (2)
      let shift = ν > 0 ? κ * dλ / ν : 0
      for entry in rows.range(block) {
        let cell = Int(rows.indices[entry])
        let dφ = Double(fine[cell]) * (Double(cotangents.fine[cell]) - fineMean + shift)
        gradient.fine[cell] = Scalar(dφ)  // (3)
      }
      gradient.coarse[block] = Scalar(pull - κ * dλ)  // (4)
    }
  }

  private static func dot<Scalar: ProjectionScalar>(
    _ a: UnsafeBufferPointer<Scalar>, _ b: UnsafeBufferPointer<Scalar>
  ) -> Double {
    var sum = 0.0
    for index in a.indices { sum += Double(a[index]) * Double(b[index]) }
    return sum
  }
}
