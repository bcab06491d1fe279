import ConvexKit

/// The exact solver of Eq. 4: the pair of consistent maps nearest to a pair of attention maps.
///
/// ```
/// minimize  w_f KL(μ‖τ) + w_c KL(ν‖ρ)   subject to  ν = Aμ,  Σμ = 1,  Σν = 1,  μ, ν ≥ 0
/// ```
///
/// When A is a partition the answer is a closed form and costs about as much as copying the maps;
/// otherwise Newton's method on the dual finds it. The value is immutable and can be used from any
/// number of threads.
///
/// ```
/// let projection = try MarginalProjection(fine: [64, 64], coarse: [32, 32])
/// for result in try projection.project(fine: fineMaps, coarse: coarseMaps) {
///   if result.status == .solved { show(result.fine, result.gap) }
/// }
/// ```
///
/// - Source: Ron et al., ICML 2022, eq. 4 and theorem 3.1.
public struct MarginalProjection: Sendable, Equatable {
  /// A.
  public let marginalization: Marginalization
  /// w_f and w_c.
  public let weights: ProjectionWeights
  /// How to compute.
  public var settings: ProjectionSettings

  /// A projection along any marginalization.
  ///
  /// - Parameters:
  ///   - marginalization: A.
  ///   - weights: w_f and w_c, both 1 as in the paper unless given.
  ///   - settings: How to compute.
  public init(
    _ marginalization: Marginalization, weights: ProjectionWeights = .unit,
    settings: ProjectionSettings = ProjectionSettings()
  ) {
    self.marginalization = marginalization
    self.weights = weights
    self.settings = settings
  }

  /// A projection between a grid and a coarser grid that divides it.
  ///
  /// - Parameters:
  ///   - fine: The sides of the fine grid.
  ///   - coarse: The sides of the coarse grid.
  ///   - weights: w_f and w_c, both 1 as in the paper unless given.
  ///   - settings: How to compute.
  /// - Throws: ``ProjectionError/empty(operand:)``, ``ProjectionError/notDivisible(fine:coarse:)``.
  public init(
    fine: [Int], coarse: [Int], weights: ProjectionWeights = .unit,
    settings: ProjectionSettings = ProjectionSettings()
  ) throws(ProjectionError) {
    self.init(
      try Marginalization(fine: fine, coarse: coarse), weights: weights, settings: settings)
  }

  /// Projects a batch of pairs of maps, whose samples share nothing but A and the weights.
  ///
  /// - Shapes: fine `[count, m]`, coarse `[count, n]` → `[count]`; count follows from the arrays.
  /// - Parameters:
  ///   - fine: τ, or potentials φ of it, sample after sample.
  ///   - coarse: ρ, or potentials ψ of it, sample after sample.
  ///   - form: What the entries are.
  ///   - witness: A λ to start an iteration from, `[n]` for all samples or `[count, n]`; any will
  ///     do. The closed form has no use for it.
  /// - Returns: One result per sample. Wrong entries are the status of their own sample.
  /// - Throws: ``ProjectionError/shapeMismatch(operand:expected:actual:)`` and
  ///   ``ProjectionError/empty(operand:)`` when the arrays are no batch at all.
  public func project<Scalar: ProjectionScalar>(
    fine: [Scalar], coarse: [Scalar], as form: AttentionForm = .probabilities,
    startingFrom witness: [Scalar]? = nil
  ) throws(ProjectionError) -> ProjectionBatch<Scalar> {
    let count = try sampleCount(fine: fine.count, coarse: coarse.count)
    let start = try startingPoint(witness, count: count)
    var iterated = [Double](
      repeating: 0, count: usesNewton ? count * marginalization.coarseCount : 0)
    var summaries = [ProjectionSummary](
      repeating: .infeasible(method: .closedForm), count: count)
    var projectedCoarse: [Scalar] = []
    let projectedFine = [Scalar](unsafeUninitializedCapacity: fine.count) { fineOut, filled in
      projectedCoarse = [Scalar](unsafeUninitializedCapacity: coarse.count) { coarseOut, filled in
        fine.withUnsafeBufferPointer { fine in
          coarse.withUnsafeBufferPointer { coarse in
            summaries.withUnsafeMutableBufferPointer { summaries in
              iterated.withUnsafeMutableBufferPointer { iterated in
                run(
                  BatchRun(
                    fine: fine, coarse: coarse, form: form, start: start, fineOut: fineOut,
                    coarseOut: coarseOut, summaries: summaries, iteratedWitness: iterated))
              }
            }
          }
        }
        filled = coarse.count
      }
      filled = fine.count
    }
    return ProjectionBatch(
      projection: self, form: form, fineInput: fine, coarseInput: coarse, fine: projectedFine,
      coarse: projectedCoarse, summaries: summaries, iteratedWitness: iterated)
  }

  /// Projects a batch into memory that the caller owns, without allocating per sample.
  ///
  /// - Parameters:
  ///   - fine: τ or φ, `[count, m]`.
  ///   - coarse: ρ or ψ, `[count, n]`.
  ///   - form: What the entries are.
  ///   - projectedFine: Where μ goes, `[count, m]`.
  ///   - projectedCoarse: Where ν goes, `[count, n]`.
  ///   - summaries: Where the numbers of each solve go, `[count]`, initialized.
  /// - Throws: ``ProjectionError/shapeMismatch(operand:expected:actual:)`` and
  ///   ``ProjectionError/empty(operand:)`` when the buffers are no batch.
  public func project<Scalar: ProjectionScalar>(
    fine: UnsafeBufferPointer<Scalar>, coarse: UnsafeBufferPointer<Scalar>,
    as form: AttentionForm = .probabilities,
    into projectedFine: UnsafeMutableBufferPointer<Scalar>,
    _ projectedCoarse: UnsafeMutableBufferPointer<Scalar>,
    summaries: UnsafeMutableBufferPointer<ProjectionSummary>
  ) throws(ProjectionError) {
    let count = try sampleCount(fine: fine.count, coarse: coarse.count)
    precondition(
      projectedFine.count == fine.count && projectedCoarse.count == coarse.count
        && summaries.count == count,
      "project: outputs \(projectedFine.count), \(projectedCoarse.count), \(summaries.count) for "
        + "inputs \(fine.count), \(coarse.count) of \(count) samples")
    run(
      BatchRun(
        fine: fine, coarse: coarse, form: form, start: [], fineOut: projectedFine,
        coarseOut: projectedCoarse, summaries: summaries, iteratedWitness: nil))
  }

  var usesNewton: Bool { settings.method == .newton || !marginalization.isPartition }

  func sampleCount(fine: Int, coarse: Int) throws(ProjectionError) -> Int {
    let (m, n) = (marginalization.fineCount, marginalization.coarseCount)
    guard fine > 0 else { throw .empty(operand: "fine") }
    guard coarse > 0 else { throw .empty(operand: "coarse") }
    let count = max(1, fine / m)
    guard fine == count * m else {
      throw .shapeMismatch(operand: "fine", expected: [count, m], actual: [fine])
    }
    guard coarse == count * n else {
      throw .shapeMismatch(operand: "coarse", expected: [count, n], actual: [coarse])
    }
    return count
  }

  func startingPoint<Scalar: ProjectionScalar>(
    _ witness: [Scalar]?, count: Int
  ) throws(ProjectionError) -> [Double] {
    guard let witness else { return [] }
    let n = marginalization.coarseCount
    guard witness.count == n || witness.count == count * n else {
      throw .shapeMismatch(operand: "witness", expected: [count, n], actual: [witness.count])
    }
    for (index, value) in witness.enumerated() where !value.isFinite {
      throw value.isNaN
        ? .notANumber(operand: "witness", index: index)
        : .infinite(operand: "witness", index: index)
    }
    return witness.map { Double($0) }
  }
}
