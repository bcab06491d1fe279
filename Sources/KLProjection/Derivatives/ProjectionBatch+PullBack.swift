extension ProjectionBatch {
  /// The gradients of Σ_j dμ_j μ_j + Σ_i dν_i ν_i with respect to the potentials of every sample.
  ///
  /// ```
  /// dλ = −(1/w_f) A S(μ) dμ + (1/w_c) S(ν) dν,   H v = dλ,
  /// dφ = S(μ)(dμ + Aᵀv),   dψ = S(ν)(dν − v),    S(p) = diag p − p pᵀ
  /// ```
  ///
  /// The potentials are those of τ = softmax φ and ρ = softmax ψ, whether the inputs were
  /// potentials or probabilities. On partitions H needs no solving.
  ///
  /// - Shapes: dμ `[count, m]`, dν `[count, n]`.
  /// - Parameters:
  ///   - fine: The cotangents dμ.
  ///   - coarse: The cotangents dν.
  /// - Returns: One gradient per sample; zero, with an error beside it, for samples that are not
  ///   solved.
  /// - Throws: ``ProjectionError/shapeMismatch(operand:expected:actual:)``.
  public func pullBack(
    fine: [Scalar], coarse: [Scalar]
  ) throws(ProjectionError) -> PotentialGradientBatch<Scalar> {
    guard fine.count == self.fine.count else {
      throw .shapeMismatch(
        operand: "fine cotangent", expected: [count, fineCount], actual: [fine.count])
    }
    guard coarse.count == self.coarse.count else {
      throw .shapeMismatch(
        operand: "coarse cotangent", expected: [count, coarseCount], actual: [coarse.count])
    }
    var coarseGradients: [Scalar] = []
    var residuals = [Double](repeating: 0, count: count)
    let fineGradients = [Scalar](unsafeUninitializedCapacity: fine.count) { fineOut, filled in
      coarseGradients = [Scalar](unsafeUninitializedCapacity: coarse.count) { coarseOut, filled in
        residuals.withUnsafeMutableBufferPointer { residuals in
          fine.withUnsafeBufferPointer { fine in
            coarse.withUnsafeBufferPointer { coarse in
              pullBack(
                fine: fine, coarse: coarse, into: fineOut, coarseOut, residuals: residuals)
            }
          }
        }
        filled = coarse.count
      }
      filled = fine.count
    }
    return PotentialGradientBatch(
      fine: fineGradients, coarse: coarseGradients, residuals: residuals,
      errors: summaries.map { $0.derivativeError })
  }

  /// Pulls back into memory that the caller owns.
  ///
  /// - Parameters:
  ///   - fine: The cotangents dμ, `[count, m]`.
  ///   - coarse: The cotangents dν, `[count, n]`.
  ///   - fineGradients: Where dφ goes, `[count, m]`.
  ///   - coarseGradients: Where dψ goes, `[count, n]`.
  ///   - residuals: Where the relative residuals of the linear systems go, `[count]`.
  public func pullBack(
    fine: UnsafeBufferPointer<Scalar>, coarse: UnsafeBufferPointer<Scalar>,
    into fineGradients: UnsafeMutableBufferPointer<Scalar>,
    _ coarseGradients: UnsafeMutableBufferPointer<Scalar>,
    residuals: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(
      fine.count == self.fine.count && fineGradients.count >= fine.count
        && coarse.count == self.coarse.count && coarseGradients.count >= coarse.count
        && residuals.count == count, "pullBack: buffers of other shapes than the batch's")
    self.fine.withUnsafeBufferPointer { μ in
      self.coarse.withUnsafeBufferPointer { ν in
        PullBackRun(
          batch: self, fine: μ, coarse: ν, fineCotangents: fine, coarseCotangents: coarse,
          fineGradients: UnsafeMutableBufferPointer(rebasing: fineGradients[..<fine.count]),
          coarseGradients: UnsafeMutableBufferPointer(rebasing: coarseGradients[..<coarse.count]),
          residuals: residuals
        ).run()
      }
    }
  }
}

extension ProjectionSummary {
  /// Why a sample has no derivative; nil when it has one.
  var derivativeError: ProjectionError? {
    switch status {
    case .solved: nil
    case .invalid(let error): error
    case .infeasible, .iterationLimit: .notSolved(residual: residual)
    }
  }
}
