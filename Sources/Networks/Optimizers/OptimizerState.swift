import ArrayFiles

/// What an optimizer's next steps depend on, beside the parameters and their gradients.
public struct OptimizerState: Sendable, Equatable {
  /// Which optimizer, and its settings.
  public enum Settings: Sendable, Equatable, Codable {
    /// Adam or AdamW.
    case adam(Adam.Settings)
    /// Stochastic gradient descent.
    case sgd(SGD.Settings)

    /// The optimizer's name.
    public var name: String {
      switch self {
      case .adam(let settings): settings.decoupled ? "AdamW" : "Adam"
      case .sgd: "SGD"
      }
    }

    /// What is wrong with its numbers, which a file may give; nil if nothing is.
    var fault: String? {
      switch self {
      case .adam(let settings): settings.fault
      case .sgd(let settings): settings.fault
      }
    }
  }

  /// Which optimizer, and its settings.
  public var settings: Settings
  /// The step size.
  public var learningRate: Double
  /// The steps that each parameter took, by name; a parameter without a step is left out.
  public var steps: [String: Int]
  /// The running averages, under PyTorch's name and the parameter's: `exp_avg.fc.weight`. Elements
  /// are in the parameter's row-major order.
  public var moments: [String: StoredArray]

  /// The given state.
  public init(
    settings: Settings, learningRate: Double, steps: [String: Int] = [:],
    moments: [String: StoredArray] = [:]
  ) {
    self.settings = settings
    self.learningRate = learningRate
    self.steps = steps
    self.moments = moments
  }
}
