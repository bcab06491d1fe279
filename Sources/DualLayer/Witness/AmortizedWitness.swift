import KLProjection

/// A map λ for each sample, `[B, n]`, as a head of the network predicts it.
///
/// ```
/// λ_b = values_b        d values = dλ
/// ```
///
/// The head itself is a network and lives with networks; this is its output.
public struct AmortizedWitness<Scalar: ProjectionScalar>: DualWitness, Equatable {
  /// λ, `[B, n]`, sample after sample.
  public let values: [Scalar]
  /// The number n of coarse cells.
  public let coarseCount: Int

  /// A witness from a head's output.
  ///
  /// - Parameters:
  ///   - values: λ, `[B, n]`, sample after sample.
  ///   - coarseCount: The number n of coarse cells.
  /// - Throws: ``DualLayerError/raggedBatch(operand:cells:actual:)`` when the values are no whole number
  ///   of maps.
  public init(_ values: [Scalar], coarseCount: Int) throws(DualLayerError) {
    precondition(coarseCount > 0, "AmortizedWitness: a map of \(coarseCount) cells")
    guard values.count.isMultiple(of: coarseCount) else {
      throw .raggedBatch(operand: "witness", cells: coarseCount, actual: values.count)
    }
    self.values = values
    self.coarseCount = coarseCount
  }

  /// The maps as they are.
  ///
  /// - Shapes: → `[B, n]`.
  /// - Parameter sampleCount: The number B of samples.
  /// - Returns: λ, sample after sample.
  /// - Throws: ``DualLayerError/sampleCountMismatch(operand:expected:actual:)`` when the head saw another
  ///   number of samples.
  public func multipliers(sampleCount: Int) throws(DualLayerError) -> [Scalar] {
    guard values.count == sampleCount * coarseCount else {
      throw .sampleCountMismatch(
        operand: "witness", expected: sampleCount, actual: values.count / coarseCount)
    }
    return values
  }

  /// The gradient as it is.
  ///
  /// - Shapes: dλ `[B, n]` → `[B, n]`.
  /// - Parameters:
  ///   - gradient: dλ, sample after sample.
  ///   - sampleCount: The number B of samples.
  /// - Returns: dλ.
  public func pullBack(_ gradient: [Scalar], sampleCount: Int) -> [Scalar] {
    precondition(
      gradient.count == sampleCount * coarseCount,
      "AmortizedWitness: a gradient of \(gradient.count) values for \(sampleCount) samples of "
        + "\(coarseCount)")
    return gradient
  }
}
