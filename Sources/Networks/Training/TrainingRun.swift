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

  /// The first epoch with the largest balanced accuracy on the held-out images.
  public var best: EpochRecord? {
    history.reduce(nil) { best, record in
      guard let best else { return record }
      return record.balancedAccuracy > best.balancedAccuracy ? record : best
    }
  }

  /// Whether so many epochs in a row were not better than the best one that the run is over.
  var isPatienceExhausted: Bool {
    guard let patience = settings.patience, let best else { return false }
    return history.count - best.epoch >= patience
  }

  /// The first thing in which two runs differ that must not, in words; nil if there is none.
  ///
  /// The number of epochs may differ: a run may be prolonged.
  func difference(from other: TrainingRun) -> String? {
    func differs<Value: Equatable>(
      _ name: String, _ value: KeyPath<TrainingRun, Value>
    ) -> String? {
      let (mine, its) = (self[keyPath: value], other[keyPath: value])
      return mine == its ? nil : "\(name) \(Self.text(its)), now \(Self.text(mine))"
    }
    let differences: [String?] = [
      differs("penalty", \.settings.penalty),
      differs("alpha", \.settings.alpha),
      differs("batch size", \.settings.batchSize),
      differs("part size", \.settings.partSize),
      differs("learning rate", \.settings.learningRate),
      differs("schedule", \.settings.schedule),
      differs("largest gradient norm", \.settings.maximumGradientNorm),
      differs("class weights", \.settings.classWeighting),
      differs("sampling", \.settings.sampling),
      differs("augmentation", \.settings.augmentation),
      differs("backbone", \.settings.backbone),
      differs("patience", \.settings.patience),
      differs("precision", \.settings.precision),
      differs("seed", \.settings.seed),
      differs("data", \.data),
    ]
    return differences.lazy.compactMap { $0 }.first
  }

  private static func text<Value>(_ value: Value) -> String {
    let mirror = Mirror(reflecting: value)
    guard mirror.displayStyle == .optional else { return "\(value)" }
    return mirror.children.first.map { "\($0.value)" } ?? "none"
  }
}
