/// The projections of a batch, one per sample, in contiguous arrays.
///
/// An element is a view: it costs nothing to look at the status of one sample. A bad sample has
/// its error in its own result and costs the others nothing.
public struct ProjectionBatch<Scalar: ProjectionScalar>: Sendable {
  /// The projection that made these.
  public let projection: MarginalProjection
  /// What the inputs were.
  public let form: AttentionForm
  /// The fine inputs, `[count, m]`.
  public let fineInput: [Scalar]
  /// The coarse inputs, `[count, n]`.
  public let coarseInput: [Scalar]
  /// μ, `[count, m]`.
  public let fine: [Scalar]
  /// ν, `[count, n]`.
  public let coarse: [Scalar]
  /// The numbers of each solve, `[count]`.
  public let summaries: [ProjectionSummary]
  /// λ where an iteration found it, `[count, n]`; empty where a closed form gives it.
  let iteratedWitness: [Double]

  var fineCount: Int { projection.marginalization.fineCount }
  var coarseCount: Int { projection.marginalization.coarseCount }

  func withSample<Result>(_ index: Int, _ body: (Sample<Scalar>) -> Result) -> Result {
    let (m, n) = (fineCount, coarseCount)
    return fineInput.withUnsafeBufferPointer { fine in
      coarseInput.withUnsafeBufferPointer { coarse in
        body(
          Sample(
            fine: UnsafeBufferPointer(rebasing: fine[index * m..<(index + 1) * m]),
            coarse: UnsafeBufferPointer(rebasing: coarse[index * n..<(index + 1) * n]),
            form: form))
      }
    }
  }
}

extension ProjectionBatch: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { 0 }
  /// The number of samples.
  public var endIndex: Int { summaries.count }

  /// The projection of one sample.
  public subscript(index: Int) -> Projection<Scalar> {
    precondition(
      summaries.indices.contains(index), "sample \(index) of a batch of \(summaries.count)")
    return Projection(batch: self, index: index)
  }
}
