import KLProjection

/// The multiplier λ of Eq. 4 as something learned, for every sample of a batch.
///
/// A witness is a linear map from its own values to λ `[B, n]`, with the transpose for gradients:
///
/// ```
/// λ = W(values)        d values = Wᵀ(dλ)
/// ```
///
/// The paper learns one map for all samples, ``SharedWitness``; a head on the network's features
/// gives one map for each, ``AmortizedWitness``.
///
/// - Source: Ron et al., ICML 2022, theorem 3.1 and eq. 6.
public protocol DualWitness<Scalar>: Sendable {
  /// `Float` or `Double`.
  associatedtype Scalar: ProjectionScalar

  /// The number n of coarse cells.
  var coarseCount: Int { get }

  /// The witness's own values, in the order in which ``pullBack(_:sampleCount:)`` returns their
  /// gradient.
  var values: [Scalar] { get }

  /// λ for every sample, row by row.
  ///
  /// - Shapes: → `[B, n]`.
  /// - Parameter sampleCount: The number B of samples.
  /// - Returns: λ, sample after sample.
  /// - Throws: ``DualLayerError/sampleCountMismatch(operand:expected:actual:)`` when the witness holds
  ///   maps for another number of samples.
  func multipliers(sampleCount: Int) throws(DualLayerError) -> [Scalar]

  /// The gradient with respect to ``values``, from the one with respect to λ.
  ///
  /// - Shapes: dλ `[B, n]` → the shape of ``values``.
  /// - Parameters:
  ///   - gradient: dλ, sample after sample.
  ///   - sampleCount: The number B of samples.
  /// - Returns: Wᵀ dλ.
  func pullBack(_ gradient: [Scalar], sampleCount: Int) -> [Scalar]
}
