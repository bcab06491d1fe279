/// Batch normalization of images: each channel is shifted and scaled to mean β and deviation γ.
///
/// In training the statistics are the batch's own, and the running ones follow them,
///
/// ```
/// running ← (1 − momentum) running + momentum batch         (the variance unbiased);
/// ```
///
/// in evaluation the running ones are used. A batch norm in training moves its running
/// statistics even where nothing else is trained: ``Module/freeze(movingStatistics:)`` puts it into
/// evaluation.
public struct BatchNorm2D: Module {
  /// γ, `[C]`
  public let weight: Parameter
  /// β, `[C]`
  public let bias: Parameter
  /// The mean that evaluation uses, `[C]`.
  public let runningMean: Buffer
  /// The variance that evaluation uses, `[C]`.
  public let runningVar: Buffer
  /// How many batches the running statistics have followed.
  public let numBatchesTracked: Buffer
  /// Whether the batch's own statistics are used.
  public let mode = Mode()
  /// ε, added to the variance.
  public let epsilon: Float
  /// The weight of a batch in the running statistics.
  public let momentum: Float

  /// A batch norm with given weights and statistics.
  public init(
    weight: Parameter, bias: Parameter, runningMean: Tensor, runningVar: Tensor,
    epsilon: Float = 1e-5, momentum: Float = 0.1
  ) {
    self.weight = weight
    self.bias = bias
    self.runningMean = Buffer(runningMean)
    self.runningVar = Buffer(runningVar)
    numBatchesTracked = Buffer(count: 0)
    self.epsilon = epsilon
    self.momentum = momentum
  }

  /// A batch norm that starts with γ = 1, β = 0, mean 0 and variance 1, as PyTorch's does.
  public init(channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1) {
    self.init(
      weight: Parameter(Tensor(repeating: 1, shape: [channels])),
      bias: Parameter(Tensor(repeating: 0, shape: [channels])),
      runningMean: Tensor(repeating: 0, shape: [channels]),
      runningVar: Tensor(repeating: 1, shape: [channels]), epsilon: epsilon, momentum: momentum)
  }

  /// `[N, C, H, W]` → `[N, C, H, W]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    Primitives.batchNorm([x, weight.value, bias.value], settings)
  }

  /// The positive part of this layer's output, of its sum with a residual where one is given.
  ///
  /// The same as the separate operations in fewer passes over memory. The tape shows it as one
  /// application, `batch_norm_relu`.
  public func relu(_ x: Tensor, adding residual: Tensor? = nil) -> Tensor {
    let residual = residual.map { [$0] } ?? []
    return Primitives.batchNormReLU([x, weight.value, bias.value] + residual, settings)
  }

  private var settings: BatchNormalization {
    let statistics: BatchNormalization.Statistics =
      if mode.isTraining {
        .batch(observe: follow)
      } else {
        .fixed(mean: runningMean.tensor, variance: runningVar.tensor)
      }
    return BatchNormalization(
      statistics: statistics, epsilon: epsilon, summing: mode.summing)
  }

  @Sendable private func follow(_ batch: BatchNormalization.Moments) {
    func followed(_ running: Buffer, _ values: [Float]) -> Tensor {
      let moved = zip(running.tensor.elements, values).map { (1 - momentum) * $0 + momentum * $1 }
      return Tensor(moved, shape: [values.count])
    }
    runningMean.tensor = followed(runningMean, batch.mean)
    runningVar.tensor = followed(runningVar, batch.variance)
    numBatchesTracked.count += 1
  }
}
