import CKernels
import ConvexKit

extension Module {
  /// Scales the gradients down so that all of them together have at most the given norm.
  ///
  /// ```
  /// g ← g · min(1, maxNorm / (‖g‖ + 1e-6)),    ‖g‖² = Σ over all parameters of Σ gᵢ²
  /// ```
  ///
  /// - Parameter maxNorm: The largest norm that is left alone.
  /// - Returns: The norm ‖g‖ before; not finite if a gradient is not, and then nothing is scaled.
  /// - Source: Pascanu et al., ICML 2013; PyTorch's `clip_grad_norm_`.
  @discardableResult
  public func clipGradients(maxNorm: Double) -> Double {
    let parameters = parameters.filter { $0.gradient != nil }
    var squares = 0.0
    for parameter in parameters {
      guard let gradient = parameter.gradient else { continue }
      squares += ckernels_sum_of_squares(gradient.storedCount, gradient.memory.floats)
    }
    let norm = squares.squareRoot()
    let factor = maxNorm / (norm + 1e-6)
    guard norm.isFinite, factor < 1 else { return norm }
    for parameter in parameters {
      guard let gradient = parameter.gradient else { continue }
      parameter.gradient = gradient.scaled(by: Float(factor))
    }
    return norm
  }
}

extension Tensor {
  /// The elements times a number, not recorded.
  fileprivate func scaled(by factor: Float) -> Tensor {
    let result = Memory(count: storedCount)
    ckernels_scale(storedCount, result.floats, memory.floats, factor)
    return Tensor(shape: shape, memory: result, layout: layout)
  }
}
