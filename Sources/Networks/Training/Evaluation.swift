import ConvexKit
import DualLayer
import Foundation
import KLProjection

/// A network on held-out images: how well it classifies, where its gates look, and, where there are
/// two of them, how its λ compares with the exact program on the same maps.
public struct Evaluation: Sendable {
  /// Mean cross-entropy, in nats.
  public let crossEntropy: Double
  /// The fraction of images whose class is right.
  public let accuracy: Double
  /// Mean over the classes present of the fraction that is right.
  public let balancedAccuracy: Double
  /// λ against the exact program; nil for a network that has not two gates.
  public let oracle: OracleSummary?
  /// The attention maps of the gates that there are, and λ.
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
  /// - Throws: ``TrainingError/unfit(reason:)`` if the network has two maps whose grids do not nest;
  ///   ``TrainingError/unreadableImage(set:index:reason:)``.
  public init(
    _ model: some GatedClassifier, on images: some ImageSource, batchSize: Int
  ) throws(TrainingError) {
    model.setTraining(false)
    defer { model.setTraining(true) }
    var sums = ClassSums()
    var (fine, coarse) = (MapSums(), MapSums())
    let batches = stride(from: 0, to: images.count, by: batchSize).map {
      Array($0..<min($0 + batchSize, images.count))
    }
    let loader = BatchLoader(images, name: "validation", batches: batches)
    while let batch = try loader.next() {
      let output = withoutRecording { model(batch.images) }
      sums.add(output.logits, batch.labels)
      fine.add(output.fine)
      coarse.add(output.coarse)
    }
    (crossEntropy, accuracy) = (sums.crossEntropy, sums.accuracy)
    (balancedAccuracy, classes) = (sums.balancedAccuracy, sums.classes)
    maps = HeldOutMaps(
      fine: fine.stack, coarse: coarse.stack, witness: model.witness?.value.elements)
    oracle = maps.pair == nil ? nil : try OracleSummary(maps, batchSize: batchSize)
  }
}

/// The maps of one gate over batches.
private struct MapSums {
  private var potentials: [Float] = []
  private var grid: [Int] = []

  mutating func add(_ map: AttentionMap?) {
    guard let map else { return }
    potentials += map.potentials.elements
    grid = Array(map.potentials.shape.suffix(2))
  }

  var stack: MapStack? {
    grid.isEmpty ? nil : MapStack(potentials: potentials, grid: grid)
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
