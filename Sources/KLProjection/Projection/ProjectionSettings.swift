/// How a projection is computed.
public struct ProjectionSettings: Sendable, Equatable {
  /// Which way to the answer.
  public enum Method: Sendable, Equatable {
    /// The closed form on partitions, Newton elsewhere.
    case automatic
    /// Newton on the dual, on partitions too, where it has to land on the closed form.
    case newton
  }

  /// Which way to the answer.
  public var method: Method
  /// The largest difference |log (Aμ)_i − log ν_i| that counts as solved.
  ///
  /// Being relative it serves cells of mass 1e-300 as well as the others. The default is a small
  /// multiple of what the logarithms' rounding permits.
  public var tolerance: Double
  /// The Newton steps after which a solve gives up with ``ProjectionStatus/iterationLimit``.
  public var maximumIterations: Int
  /// The threads over which a batch is spread; nil means all. One instance uses one thread.
  public var threads: Int?

  /// Settings that suit every instance met so far.
  ///
  /// - Parameters:
  ///   - method: Which way to the answer.
  ///   - tolerance: The largest difference of logarithms that counts as solved.
  ///   - maximumIterations: The Newton steps at most.
  ///   - threads: The threads at most.
  public init(
    method: Method = .automatic, tolerance: Double = 1e-13, maximumIterations: Int = 100,
    threads: Int? = nil
  ) {
    self.method = method
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.threads = threads
  }
}
