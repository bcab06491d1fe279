import Networks

/// Whose score is explained.
public enum Target: Sendable, Equatable {
  /// A class for each image.
  case classes([Int])
  /// The class with the largest score, the first among equals.
  case predicted

  /// The classes that are explained, given all scores `[N, classes]`.
  func classes(_ scores: Tensor) throws(ExplanationError) -> [Int] {
    switch self {
    case .predicted: return scores.argmax()
    case .classes(let classes):
      guard classes.count == scores.shape[0] else {
        throw .targetCount(expected: scores.shape[0], actual: classes.count)
      }
      for index in classes where index < 0 || index >= scores.shape[1] {
        throw .noSuchClass(index: index, count: scores.shape[1])
      }
      return classes
    }
  }
}
