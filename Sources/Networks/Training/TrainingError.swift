/// Why a run could not begin or go on.
@nonexhaustive
public enum TrainingError: Error, Equatable, Sendable {
  /// The checkpoint could not be read, written or applied.
  case checkpoint(CheckpointError)
  /// The checkpoint belongs to another run.
  case otherRun(path: String, difference: String)
  /// There are no images to train on, or none to check on.
  case noImages(set: String)
  /// A label is not one of the network's classes.
  case labelOutOfRange(set: String, index: Int, label: Int, classes: Int)
  /// The images of a set are not of the shape that the network takes.
  case misshapenSet(set: String, expected: [Int], actual: [Int])
  /// An image, or its mask, has not as many elements as its shape says.
  case misshapenImage(set: String, index: Int, expected: [Int], actual: Int)
  /// The source could not read an image.
  case unreadableImage(set: String, index: Int, reason: String)
  /// The network and the images, or the two attention maps, do not fit.
  case unfit(reason: String)
  /// The machines that train together cannot go on.
  case communication(CommunicationError)
}

extension TrainingError: CustomStringConvertible {
  /// One line: the file or the operand, the value, and what to do.
  public var description: String {
    switch self {
    case .checkpoint(let error):
      error.description
    case .otherRun(let path, let difference):
      "\(path): was written by another run (\(difference)); use the same options to continue it, "
        + "or another output folder to start anew"
    case .noImages(let set):
      "the \(set) set has no images; use more patients or a lower tumor threshold"
    case .labelOutOfRange(let set, let index, let label, let classes):
      "the \(set) set: image \(index) has label \(label) and the network has \(classes) classes"
    case .misshapenSet(let set, let expected, let actual):
      "the \(set) set: images are of shape \(actual) and the network takes \(expected)"
    case .misshapenImage(let set, let index, let expected, let actual):
      "the \(set) set: image \(index) or its mask has \(actual) elements and must have shape \(expected)"
    case .unreadableImage(let set, let index, let reason):
      "the \(set) set: image \(index) cannot be read: \(reason)"
    case .unfit(let reason):
      reason
    case .communication(let error):
      error.description
    }
  }
}
