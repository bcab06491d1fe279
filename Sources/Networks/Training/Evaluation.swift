import ConvexKit
import DualLayer
import Foundation
import KLProjection

/// A network on held-out images: how well it classifies, and how its λ compares with the exact
/// program on the same maps.
public struct Evaluation: Sendable {
  /// Mean cross-entropy, in nats.
  public let crossEntropy: Double
  /// The fraction of images whose class is right.
  public let accuracy: Double
  /// Mean over the classes present of the fraction that is right.
  public let balancedAccuracy: Double
  /// λ against the exact program.
  public let oracle: OracleSummary
  /// The attention maps and λ.
  public let maps: HeldOutMaps
  /// The class found for each image.
  public let classes: [Int]

  /// Runs a network over images, in evaluation mode and without recording. The network is in
  /// training mode afterwards.
  ///
  /// - Parameters:
  ///   - model: The network.
  ///   - images: The images.
  ///   - batchSize: How many images go through the network at once.
  /// - Throws: ``TrainingError/unfit(reason:)`` if the network has not two maps whose grids nest.
  public init(
    _ model: some GatedClassifier, on images: ImageSet, batchSize: Int
  ) throws(TrainingError) {
    model.setTraining(false)
    defer { model.setTraining(true) }
    var sums = ClassSums()
    var (fine, coarse): ([Float], [Float]) = ([], [])
    var (fineShape, coarseShape): ([Int], [Int]) = ([], [])
    for start in stride(from: 0, to: images.count, by: batchSize) {
      let (batch, labels) = images.batch(start..<min(start + batchSize, images.count))
      let output = withoutRecording { model(batch) }
      guard let fineMap = output.fine, let coarseMap = output.coarse else {
        throw .unfit(reason: "the network has not two attention gates")
      }
      sums.add(output.logits, labels)
      fine += fineMap.potentials.elements
      coarse += coarseMap.potentials.elements
      fineShape = Array(fineMap.potentials.shape.suffix(2))
      coarseShape = Array(coarseMap.potentials.shape.suffix(2))
    }
    (crossEntropy, accuracy) = (sums.crossEntropy, sums.accuracy)
    (balancedAccuracy, classes) = (sums.balancedAccuracy, sums.classes)
    let cells = coarseShape.reduce(1, *)
    maps = HeldOutMaps(
      fine: fine, coarse: coarse, fineShape: fineShape, coarseShape: coarseShape,
      witness: model.witness?.value.elements ?? [Float](repeating: 0, count: cells))
    oracle = try OracleSummary(maps, batchSize: batchSize)
  }
}

/// What classification adds up to over batches.
private struct ClassSums {
  private(set) var classes: [Int] = []
  private var totalCrossEntropy = 0.0
  private var labels: [Int] = []

  mutating func add(_ logits: Tensor, _ labels: [Int]) {
    totalCrossEntropy += Double(logits.crossEntropy(labels).item) * Double(labels.count)
    classes += logits.argmax()
    self.labels += labels
  }

  var crossEntropy: Double { totalCrossEntropy / Double(max(1, classes.count)) }

  var accuracy: Double {
    Double(zip(classes, labels).count { $0 == $1 }) / Double(max(1, classes.count))
  }

  var balancedAccuracy: Double { BalancedAccuracy(predicted: classes, labels: labels).value }
}

extension Tensor {
  /// The index of the largest entry of each row of a matrix; the first among equals.
  public func argmax() -> [Int] {
    precondition(rank == 2, "argmax: shape \(shape) is not [rows, columns]")
    return withElements { elements in
      (0..<shape[0]).map { row in
        (0..<shape[1]).reduce(0) { best, column in
          elements[row * shape[1] + column] > elements[row * shape[1] + best] ? column : best
        }
      }
    }
  }

  /// How many rows have their largest entry at their label.
  func correctCount(_ labels: [Int]) -> Int {
    zip(argmax(), labels).count { $0 == $1 }
  }
}
