import KLProjection

/// The penalties of a batch, one per sample.
public struct PenaltyValues: Sendable, Equatable {
  /// α times the divergence or the optimum, in nats, `[B]`.
  ///
  /// +∞ where the maps cannot be reconciled, NaN where the sample's data are wrong or its program
  /// was not solved.
  public let values: [Double]

  /// What is wrong with the samples whose value is NaN, by sample.
  public let errors: [Int: ProjectionError]

  /// The mean over the batch, which is what a training loss adds.
  ///
  /// +∞ when one value is, NaN when one is.
  public var mean: Double { values.reduce(0, +) / Double(values.count) }

  /// The cotangents of the values under the mean: 1/B for every sample.
  public var meanCotangents: [Double] {
    [Double](repeating: 1 / Double(values.count), count: values.count)
  }
}
