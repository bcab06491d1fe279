import KLProjection

/// One learned map λ `[n]` for all samples, as in the paper.
///
/// ```
/// λ_b = values for every sample b        d values = Σ_b dλ_b
/// ```
///
/// The sum runs over the samples in their order and in `Double`, so it does not depend on threads.
public struct SharedWitness<Scalar: ProjectionScalar>: DualWitness, Equatable {
  /// The map λ, `[n]`.
  public var values: [Scalar]

  /// The number n of coarse cells.
  public var coarseCount: Int { values.count }

  /// A witness with the given map.
  ///
  /// - Parameter values: λ, `[n]`.
  public init(_ values: [Scalar]) { self.values = values }

  /// The witness to start learning from, λ = 0: the two maps as they are.
  ///
  /// - Parameter coarseCount: The number n of coarse cells.
  public init(coarseCount: Int) {
    values = [Scalar](repeating: 0, count: coarseCount)
  }

  /// The map, once for every sample.
  ///
  /// - Shapes: → `[B, n]`.
  /// - Parameter sampleCount: The number B of samples.
  /// - Returns: λ, sample after sample.
  public func multipliers(sampleCount: Int) -> [Scalar] {
    var all: [Scalar] = []
    all.reserveCapacity(sampleCount * values.count)
    for _ in 0..<sampleCount { all.append(contentsOf: values) }
    return all
  }

  /// The sum over the samples.
  ///
  /// - Shapes: dλ `[B, n]` → `[n]`.
  /// - Parameters:
  ///   - gradient: dλ, sample after sample.
  ///   - sampleCount: The number B of samples.
  /// - Returns: Σ_b dλ_b.
  public func pullBack(_ gradient: [Scalar], sampleCount: Int) -> [Scalar] {
    let n = values.count
    precondition(
      gradient.count == sampleCount * n,
      "SharedWitness: a gradient of \(gradient.count) values for \(sampleCount) samples of \(n)")
    var sum = [Double](repeating: 0, count: n)
    for sample in 0..<sampleCount {
      for cell in 0..<n { sum[cell] += Double(gradient[sample * n + cell]) }
    }
    return sum.map { Scalar($0) }
  }
}
