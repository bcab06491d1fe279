import KLProjection

extension MarginalProjection {
  /// Projects a batch whose arrays have been checked to be one.
  func solve<Scalar: ProjectionScalar>(
    fine: [Scalar], coarse: [Scalar], as form: AttentionForm
  ) throws(DualLayerError) -> ProjectionBatch<Scalar> {
    _ = try marginalization.sampleCount(fine: fine.count, coarse: coarse.count)
    do {
      return try project(fine: fine, coarse: coarse, as: form)
    } catch {
      preconditionFailure("maps that were checked was refused: \(error)")
    }
  }
}
