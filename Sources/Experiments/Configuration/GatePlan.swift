/// The gated networks of an experiment.
public struct GatePlan: Sendable, Codable, Equatable {
  /// Where their weights start.
  public enum Start: String, Sendable, Codable, CaseIterable {
    /// Where the baseline of the same seed started.
    case random
    /// Where the baseline of the same seed ended.
    case baseline
  }

  /// Where their weights start.
  public var start: Start
  /// The number of gates in series at each place.
  public var inSeries: Int
  /// Whether gated features keep their size; the paper's do not.
  public var gain: Bool
  /// The factor α of the penalty.
  public var alpha: Double
  /// How they are trained.
  public var training: TrainingPlan

  /// Gates, the paper's unless said otherwise.
  public init(
    start: Start, inSeries: Int = 1, gain: Bool = false, alpha: Double = 10,
    training: TrainingPlan
  ) {
    (self.start, self.inSeries, self.gain) = (start, inSeries, gain)
    (self.alpha, self.training) = (alpha, training)
  }

  func check() throws(ExperimentError) {
    try require(inSeries >= 1, "gates.inSeries", inSeries, "at least 1")
    try require(alpha.isFinite && alpha >= 0, "gates.alpha", alpha, "0 or more")
    try training.check("gates.training")
  }
}
