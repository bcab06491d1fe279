/// What can be wrong with a network, or with what one is asked to explain.
@nonexhaustive
public enum ExplanationError: Error, Equatable, Sendable {
  /// The method has no rule for a primitive that the network uses.
  case noRule(method: String, primitive: String, path: String?, reason: String)
  /// A layer behaves as in training, where a sample's score depends on the others.
  case inTraining(layer: String)
  /// No layer and no named tensor has this path.
  case unknownLayer(path: String, known: [String])
  /// A layer's value is not a batch of images, so that it has no cells.
  case noCells(path: String, shape: [Int])
  /// An array does not have the shape that it must have.
  case shapeMismatch(operand: String, expected: [Int], actual: [Int])
  /// A class that the network does not have.
  case noSuchClass(index: Int, count: Int)
  /// Another number of classes than images.
  case targetCount(expected: Int, actual: Int)
  /// The score of a sample is not a finite number.
  case nonFiniteScore(sample: Int)
  /// A map has an entry that is not a number, so that it ranks nothing.
  case notANumber(operand: String, sample: Int)
  /// The network has no such map.
  case noAttention(map: String)
  /// The maps cannot be made consistent.
  case inconsistent(reason: String)
  /// A setting outside its range.
  case invalidSetting(name: String, value: String, required: String)
}

extension ExplanationError: CustomStringConvertible {
  /// What is wrong and the remedy, on one line.
  public var description: String {
    switch self {
    case .noRule(let method, let primitive, let path, let reason):
      "\(method) has no rule for \(primitive)\(Self.place(path)): \(reason)"
    case .inTraining(let layer):
      "\(layer) is in training, where samples depend on each other; "
        + "call setTraining(false)"
    case .unknownLayer(let path, let known):
      "no layer has the path \(path); known are \(known.joined(separator: ", "))"
    case .noCells(let path, let shape):
      "the value of \(path) has shape \(shape) and must be [N, C, rows, columns]"
    case .shapeMismatch(let operand, let expected, let actual):
      "\(operand) has shape \(actual) and must have \(expected)"
    case .noSuchClass(let index, let count):
      "class \(index) of a network with \(count) classes"
    case .targetCount(let expected, let actual):
      "\(actual) classes to explain for \(expected) images"
    case .nonFiniteScore(let sample):
      "the score of sample \(sample) is not finite; check the image and the weights"
    case .notANumber(let operand, let sample):
      "\(operand): sample \(sample) has an entry that is not a number; check how it was made"
    case .noAttention(let map):
      "the network has no map \(map)"
    case .inconsistent(let reason):
      "the maps cannot be made consistent: \(reason)"
    case .invalidSetting(let name, let value, let required):
      "\(name) is \(value) and must be \(required)"
    }
  }

  private static func place(_ path: String?) -> String { path.map { " at \($0)" } ?? "" }
}
