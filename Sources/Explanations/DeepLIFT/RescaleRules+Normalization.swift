import Networks

// Softmax, the normalizations and their exact differences, (5) and (6).
extension RescaleRules {
  /// y = softmax x:  Δy_i = s_i (Δx_i − Σ_j s_j Δx_j / Σ s),  s = L(y, y₀); of its logarithm
  /// Δy_i = Δx_i − Σ_j s_j Δx_j / Σ s,  s = L(eʸ, eʸ⁰)
  static func softmax(_ a: Application, _ b: Application, _ dy: Tensor) -> [Tensor?] {
    guard var softmax = a.attributes as? Primitives.SoftmaxAxes else {
      preconditionFailure("softmax was recorded with other attributes")
    }
    let (axes, isLogarithmic) = (Array(softmax.axes), softmax.isLogarithmic)
    softmax.isLogarithmic = true
    // From logarithms: L(1, e⁻²⁰⁰) is 1/200, though e⁻²⁰⁰ is 0 in Float.
    let s = meanOfExponentials(
      Primitives.softmax([a.inputs[0].detached()], softmax),
      Primitives.softmax([b.inputs[0].detached()], softmax))
    let share = s / s.sum(axes: axes, keepingAxes: true)
    if isLogarithmic { return [dy - share * dy.sum(axes: axes, keepingAxes: true)] }
    return [s * (dy - (share * dy).sum(axes: axes, keepingAxes: true))]
  }

  /// y = x/max(‖x‖, ε) along an axis, (6)
  static func l2Normalize(_ a: Application, _ b: Application, _ dy: Tensor) -> [Tensor?] {
    guard let settings = a.attributes as? Primitives.Normalization else {
      preconditionFailure("l2_normalize was recorded with other attributes")
    }
    let (x, x0) = (a.inputs[0].detached(), b.inputs[0].detached())
    let ε = Double(settings.epsilon)
    let (q, q0) = (
      (x * x).sum(axes: [settings.axis], keepingAxes: true),
      (x0 * x0).sum(axes: [settings.axis], keepingAxes: true)
    )
    let inverse = Tensor.mapping([q, q0]) { count, operands, mean in
      for i in 0..<count {
        let n = max(Double(operands[0][i]).squareRoot(), ε)
        let n0 = max(Double(operands[1][i]).squareRoot(), ε)
        mean[i] = Float((1 / n + 1 / n0) / 2)
      }
    }
    let κ = Tensor.mapping([q, q0]) { count, operands, κ in
      for i in 0..<count {
        let (norm, norm0) = (
          Double(operands[0][i]).squareRoot(), Double(operands[1][i]).squareRoot()
        )
        let (n, n0) = (max(norm, ε), max(norm0, ε))
        // How much of a difference of norms is one of what is divided by.
        let share =
          min(norm, norm0) > ε ? 1 : max(norm, norm0) > ε ? (n - n0) / (norm - norm0) : 0
        κ[i] = share == 0 ? 0 : Float(2 * share / (n * n0 * (norm + norm0)))
      }
    }
    return [scaled(dy, mean: 0.5 * (x + x0), inverse, κ, axes: [settings.axis])]
  }

  /// y = γ u/√(mean u² + ε) + β, u = x − mean x: (6) for u, g = γ dy for dy
  static func layerNorm(_ a: Application, _ b: Application, _ dy: Tensor) -> [Tensor?] {
    guard let epsilon = a.attributes as? Float else {
      preconditionFailure("layer_norm was recorded with other attributes")
    }
    let (x, x0, γ) = (
      a.inputs[0].detached(), b.inputs[0].detached(), a.inputs[1].detached()
    )
    let axes = Array(x.rank - γ.rank..<x.rank)
    let (u, u0) = (
      x - x.mean(axes: axes, keepingAxes: true), x0 - x0.mean(axes: axes, keepingAxes: true)
    )
    let (v, v0) = (
      (u * u).mean(axes: axes, keepingAxes: true), (u0 * u0).mean(axes: axes, keepingAxes: true)
    )
    let (ε, count) = (Double(epsilon), Double(γ.count))
    let inverse = Tensor.mapping([v, v0]) { count, operands, mean in
      for i in 0..<count {
        let s = (Double(operands[0][i]) + ε).squareRoot()
        let s0 = (Double(operands[1][i]) + ε).squareRoot()
        mean[i] = Float((1 / s + 1 / s0) / 2)
      }
    }
    let κ = Tensor.mapping([v, v0]) { length, operands, κ in
      for i in 0..<length {
        let s = (Double(operands[0][i]) + ε).squareRoot()
        let s0 = (Double(operands[1][i]) + ε).squareRoot()
        κ[i] = Float(2 / (count * s * s0 * (s + s0)))
      }
    }
    let du = scaled(γ * dy, mean: 0.5 * (u + u0), inverse, κ, axes: axes)
    return [du - du.mean(axes: axes, keepingAxes: true), nil, nil]
  }

  /// r̄ dy − κ x̄ ⟨x̄, dy⟩
  private static func scaled(
    _ dy: Tensor, mean: Tensor, _ inverse: Tensor, _ κ: Tensor, axes: [Int]
  ) -> Tensor {
    inverse * dy - mean * (κ * (mean * dy).sum(axes: axes, keepingAxes: true))
  }

  /// y = max(z, 0), z = γ x′ + β + r: relu's rule for z, which is computed again
  static func batchNormReLU(_ a: Application, _ b: Application, _ dy: Tensor) -> [Tensor?] {
    let dz = relu(preactivation(a), preactivation(b), dy)[0]
    guard let dz, let settings = a.attributes as? BatchNormalization else {
      preconditionFailure("batch_norm_relu was recorded with other attributes")
    }
    let scale = settings.scale(a.inputs[1].detached())
    let dx = a.needs(0) ? dz * scale.reshaped([scale.count, 1, 1]) : nil
    let residual = a.inputs.count > 3 ? [a.needs(3) ? dz : nil] : []
    return [dx, nil, nil] + residual
  }

  /// z = γ x′ + β + r of a fused batch norm.
  static func preactivation(_ application: Application) -> Tensor {
    guard let settings = application.attributes as? BatchNormalization else {
      preconditionFailure("batch_norm_relu was recorded with other attributes")
    }
    let inputs = application.inputs.map { $0.detached() }
    let z = inputs[0].batchNorm(weight: inputs[1], bias: inputs[2], settings: settings)
    return inputs.count > 3 ? z + inputs[3] : z
  }
}

extension BatchNormalization {
  /// γ/√(v + ε), what each channel is multiplied by when the statistics are given, `[C]`.
  func scale(_ weight: Tensor) -> Tensor {
    guard case .fixed(_, let variance) = statistics else {
      preconditionFailure("a batch norm that uses the batch's own statistics is not linear")
    }
    let factors = zip(weight.elements, variance.elements).map { γ, v in
      Float(Double(γ) / (Double(v) + Double(epsilon)).squareRoot())
    }
    return Tensor(factors, shape: [factors.count])
  }
}
