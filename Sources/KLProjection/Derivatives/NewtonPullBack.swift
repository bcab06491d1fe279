import RealModule

// Derivative of the solution of Eq. 4 at an optimal λ, with respect to potentials, on its face.
// With cotangents dμ, dν and H = −∇²g = (1/w_f) A S(μ) Aᵀ + (1/w_c) S(ν), S(p) = diag p − p pᵀ:
//
//   dλ = −(1/w_f) A S(μ) dμ + (1/w_c) S(ν) dν                                             (1)
//   H v = dλ                                                                             (2)
//   dφ = S(μ) (dμ + Aᵀv),    dψ = S(ν) (dν − v)                                           (3)
//
// H is B of ScaledHessian.swift, scaled by ν, minus a rank-one term that only adds t·ν to the
// right-hand side:  v = B⁻¹ (dλ/ν) + t B⁻¹ 1.  When columns sum to 1, v is defined up to a constant
// and t = 0 will do; otherwise Σ_i of (2) determines it:
//
//   Σ_j d_j μ_j (dμ_j − ⟨dμ⟩ + (Aᵀv)_j) = 0.                                              (4)

extension NewtonProjection {
  /// (1) to (4) for one sample; returns ‖H v − dλ‖_∞, relative to the
  /// cotangents that dλ is made of.
  func pullBack<Scalar>(
    _ sample: Sample<Scalar>, witness: ArraySlice<Double>,
    cotangents: (fine: UnsafeBufferPointer<Scalar>, coarse: UnsafeBufferPointer<Scalar>),
    into gradient: SampleOutput<Scalar>
  ) -> Double {
    gradient.clear()
    guard let (face, solver) = prepare(sample) else { return 0 }
    let instance = instance(on: face)
    place(witness, on: face, into: solver.point.witness)
    solver.point.evaluate(instance)
    let solution = FaceSolution(solver.point, instance, room: scratch.fine[3])
    let (stencil, point) = (face.stencil, solver.point)
    let μ = solution.fineIndices.map { solution.fine($0) }
    let ν = solution.coarseIndices.map { Double.exp(solution.logCoarse($0)) }
    let dμ = Self.centered(μ) { Double(cotangents.fine[face.fine($0)]) }
    let dν = Self.centered(ν) { Double(cotangents.coarse[face.coarse($0)]) }

    // dλ/ν, (1): A S(μ) dμ / ν is the mean of dμ over each coarse cell's shares.
    var scaled = dν.map { $0 / weights.coarse }
    for row in scaled.indices {
      for entry in stencil.rows.range(row) {
        scaled[row] -=
          point.share(entry, row: row, stencil) * dμ[Int(stencil.rows.indices[entry])]
          / weights.fine
      }
    }
    let v = solver.solveHessian(instance, scaled, dμ)  // (2), (4)
    let spread = stencil.columns.product(v)
    let φ = Self.centered(μ) { dμ[$0] + spread[$0] }
    let ψ = Self.centered(ν) { dν[$0] - v[$0] }
    for index in φ.indices { gradient.fine[face.fine(index)] = Scalar(μ[index] * φ[index]) }  // (3)
    for index in ψ.indices { gradient.coarse[face.coarse(index)] = Scalar(ν[index] * ψ[index]) }
    let largest =
      (cotangents.fine.map { abs(Double($0)) }.max() ?? 0) / weights.fine
      + (cotangents.coarse.map { abs(Double($0)) }.max() ?? 0) / weights.coarse
    let error = residual(point, stencil, μ, ν, scaled, v, spread)
    return largest > 0 ? error / largest : 0
  }

  /// f − ⟨p, f⟩: what S(p) multiplies by p.
  private static func centered(_ p: [Double], _ f: (Int) -> Double) -> [Double] {
    let values = p.indices.map(f)
    let mean = zip(p, values).reduce(0) { $0 + $1.0 * $1.1 }
    return values.map { $0 - mean }
  }

  /// ‖H v − dλ‖_∞, from A, μ and ν rather than from the factors.
  private func residual(
    _ point: DualPoint, _ stencil: Stencil, _ μ: [Double], _ ν: [Double], _ scaled: [Double],
    _ v: [Double], _ spread: [Double]
  ) -> Double {
    let moved = Self.centered(μ) { spread[$0] }
    let pulled = Self.centered(ν) { v[$0] }
    var error = 0.0
    for row in scaled.indices {
      var product = pulled[row] / weights.coarse
      for entry in stencil.rows.range(row) {
        let cell = Int(stencil.rows.indices[entry])
        product += point.share(entry, row: row, stencil) * moved[cell] / weights.fine
      }
      error = max(error, ν[row] * abs(product - scaled[row]))
    }
    return error
  }
}

extension DualNewton {
  /// v of (2) and (4), from dλ/ν and the centered dμ.
  func solveHessian(_ instance: DualInstance, _ scaled: [Double], _ dμ: [Double]) -> [Double] {
    let (solution, ones) = hessian.solve(
      instance, at: point, { scaled[$0] }, alsoOnes: !stencil.isColumnStochastic)
    var v = Array(UnsafeBufferPointer(start: solution, count: stencil.coarseCount))
    guard !stencil.isColumnStochastic else { return v }
    let signed = point.excessBalance(stencil).signed
    let alongSolution = stencil.columns.product(v)
    let alongOnes = stencil.columns.product(
      Array(UnsafeBufferPointer(start: ones, count: stencil.coarseCount)))
    var (numerator, denominator) = (0.0, 0.0)
    for cell in signed.indices {
      numerator += signed[cell] * (dμ[cell] + alongSolution[cell])
      denominator += signed[cell] * alongOnes[cell]
    }
    for cell in v.indices { v[cell] -= numerator / denominator * ones[cell] }
    return v
  }
}

extension CompressedMatrix {
  /// The product with a vector.
  func product(_ vector: [Double]) -> [Double] {
    (0..<rowCount).map { row in
      range(row).reduce(0.0) { $0 + values[$1] * vector[Int(indices[$1])] }
    }
  }
}
