import Networks

/// The balanced accuracy of a classifier while the pixels that a map calls unimportant are removed.
public struct PerturbationCurve: Sendable, Equatable {
  /// The fractions removed.
  public let fractions: [Double]
  /// The balanced accuracy at each.
  public let accuracies: [Double]
  /// The class found for each image at each fraction.
  public let predicted: [[Int]]
  /// The balanced accuracy of guessing: one over the number of classes.
  public let chance: Double

  /// Runs the protocol.
  ///
  /// - Parameters:
  ///   - network: The classifier; the paper feeds the perturbed images of every method back to the
  ///     baseline.
  ///   - images: `[N, C, H, W]`
  ///   - labels: The class of each image.
  ///   - maps: The importance of cells, `[N, h, w]` or `[N, 1, h, w]`; resized to the images by the
  ///     nearest cell.
  ///   - settings: How pixels are removed.
  ///   - batchSize: How many images go through the network at once.
  /// - Throws: ``ExplanationError``.
  public init(
    _ network: ExplainedNetwork, images: Tensor, labels: [Int], maps: Tensor,
    settings: PerturbationProtocol = PerturbationProtocol(), batchSize: Int = 16
  ) throws(ExplanationError) {
    let perturbation = try Perturbation(images: images, maps: maps, settings: settings)
    guard labels.count == images.shape[0] else {
      throw .targetCount(expected: images.shape[0], actual: labels.count)
    }
    var (accuracies, predicted) = ([Double](), [[Int]]())
    var classes = 1
    for fraction in settings.fractions {
      let logits = try perturbation.scores(network, removing: fraction, batchSize: batchSize)
      let found = logits.argmax()
      classes = logits.shape[1]
      if let label = labels.first(where: { !(0..<classes).contains($0) }) {
        throw .noSuchClass(index: label, count: classes)
      }
      accuracies.append(BalancedAccuracy(predicted: found, labels: labels).value)
      predicted.append(found)
    }
    fractions = settings.fractions
    (self.accuracies, self.predicted, chance) = (accuracies, predicted, 1 / Double(classes))
  }

  /// A curve of known values.
  ///
  /// - Parameters:
  ///   - fractions: The fractions removed.
  ///   - accuracies: The balanced accuracy at each.
  ///   - chance: The balanced accuracy of guessing.
  public init(fractions: [Double], accuracies: [Double], chance: Double) {
    precondition(
      fractions.count == accuracies.count,
      "PerturbationCurve: \(fractions.count) fractions, \(accuracies.count) accuracies")
    (self.fractions, self.accuracies, predicted, self.chance) = (fractions, accuracies, [], chance)
  }

  /// The area under the curve, by trapezoids: at most the range of the fractions.
  public var area: Double { area(above: 0) }

  /// The area between the curve and chance, by trapezoids; negative where the curve is below.
  public var areaAboveChance: Double { area(above: chance) }

  private func area(above base: Double) -> Double {
    fractions.indices.dropFirst().reduce(0) { sum, k in
      let height = (accuracies[k] + accuracies[k - 1]) / 2 - base
      return sum + height * (fractions[k] - fractions[k - 1])
    }
  }
}
