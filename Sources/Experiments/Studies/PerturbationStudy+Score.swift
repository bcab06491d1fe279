import Explanations
import Networks

extension PerturbationStudy {
  /// The curve of a map, batch by batch, so that memory stays small and the run can be stopped.
  func score(
    _ maps: Tensor, baseline: any GatedClassifier, goOn: () -> Bool
  ) throws(ExperimentError) -> BlockScore? {
    let (settings, size) = (configuration.removal.settings, explanation.batchSize)
    let network = ExplainedNetwork(anyClassifier: baseline, imageShape: validation.imageShape)
    var predicted = settings.fractions.map { _ in [Int]() }
    do throws(ExplanationError) {
      for start in stride(from: 0, to: explained.count, by: size) {
        guard goOn() else { return nil }
        let range = start..<min(start + size, explained.count)
        let (images, labels) = batch(range)
        let curve = try PerturbationCurve(
          network, images: images, labels: labels, maps: maps.sliced(axis: 0, range),
          settings: settings, batchSize: size)
        for (index, found) in curve.predicted.enumerated() { predicted[index] += found }
      }
    } catch {
      throw .explanation(error)
    }
    let labels = explained.map { validation.labels[$0] }
    let curve = PerturbationCurve(
      fractions: settings.fractions,
      accuracies: predicted.map { BalancedAccuracy(predicted: $0, labels: labels).value },
      chance: 1 / Double(baseline.classes))
    return BlockScore(
      metrics: [.area: curve.area, .areaAboveChance: curve.areaAboveChance],
      curve: .init(fractions: curve.fractions, accuracies: curve.accuracies))
  }
}
