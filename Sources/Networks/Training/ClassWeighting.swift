/// How much an image of each class counts in the cross-entropy.
///
/// ```
/// CE = Σ_i w_{y_i} ℓ_i / Σ_i w_{y_i}
/// ```
public enum ClassWeighting: Sendable, Codable, Equatable {
  /// Every image counts the same.
  case uniform
  /// Every class counts the same: w_c = N/(C n_c) with n_c of N training images in class c of C. A
  /// class without images has weight 0.
  case balanced
  /// The given weight of each class, all of them positive.
  case given([Float])

  /// The weights w of the classes; nil where all are 1.
  ///
  /// - Parameters:
  ///   - labels: The training images' classes.
  ///   - classes: The number of classes.
  /// - Returns: One weight for each class, or nil.
  /// - Throws: ``TrainingError/unfit(reason:)`` if the given weights are not one positive number for
  ///   each class.
  func weights(labels: [Int], classes: Int) throws(TrainingError) -> [Float]? {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[label] += 1 }
    switch self {
    case .uniform:
      return nil
    case .balanced:
      return counts.map { $0 == 0 ? 0 : Float(labels.count) / Float(classes * $0) }
    case .given(let weights):
      guard weights.count == classes, weights.allSatisfy({ $0 > 0 && $0.isFinite }) else {
        throw .unfit(
          reason: "class weights \(weights) are not \(classes) positive numbers, one for each class"
        )
      }
      return weights
    }
  }
}
