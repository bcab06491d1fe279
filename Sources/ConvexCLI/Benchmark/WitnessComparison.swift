import DualLayer
import KLProjection

/// Learned multipliers and the exact program on the same maps.
struct WitnessComparison {
  let maps: BenchmarkMaps
  /// The solution that answers are measured against: the same maps, in double precision.
  let exact: ProjectionBatch<Double>
  private let fine: [Double]
  private let coarse: [Double]

  init(_ maps: BenchmarkMaps) throws {
    self.maps = maps
    fine = maps.fine.map { Double($0) }
    coarse = maps.coarse.map { Double($0) }
    exact = try maps.projection.project(fine: fine, coarse: coarse, as: maps.form)
  }

  /// The samples that have no exact solution.
  var unsolved: [Int] { exact.indices.filter { exact[$0].status != .solved } }

  /// What is compared, each with how it is computed, for the clock.
  func candidates() throws -> [(row: BenchmarkRow, work: () throws -> Void)] {
    let n = maps.marginalization.coarseCount
    let best = try SharedWitness.best(
      fine: maps.fine, coarse: maps.coarse, as: maps.form, on: maps.marginalization,
      weights: maps.projection.weights)
    var multipliers = [("λ = 0", [Float](repeating: 0, count: n))]
    if let learned = maps.learned { multipliers.append(("learned λ", learned)) }
    multipliers.append(("best shared λ", best.values))
    var candidates = try multipliers.map { name, values in
      let witness = try maps.witness(values)
      return (try row(name, witness), { try reparameterize(witness) })
    }
    var newton = maps.projection
    newton.settings.method = .newton
    if maps.marginalization.isPartition {
      candidates.append(try candidate("closed form", maps.projection))
    }
    candidates.append(try candidate("Newton", newton))
    return candidates
  }

  /// A multiplier against the exact solution, judged in double precision.
  private func row(_ method: String, _ witness: any DualWitness<Float>) throws -> BenchmarkRow {
    let values = try witness.multipliers(sampleCount: maps.count).map { Double($0) }
    let quality = try WitnessOracle(maps.projection).report(
      on: AmortizedWitness(values, coarseCount: maps.marginalization.coarseCount), fine: fine,
      coarse: coarse, as: maps.form
    ).mean
    return BenchmarkRow(
      method: method, fineDistance: quality.fineDistance,
      coarseDistance: quality.coarseDistance, suboptimality: quality.suboptimality,
      gap: quality.gap, residual: quality.largestResidual)
  }

  /// The work that a learned multiplier leaves: Theorem 3.1.
  private func reparameterize(_ witness: some DualWitness<Float>) throws {
    _ = try Reparameterization(
      at: witness, fine: maps.fine, coarse: maps.coarse, as: maps.form,
      on: maps.marginalization, weights: maps.projection.weights)
  }

  private func candidate(
    _ method: String, _ projection: MarginalProjection
  ) throws -> (BenchmarkRow, () throws -> Void) {
    func solve() throws -> ProjectionBatch<Float> {
      try projection.project(fine: maps.fine, coarse: maps.coarse, as: maps.form)
    }
    let answer = try solve()
    let row = row(
      method, count: answer.count, fine: answer.fine.map { Double($0) },
      coarse: answer.coarse.map { Double($0) }, values: answer.map(\.optimum),
      gap: mean(answer.map(\.gap)), residual: mean(answer.map(\.residual)))
    return (row, { _ = try solve() })
  }

  /// An answer of `count` samples against the exact ones.
  func row(
    _ method: String, count: Int, fine: [Double], coarse: [Double], values: [Double],
    gap: Double, residual: Double
  ) -> BenchmarkRow {
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) } / 2 / Double(count)
    }
    let excess = zip(values, exact).map { abs($0 - $1.optimum) }
    return BenchmarkRow(
      method: method, fineDistance: distance(fine, exact.fine),
      coarseDistance: distance(coarse, exact.coarse), suboptimality: mean(excess), gap: gap,
      residual: residual)
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
