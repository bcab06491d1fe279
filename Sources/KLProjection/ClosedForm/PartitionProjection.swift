import RealModule

// Eq. 4 when every fine cell j lies in exactly one coarse cell i, N(i).
//
//   a_i = Σ_{j ∈ N(i)} τ_j                                            collapse           (1)
//   ν_i ∝ (a_i^{w_f} ρ_i^{w_c})^{1/(w_f + w_c)}                       weighted mean      (2)
//   μ_j = τ_j ν_i / a_i                                               expand             (3)
//   λ_i = κ log(a_i / ρ_i) + c,   κ = w_f w_c / (w_f + w_c)           witness            (4)
//   g(λ) = −w_f log Σ_i a_i e^{−λ_i/w_f} − w_c log Σ_i ρ_i e^{λ_i/w_c}   dual value      (5)
//
// For a given ν the best μ is τ conditioned on each block and scaled to ν_i, (3); what is left is
// w_f KL(ν‖a) + w_c KL(ν‖ρ), a weighted geometric mean, (2). The value is then
// w_f KL(ν‖a) + w_c KL(ν‖ρ), because μ_j/τ_j = ν_i/a_i.
//
// A block with a_i = 0 or ρ_i = 0 has ν_i = 0, and all its cells go with it; no other block means
// infeasible. Within a block numbers are linear, relative to its largest; across blocks they are
// logarithms: nothing underflows that the result can represent.

/// The closed form of Eq. 4 on partitions, one sample at a time.
struct PartitionProjection {
  let marginalization: Marginalization
  let weights: ProjectionWeights
  let scratch: Scratch

  init(_ marginalization: Marginalization, _ weights: ProjectionWeights) {
    self.marginalization = marginalization
    self.weights = weights
    scratch = Scratch(
      fineCount: marginalization.fineCount, coarseCount: marginalization.coarseCount,
      fineBuffers: 1, coarseBuffers: 4)
  }

  /// τ_j up to a factor common to a block.
  private var mass: UnsafeMutableBufferPointer<Double> { scratch.fine[0] }
  /// Σ of the masses of a block.
  private var blockMass: UnsafeMutableBufferPointer<Double> { scratch.coarse[0] }
  /// log a, then normalized.
  private var logMarginal: UnsafeMutableBufferPointer<Double> { scratch.coarse[1] }
  /// log ρ, normalized.
  private var logCoarse: UnsafeMutableBufferPointer<Double> { scratch.coarse[2] }
  /// log ν.
  private var logMean: UnsafeMutableBufferPointer<Double> { scratch.coarse[3] }

  /// Solves one valid sample.
  func solve<Scalar>(
    _ sample: Sample<Scalar>, into output: SampleOutput<Scalar>
  ) -> ProjectionSummary {
    collapse(sample)  // (1)
    guard weightedMean(sample) else {  // (2)
      output.clear()
      return .infeasible(method: .closedForm)
    }
    expand(into: output)  // (3)
    let (optimum, dualValue) = values()  // (4), (5)
    return ProjectionSummary(
      status: .solved, method: .closedForm, iterations: 0, optimum: optimum,
      dualValue: dualValue, residual: marginalization.residual(of: output))
  }

  /// Everything about a feasible sample that its maps do not say.
  func detail<Scalar>(_ sample: Sample<Scalar>) -> ProjectionDetail {
    collapse(sample)
    _ = weightedMean(sample)
    var logFine = [Double](repeating: 0, count: marginalization.fineCount)
    logFine.withUnsafeMutableBufferPointer { logFine in
      guard let base = logFine.baseAddress else { return }
      Sample.logarithms(of: sample.fine, sample.form, into: base)
      LogDomain.normalize(logFine)
    }
    for (cell, label) in marginalization.columns.indices.enumerated() {
      let block = Int(label)
      logFine[cell] =
        logFine[cell] > -.infinity && logMean[block] > -.infinity
        ? logFine[cell] - logMarginal[block] + logMean[block] : -.infinity
    }
    let witness = (0..<marginalization.coarseCount).map { block in
      logMean[block] > -.infinity
        ? weights.harmonic * (logMarginal[block] - logCoarse[block]) : 0  // (4)
    }
    let logSolution = Array(logMean)
    return ProjectionDetail(
      logFine: logFine, logCoarse: logSolution,
      witness: ProjectionDetail.centered(witness, logCoarse: logSolution))
  }

  /// (1): the masses of the cells, their sums by block, and log a.
  private func collapse<Scalar>(_ sample: Sample<Scalar>) {
    let rows = marginalization.rows
    switch sample.form {
    case .probabilities:
      load(sample.fine)
      for block in 0..<rows.rowCount {
        var sum = 0.0
        for entry in rows.range(block) { sum += mass[Int(rows.indices[entry])] }
        blockMass[block] = sum
        logMarginal[block] = .log(sum)
      }
    case .potentials:
      // A constant of all potentials would take the digits of the sums.
      let top = Double(sample.fine.max() ?? 0)
      for block in 0..<rows.rowCount {
        var largest = -Double.infinity
        for entry in rows.range(block) {
          largest = max(largest, Double(sample.fine[Int(rows.indices[entry])]))
        }
        for entry in rows.range(block) {
          let cell = Int(rows.indices[entry])
          mass[cell] = largest > -.infinity ? Double(sample.fine[cell]) - largest : -.infinity
        }
        logMarginal[block] = largest > -.infinity ? largest - top : -.infinity
      }
      ProjectionKernels.exponentiate(mass)
      for block in 0..<rows.rowCount {
        var sum = 0.0
        for entry in rows.range(block) { sum += mass[Int(rows.indices[entry])] }
        blockMass[block] = sum
        logMarginal[block] += .log(sum)
      }
    }
    LogDomain.normalize(logMarginal)
  }

  /// Copies probabilities, scaled by a power of two when their sum might leave Double's range.
  private func load<Scalar: ProjectionScalar>(_ probabilities: UnsafeBufferPointer<Scalar>) {
    let exponent = Sample.safeExponent(probabilities)
    for (cell, value) in probabilities.enumerated() {
      mass[cell] =
        exponent == 0
        ? Double(value) : Double(sign: .plus, exponent: exponent, significand: Double(value))
    }
  }

  /// (2): log ν. False when no block can carry mass.
  private func weightedMean<Scalar>(_ sample: Sample<Scalar>) -> Bool {
    guard let base = logCoarse.baseAddress else { return false }
    Sample.logarithms(of: sample.coarse, sample.form, into: base)
    LogDomain.normalize(logCoarse)
    let α = weights.fine / weights.total
    let β = weights.coarse / weights.total
    for block in logMean.indices {
      logMean[block] = α * logMarginal[block] + β * logCoarse[block]
    }
    return LogDomain.normalize(logMean) > -.infinity
  }

  /// (3).
  private func expand<Scalar>(into output: SampleOutput<Scalar>) {
    let rows = marginalization.rows
    for block in 0..<rows.rowCount {
      let ν = Double.exp(logMean[block])
      output.coarse[block] = Scalar(ν)
      for entry in rows.range(block) {
        let cell = Int(rows.indices[entry])
        // Divided first: ν/a alone can overflow when a block's mass is next to nothing.
        output.fine[cell] = ν > 0 ? Scalar(mass[cell] / blockMass[block] * ν) : 0
      }
    }
  }

  /// The value of (2) and, through (4), of (5).
  private func values() -> (optimum: Double, dualValue: Double) {
    var optimum = 0.0
    var (largestFine, largestCoarse) = (-Double.infinity, -Double.infinity)
    for block in logMean.indices {
      optimum +=
        weights.fine * LogDomain.divergenceTerm(logP: logMean[block], logQ: logMarginal[block])
        + weights.coarse * LogDomain.divergenceTerm(logP: logMean[block], logQ: logCoarse[block])
      guard logMean[block] > -.infinity else { continue }
      let λ = weights.harmonic * (logMarginal[block] - logCoarse[block])
      largestFine = max(largestFine, logMarginal[block] - λ / weights.fine)
      largestCoarse = max(largestCoarse, logCoarse[block] + λ / weights.coarse)
    }
    var (sumFine, sumCoarse) = (0.0, 0.0)
    for block in logMean.indices where logMean[block] > -.infinity {
      let λ = weights.harmonic * (logMarginal[block] - logCoarse[block])
      sumFine += .exp(logMarginal[block] - λ / weights.fine - largestFine)
      sumCoarse += .exp(logCoarse[block] + λ / weights.coarse - largestCoarse)
    }
    let dualValue =
      -weights.fine * (largestFine + .log(sumFine))
      - weights.coarse * (largestCoarse + .log(sumCoarse))
    return (optimum, dualValue)
  }
}
