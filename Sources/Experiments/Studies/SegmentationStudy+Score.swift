import ConvexKit
import Explanations
import Networks
import Synchronization

extension SegmentationStudy {
  /// The overlap of each map with its mask, and the means over the images.
  func score(
    _ maps: Tensor, baseline: any GatedClassifier, goOn: () -> Bool
  ) throws(ExperimentError) -> BlockScore? {
    guard goOn() else { return nil }
    let size = [configuration.images.height, configuration.images.width]
    let stack = Array(maps.shape.suffix(2))
    let (values, cells) = (maps.elements, stack.reduce(1, *))
    let results = Mutex([Int: Result<SegmentationScores, ExplanationError>]())
    let masks = explained.map { index in samples[index].mask.map { $0 > 0 } }
    let quantiles = configuration.quantiles
    Parallel.forEachRange(count: explained.count, threads: nil) { range in
      for index in range {
        let map = Tensor(
          Array(values[index * cells..<(index + 1) * cells]), shape: [1, 1] + stack)
        let result = Result { () throws(ExplanationError) in
          try SegmentationScores(map: map, mask: masks[index], size: size, quantiles: quantiles)
        }
        results.withLock { $0[index] = result }
      }
    }
    let found = results.withLock { $0 }
    var scores: [SegmentationScores] = []
    for index in explained.indices {
      do {
        if let result = found[index] { scores.append(try result.get()) }
      } catch {
        throw .explanation(error)
      }
    }
    return BlockScore(metrics: means(scores))
  }

  private func means(_ scores: [SegmentationScores]) -> [Metric: Double] {
    // Every explained image has a mask, so that no union is empty.
    func mean(_ value: (SegmentationScores) -> Double) -> Double {
      scores.reduce(0) { $0 + value($1) } / Double(scores.count)
    }
    var metrics = [Metric.averagePrecision: mean(\.averagePrecision)]
    for (index, quantile) in configuration.quantiles.enumerated() {
      metrics[.overlap(quantile)] = mean { $0.overlaps[index].iou ?? 0 }
    }
    return metrics
  }
}
