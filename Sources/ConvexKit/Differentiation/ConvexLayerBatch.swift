/// The samples of a ``ConvexLayer``.
public struct ConvexLayerBatch: Sendable {
  /// One per sample.
  public let samples: [ConvexLayerSample]

  /// The gradient of every sample.
  ///
  /// - Parameters:
  ///   - cotangents: For every sample x° of every variable.
  ///   - threads: The number of threads; nil means ``Parallel/defaultThreadCount``. The results do
  ///     not depend on it.
  /// - Returns: A gradient or the reason why there is none, per sample.
  public func pullBack(
    _ cotangents: [[Matrix<Double>]], threads: Int? = nil
  ) -> [Result<ConvexLayerGradient, ConvexLayerError>] {
    precondition(
      cotangents.count == samples.count,
      "pullBack: \(cotangents.count) cotangents for \(samples.count) samples")
    return Parallel.mapRanges(count: samples.count, threads: threads) { range in
      // One symbolic analysis for neighbors with the same active rows.
      var system: LinearizedSystem?
      return range.map { index in
        do throws(ConvexLayerError) {
          return .success(try samples[index].pullBack(cotangents[index], reusing: &system))
        } catch {
          return .failure(error)
        }
      }
    }
  }
}
