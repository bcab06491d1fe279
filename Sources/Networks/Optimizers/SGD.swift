import CKernels

// Stochastic gradient descent, with PyTorch's order of operations. For each element:
//
//     g ← g + decay θ                                                                   (1)
//     b ← momentum b + (1 − dampening) g,    b ← g at the first step                    (2)
//     θ ← θ − η b,    with Nesterov's momentum θ ← θ − η (g + momentum b)               (3)

/// Stochastic gradient descent, with momentum.
///
/// The first momentum is the plain gradient, without dampening.
///
/// - Source: Sutskever et al., ICML 2013 (Nesterov). The order of operations is PyTorch's.
public final class SGD: Optimizer {
  /// What the descent is set to.
  public struct Settings: Sendable, Equatable, Codable {
    /// How much of the last step's direction is kept; 0 for none.
    public var momentum: Double
    /// How much less of the gradient enters the momentum.
    public var dampening: Double
    /// Whether the step looks ahead along the momentum.
    public var nesterov: Bool
    /// The weight decay, added to the gradient.
    public var weightDecay: Double

    /// Settings, PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - momentum: How much of the last step's direction is kept.
    ///   - dampening: How much less of the gradient enters the momentum.
    ///   - nesterov: Whether the step looks ahead; needs momentum and no dampening.
    ///   - weightDecay: The weight decay, added to the gradient.
    public init(
      momentum: Double = 0, dampening: Double = 0, nesterov: Bool = false, weightDecay: Double = 0
    ) {
      self.momentum = momentum
      self.dampening = dampening
      self.nesterov = nesterov
      self.weightDecay = weightDecay
      if let fault { preconditionFailure(fault) }
    }

    /// What is wrong with these numbers, which a file may give; nil if nothing is.
    var fault: String? {
      !nesterov || (momentum > 0 && dampening == 0)
        ? nil : "SGD: Nesterov's momentum needs a momentum and no dampening"
    }
  }

  /// What the descent is set to.
  public private(set) var settings: Settings
  /// The step size η.
  public var learningRate: Double
  private var slots: ParameterSlots

  /// An optimizer of the given parameters.
  ///
  /// - Parameters:
  ///   - parameters: The parameters with their names: `model.namedParameters()`.
  ///   - learningRate: The step size.
  ///   - settings: Momentum and weight decay.
  public init(
    _ parameters: [(name: String, parameter: Parameter)], learningRate: Double = 1e-3,
    settings: Settings = Settings()
  ) {
    slots = ParameterSlots(parameters)
    self.learningRate = learningRate
    self.settings = settings
  }

  /// Changes every parameter that has a gradient: equations (1) to (3).
  public func step() {
    let hasMomentum = !kinds.isEmpty
    slots.update(momentCount: kinds.count) { step in
      let scalars = self.scalars(step: step)
      return { piece in
        var scalars = scalars
        ckernels_sgd_step(
          piece.count, piece.value, piece.gradient, hasMomentum ? piece.moments[0] : nil, &scalars)
      }
    }
  }

  private func scalars(step: Int) -> ckernels_sgd {
    ckernels_sgd(
      rate: Float(learningRate), momentum: Float(settings.momentum),
      one_minus_dampening: Float(1 - settings.dampening), decay: Float(settings.weightDecay),
      nesterov: settings.nesterov ? 1 : 0, first: step == 1 ? 1 : 0)
  }

  // MARK: State

  private var kinds: [String] { Self.kinds(settings) }

  private static func kinds(_ settings: Settings) -> [String] {
    settings.momentum == 0 ? [] : ["momentum_buffer"]
  }

  /// The settings, the learning rate, and for each parameter its steps and momentum.
  public var state: OptimizerState {
    OptimizerState(
      settings: .sgd(settings), learningRate: learningRate, steps: slots.steps,
      moments: slots.moments(kinds: kinds))
  }

  /// Checks that a state fits; see ``Optimizer/restoring(_:path:)``.
  public func restoring(
    _ state: OptimizerState, path: String
  ) throws(CheckpointError) -> () -> Void {
    guard case .sgd(let settings) = state.settings else {
      throw .optimizerMismatch(
        path: path, expected: self.state.settings.name, actual: state.settings.name)
    }
    let slots = try slots.restored(from: state, kinds: Self.kinds(settings), path: path)
    return {
      self.slots = slots
      self.settings = settings
      self.learningRate = state.learningRate
    }
  }
}
