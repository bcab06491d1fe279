/// The mean, over the classes present, of the fraction of their samples that is found.
public struct BalancedAccuracy: Sendable, Equatable {
  /// The mean recall, in [0, 1]; 0 without samples.
  public let value: Double
  /// The recall of each class that is present, in the order of the classes.
  public let recalls: [(label: Int, recall: Double)]

  /// The balanced accuracy of predictions.
  ///
  /// - Parameters:
  ///   - predicted: The class found for each sample; a class that no label has counts as wrong.
  ///   - labels: The class of each sample.
  public init(predicted: [Int], labels: [Int]) {
    precondition(
      predicted.count == labels.count,
      "BalancedAccuracy: \(predicted.count) predictions, \(labels.count) labels")
    var (right, present) = ([Int: Int](), [Int: Int]())
    for (found, label) in zip(predicted, labels) {
      present[label, default: 0] += 1
      if found == label { right[label, default: 0] += 1 }
    }
    // In the order of the classes: sums of a dictionary's values would depend on its hashing.
    recalls = present.keys.sorted().map { label in
      (label, Double(right[label] ?? 0) / Double(present[label] ?? 1))
    }
    value = recalls.reduce(0) { $0 + $1.recall } / Double(max(1, recalls.count))
  }

  /// The value rescaled so that guessing gives 0 and perfection 1; nil with fewer than two classes.
  public var adjusted: Double? {
    guard recalls.count > 1 else { return nil }
    let chance = 1 / Double(recalls.count)
    return (value - chance) / (1 - chance)
  }

  /// Whether two results are the same.
  public static func == (a: BalancedAccuracy, b: BalancedAccuracy) -> Bool {
    a.value == b.value && a.recalls.elementsEqual(b.recalls, by: ==)
  }
}
