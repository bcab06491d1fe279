/// How a batch norm normalizes.
public struct BatchNormalization: Sendable {
  /// The mean and the variance of each channel of a batch.
  public struct Moments: Sendable {
    /// The mean of each channel.
    public let mean: [Float]
    /// The unbiased variance of each channel, which running statistics follow.
    public let variance: [Float]
  }

  /// Whose mean and variance are used.
  public enum Statistics: Sendable {
    /// The batch's own, through which gradients flow; `observe` is told what they were.
    case batch(observe: @Sendable (Moments) -> Void)
    /// Given ones, of shape `[C]`.
    case fixed(mean: Tensor, variance: Tensor)
  }

  /// Whose mean and variance are used.
  public var statistics: Statistics
  /// What is added to the variance.
  public var epsilon: Float
  /// Adds arrays up over the machines that each have a part of the batch, so that the batch's
  /// statistics are those of all parts; nil where the batch is here.
  public var summing: (@Sendable ([Double]) -> [Double])?

  /// - Parameters:
  ///   - statistics: Whose mean and variance are used.
  ///   - epsilon: What is added to the variance.
  ///   - summing: Adds arrays up over the machines that each have a part of the batch.
  public init(
    statistics: Statistics, epsilon: Float, summing: (@Sendable ([Double]) -> [Double])? = nil
  ) {
    self.statistics = statistics
    self.epsilon = epsilon
    self.summing = summing
  }
}
