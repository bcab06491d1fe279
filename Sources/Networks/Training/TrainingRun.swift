/// What a checkpoint has to know of the run that it belongs to.
public struct TrainingRun: Sendable, Codable, Equatable {
  /// How the network is trained.
  public var settings: TrainingSettings
  /// What the data are: a hash, or a name. A run is not continued on other data.
  public var data: String
  /// The epochs so far.
  public var history: [EpochRecord]

  /// A run at its beginning, or after some epochs.
  public init(settings: TrainingSettings, data: String, history: [EpochRecord] = []) {
    self.settings = settings
    self.data = data
    self.history = history
  }

  /// The first thing in which two runs differ that must not, in words; nil if there is none.
  ///
  /// The number of epochs may differ: a run may be prolonged.
  func difference(from other: TrainingRun) -> String? {
    func differs<Value: Equatable>(
      _ name: String, _ value: KeyPath<TrainingRun, Value>
    ) -> String? {
      let (mine, its) = (self[keyPath: value], other[keyPath: value])
      return mine == its ? nil : "\(name) \(its), now \(mine)"
    }
    return differs("penalty", \.settings.penalty) ?? differs("alpha", \.settings.alpha)
      ?? differs("batch size", \.settings.batchSize)
      ?? differs("learning rate", \.settings.learningRate) ?? differs("seed", \.settings.seed)
      ?? differs("data", \.data)
  }
}

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
  /// The network and the images, or the two attention maps, do not fit.
  case unfit(reason: String)
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
    case .unfit(let reason):
      reason
    }
  }
}
