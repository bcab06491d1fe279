import CKernels
import Foundation

// Adam, with PyTorch's order of operations. For each element, at its t-th step:
//
//     g ← g + decay θ                        weight decay, Adam                         (1)
//     θ ← (1 − η decay) θ                    weight decay, AdamW                        (2)
//     m ← m + (1 − β₁)(g − m)                exp_avg                                    (3)
//     v ← β₂ v + (1 − β₂) g²                 exp_avg_sq                                 (4)
//     v′ ← max(v′, v), or v                    max_exp_avg_sq, with AMSGrad               (5)
//     θ ← θ − η/(1 − β₁ᵗ) · m / (√v′ / √(1 − β₂ᵗ) + ε)                                   (6)

/// Adam and AdamW.
///
/// ```
/// θ ← θ − η m′ / (√v′ + ε)
/// ```
///
/// with bias-corrected averages m′ of the gradient and v′ of its square; ε stands outside the root.
///
/// - Source: Kingma & Ba, ICLR 2015; Loshchilov & Hutter, ICLR 2019 (AdamW); Reddi et al., ICLR
///   2018 (AMSGrad). The order of operations is PyTorch's.
public final class Adam: Optimizer {
  /// What Adam is set to.
  public struct Settings: Sendable, Equatable, Codable {
    /// The decay of the average of the gradient.
    public var beta1: Double
    /// The decay of the average of its square.
    public var beta2: Double
    /// Added to the root.
    public var eps: Double
    /// The weight decay.
    public var weightDecay: Double
    /// Whether the decay acts on the parameter (AdamW) or is added to the gradient (Adam).
    public var decoupled: Bool
    /// Whether the largest average of the square so far stands under the root.
    public var amsgrad: Bool

    /// Adam's settings, PyTorch's defaults.
    ///
    /// - Parameters:
    ///   - betas: The decays of the two averages, in [0, 1).
    ///   - eps: Added to the root, above 0.
    ///   - weightDecay: The weight decay.
    ///   - decoupled: Whether the decay acts on the parameter (AdamW).
    ///   - amsgrad: Whether the largest average of the square stands under the root.
    public init(
      betas: (Double, Double) = (0.9, 0.999), eps: Double = 1e-8, weightDecay: Double = 0,
      decoupled: Bool = false, amsgrad: Bool = false
    ) {
      (beta1, beta2) = betas
      self.eps = eps
      self.weightDecay = weightDecay
      self.decoupled = decoupled
      self.amsgrad = amsgrad
      if let fault { preconditionFailure(fault) }
    }

    /// What is wrong with these numbers, which a file may give; nil if nothing is.
    var fault: String? {
      if !(0..<1).contains(beta1) || !(0..<1).contains(beta2) {
        return "Adam: betas must be in [0, 1), not \((beta1, beta2))"
      }
      return eps > 0 ? nil : "Adam: eps must be positive, not \(eps)"
    }

    /// AdamW's settings: Adam with decoupled weight decay, PyTorch's default of it.
    public static func adamW(weightDecay: Double = 0.01) -> Settings {
      Settings(weightDecay: weightDecay, decoupled: true)
    }
  }

  /// What Adam is set to.
  public private(set) var settings: Settings
  /// The step size η.
  public var learningRate: Double
  private var slots: ParameterSlots

  /// An optimizer of the given parameters.
  ///
  /// - Parameters:
  ///   - parameters: The parameters with their names: `model.namedParameters()`.
  ///   - learningRate: The step size.
  ///   - settings: Adam's settings; ``Settings/adamW(weightDecay:)`` for AdamW.
  public init(
    _ parameters: [(name: String, parameter: Parameter)], learningRate: Double = 1e-3,
    settings: Settings = Settings()
  ) {
    slots = ParameterSlots(parameters)
    self.learningRate = learningRate
    self.settings = settings
  }

  /// Changes every parameter that has a gradient: equations (1) to (6).
  public func step() {
    let amsgrad = settings.amsgrad
    slots.update(momentCount: kinds.count) { step in
      let scalars = self.scalars(step: step)
      return { piece in
        var scalars = scalars
        ckernels_adam_step(
          piece.count, piece.value, piece.gradient, piece.moments[0], piece.moments[1],
          amsgrad ? piece.moments[2] : nil, &scalars)
      }
    }
  }

  /// The scalars of equations (1) to (6) at step t.
  private func scalars(step t: Int) -> ckernels_adam {
    let correction1 = 1 - pow(settings.beta1, Double(t))
    let correction2 = 1 - pow(settings.beta2, Double(t))
    return ckernels_adam(
      one_minus_beta1: Float(1 - settings.beta1), beta2: Float(settings.beta2),
      one_minus_beta2: Float(1 - settings.beta2), step_size: Float(learningRate / correction1),
      inverse_correction2: Float(1 / correction2.squareRoot()), epsilon: Float(settings.eps),
      coupled_decay: settings.decoupled ? 0 : Float(settings.weightDecay),
      keep: settings.decoupled ? Float(1 - learningRate * settings.weightDecay) : 1)
  }

  // MARK: State

  private var kinds: [String] { Self.kinds(settings) }

  private static func kinds(_ settings: Settings) -> [String] {
    ["exp_avg", "exp_avg_sq"] + (settings.amsgrad ? ["max_exp_avg_sq"] : [])
  }

  /// The settings, the learning rate, and for each parameter its steps and averages.
  public var state: OptimizerState {
    OptimizerState(
      settings: .adam(settings), learningRate: learningRate, steps: slots.steps,
      moments: slots.moments(kinds: kinds))
  }

  /// Checks that a state fits; see ``Optimizer/restoring(_:path:)``.
  public func restoring(
    _ state: OptimizerState, path: String
  ) throws(CheckpointError) -> () -> Void {
    guard case .adam(let settings) = state.settings else {
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
