import KLProjection
import RealModule

// The best shared map: the λ that maximizes the mean of the samples' duals,
//
//   G(λ) = (1/B) Σ_b g_b(λ),    ∇G = ⟨q⟩ − ⟨p⟩,                                                   (1)
//
// with ⟨q⟩, ⟨p⟩ the means of the two sides of Eq. 5. From log x ≤ x − 1, and Jensen for the columns of A,
//
//   G(λ + δ) − G(λ) ≥ w_f (1 − Σ_i ⟨q⟩_i e^{−δ_i/w_f}) + w_c (1 − Σ_i ⟨p⟩_i e^{δ_i/w_c}),        (2)
//
// whose right-hand side is largest at
//
//   δ_i = κ log(⟨q⟩_i / ⟨p⟩_i),    κ = w_f w_c / (w_f + w_c),                                    (3)
//
// so iterating (3) never lowers G. On one sample of a partition the first step is the closed form.

extension SharedWitness {
  /// The best map λ that a whole batch can share: what a perfectly trained shared witness reaches.
  ///
  /// - Shapes: fine `[B, m]`, coarse `[B, n]` → `[n]`.
  /// - Parameters:
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are.
  ///   - marginalization: A, whose columns sum to 1.
  ///   - weights: w_f and w_c, both 1 as in the paper unless given.
  ///   - tolerance: The largest ‖⟨q⟩ − ⟨p⟩‖_∞ that ends the iteration. The default is far below what
  ///     learning by gradient steps reaches.
  ///   - maximumIterations: The steps at most.
  /// - Returns: λ with mean zero. Cells that no sample, or not both sides, give mass to have 0 before
  ///   the mean is subtracted.
  /// - Throws: ``DualLayerError/sample(_:_:)`` for the first sample whose data are wrong,
  ///   ``DualLayerError/notColumnStochastic``, and ``DualLayerError`` when the arrays are no batch.
  public static func best(
    fine: [Scalar], coarse: [Scalar], as form: AttentionForm,
    on marginalization: Marginalization, weights: ProjectionWeights = .unit,
    tolerance: Double = 1e-9, maximumIterations: Int = 2000
  ) throws(DualLayerError) -> SharedWitness {
    let (n, κ) = (marginalization.coarseCount, 1 / (1 / weights.fine + 1 / weights.coarse))
    let (fine, coarse) = (fine.map { Double($0) }, coarse.map { Double($0) })
    var λ = [Double](repeating: 0, count: n)
    for _ in 0..<maximumIterations {
      let sides = try Reparameterization(
        at: SharedWitness<Double>(λ), fine: fine, coarse: coarse, as: form, on: marginalization,
        weights: weights)
      if let bad = sides.errors.min(by: { $0.key < $1.key }) { throw .sample(bad.key, bad.value) }
      let (q, p) = (means(sides.marginal, n), means(sides.coarse, n))
      if zip(q, p).allSatisfy({ abs($0 - $1) <= tolerance }) { break }  // (1)
      for cell in 0..<n where q[cell] > 0 && p[cell] > 0 {
        λ[cell] += κ * .log(q[cell] / p[cell])  // (3)
      }
    }
    let mean = λ.reduce(0, +) / Double(n)
    return SharedWitness(λ.map { Scalar($0 - mean) })
  }

  private static func means(_ maps: [Double], _ n: Int) -> [Double] {
    let count = maps.count / n
    return (0..<n).map { cell in
      (0..<count).reduce(0) { $0 + maps[$1 * n + cell] } / Double(count)
    }
  }
}
