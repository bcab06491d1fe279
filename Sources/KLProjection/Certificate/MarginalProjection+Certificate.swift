import ConvexKit
import RealModule

extension MarginalProjection {
  /// What a multiplier proves about one pair of maps.
  ///
  /// - Shapes: λ `[n]`, fine `[m]`, coarse `[n]`.
  /// - Parameters:
  ///   - witness: λ, finite; optimal, learned or any other.
  ///   - fine: τ, or potentials φ of it.
  ///   - coarse: ρ, or potentials ψ of it.
  ///   - form: What the entries are.
  /// - Returns: Bounds of the optimum, and what they are made of.
  /// - Throws: The ``ProjectionError`` that names the first thing wrong with the data.
  public func certificate<Scalar: ProjectionScalar>(
    for witness: [Scalar], fine: [Scalar], coarse: [Scalar],
    as form: AttentionForm = .probabilities
  ) throws(ProjectionError) -> WitnessCertificate<Scalar> {
    let m = marginalization.fineCount
    guard fine.count == m else {
      throw .shapeMismatch(operand: "fine", expected: [m], actual: [fine.count])
    }
    return try certificates(for: witness, fine: fine, coarse: coarse, as: form)[0].get()
  }

  /// What multipliers prove about a batch of pairs of maps.
  ///
  /// - Shapes: λ `[n]` or `[count, n]`, fine `[count, m]`, coarse `[count, n]` → `[count]`.
  /// - Parameters:
  ///   - witness: One λ for all samples, or one each; finite.
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are.
  /// - Returns: One certificate per sample, or what is wrong with its data.
  /// - Throws: ``ProjectionError`` when the arrays are no batch, or λ is not finite.
  public func certificates<Scalar: ProjectionScalar>(
    for witness: [Scalar], fine: [Scalar], coarse: [Scalar],
    as form: AttentionForm = .probabilities
  ) throws(ProjectionError) -> [Result<WitnessCertificate<Scalar>, ProjectionError>] {
    let count = try sampleCount(fine: fine.count, coarse: coarse.count)
    let start = try startingPoint(witness, count: count)
    let (m, n) = (marginalization.fineCount, marginalization.coarseCount)
    return fine.withUnsafeBufferPointer { fine in
      coarse.withUnsafeBufferPointer { coarse in
        (0..<count).map { index in
          let sample = Sample(
            fine: UnsafeBufferPointer(rebasing: fine[index * m..<(index + 1) * m]),
            coarse: UnsafeBufferPointer(rebasing: coarse[index * n..<(index + 1) * n]),
            form: form)
          if let error = sample.firstError() { return .failure(error) }
          let first = start.count == n ? 0 : index * n
          return .success(certificate(for: start[first..<first + n].map { $0 }, sample))
        }
      }
    }
  }

  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  private func certificate<Scalar>(
    for λ: [Double], _ sample: Sample<Scalar>
  ) -> WitnessCertificate<Scalar> {
    let logFine = sample.normalizedLogarithms(of: sample.fine)
    let logCoarse = sample.normalizedLogarithms(of: sample.coarse)
    // μ(λ), ν(λ) and the two terms of g(λ) from their normalizing constants.
    var x = zip(logFine, marginalization.spread(λ)).map { $0 - $1 / weights.fine }
    var y = zip(logCoarse, λ).map { $0 + $1 / weights.coarse }
    let fineTerm = weights.fine * LogDomain.normalize(&x)
    let coarseTerm = weights.coarse * LogDomain.normalize(&y)
    let μ = x.map { Double.exp($0) }
    let p = y.map { Double.exp($0) }
    let q = marginalization.marginal(of: μ)
    return WitnessCertificate(
      dualValue: -fineTerm - coarseTerm, gradient: zip(q, p).map { Scalar($0 - $1) },
      fine: μ.map { Scalar($0) }, marginal: q.map { Scalar($0) }, coarse: p.map { Scalar($0) },
      valueFromFine: valueFromFine(λ, logFine, logCoarse),
      valueFromCoarse: marginalization.isPartition
        ? valueFromCoarse(y, logFine, logCoarse) : nil)
  }

  /// w_f KL(μ‖τ) + w_c KL(Aμ‖ρ) at the feasible μ that λ gives.
  private func valueFromFine(
    _ λ: [Double], _ logFine: [Double], _ logCoarse: [Double]
  ) -> Double {
    let solver = NewtonProjection(marginalization, weights, settings)
    return solver.feasibleValue(λ, logFine, logCoarse)
  }

  /// w_f KL(p‖a) + w_c KL(p‖ρ), with a = Aτ: the value at ν = p and τ conditioned on its blocks.
  private func valueFromCoarse(
    _ logP: [Double], _ logFine: [Double], _ logCoarse: [Double]
  ) -> Double {
    let rows = marginalization.rows
    let logMarginal = (0..<rows.rowCount).map { row in
      LogDomain.logSumExp(rows.range(row).map { logFine[Int(rows.indices[$0])] })
    }
    return weights.fine * LogDomain.divergence(logP, logMarginal)
      + weights.coarse * LogDomain.divergence(logP, logCoarse)
  }
}

extension Sample {
  /// Natural logarithms of a map as probabilities; −∞ where a cell cannot carry mass.
  func normalizedLogarithms(of values: UnsafeBufferPointer<Scalar>) -> [Double] {
    [Double](unsafeUninitializedCapacity: values.count) { buffer, count in
      if let base = buffer.baseAddress { Self.logarithms(of: values, form, into: base) }
      count = values.count
      LogDomain.normalize(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
    }
  }
}

extension LogDomain {
  /// Subtracts log Σ exp x, so that the exponentials sum to 1, and returns it.
  @discardableResult
  static func normalize(_ values: inout [Double]) -> Double {
    values.withUnsafeMutableBufferPointer { normalize($0) }
  }
}
