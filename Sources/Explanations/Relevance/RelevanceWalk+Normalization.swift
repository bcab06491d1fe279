import Networks

extension RelevanceWalk {
  /// y = max(b + r, 0), b the batch norm of x: relu passes on, the sum shares by the ε rule, and the
  /// batch norm is a layer.
  func batchNormReLU(
    _ R: Tensor, _ a: Application, _ absorbed: inout Absorption
  ) -> [Tensor?] {
    let inputs = a.inputs.map { $0.detached() }
    guard let settings = a.attributes as? BatchNormalization else {
      preconditionFailure("batch_norm_relu was recorded with other attributes")
    }
    let b = inputs[0].batchNorm(weight: inputs[1], bias: inputs[2], settings: settings)
    guard inputs.count > 3 else { return batchNorm(R, a, b, &absorbed) }
    let s = R.divided(by: b + inputs[3], RelevanceRule.stabilizer, &absorbed)
    let residual = inputs[3] * s
    if !a.needs(3) { absorbed.add(residual.rowSums(), a.primitive) }
    guard a.needs(0) else {
      absorbed.add((b * s).rowSums(), a.primitive)
      return [nil, nil, nil, residual]
    }
    return batchNorm(b * s, a, b, &absorbed) + [a.needs(3) ? residual : nil]
  }

  /// A batch norm with given statistics: a layer with one weight per channel, w = γ/√(v + ε), and the
  /// bias β − m w. `y` is its value.
  func batchNorm(
    _ R: Tensor, _ a: Application, _ y: Tensor, _ absorbed: inout Absorption
  ) -> [Tensor?] {
    guard let settings = a.attributes as? BatchNormalization,
      case .fixed(let mean, _) = settings.statistics
    else {
      preconditionFailure("batch norm was recorded with other attributes")
    }
    let scale = settings.scale(a.inputs[1].detached())
    let bias = a.inputs[2].detached() - mean * scale
    let layer = WeightedLayer(
      input: a.inputs[0], weight: scale, bias: bias, output: y,
      apply: { x, w in x * w.reshaped([w.count, 1, 1]) },
      transposed: { s in s * scale.reshaped([scale.count, 1, 1]) })
    return [layer.share(R, by: rule(of: a), &absorbed), nil, nil]
  }

  /// y = γ (x − mean x)/s + β with s, the deviation, as a constant: by the ε rule. Another rule's
  /// γ, α or β makes no sense here, its ε does.
  func layerNorm(_ R: Tensor, _ a: Application, _ absorbed: inout Absorption) -> [Tensor?] {
    guard let epsilon = a.attributes as? Float else {
      preconditionFailure("layer_norm was recorded with other attributes")
    }
    let (x, γ, β) = (a.inputs[0].detached(), a.inputs[1].detached(), a.inputs[2].detached())
    let axes = Array(x.rank - γ.rank..<x.rank)
    let u = x - x.mean(axes: axes, keepingAxes: true)
    let variance = (u * u).mean(axes: axes, keepingAxes: true)
    let inverse = Tensor.mapping([variance]) { count, operands, inverse in
      for i in 0..<count { inverse[i] = 1 / (operands[0][i] + epsilon).squareRoot() }
    }
    var ε = RelevanceRule.stabilizer
    if case .epsilon(let given) = rule(of: a) { ε = given }
    let s = R.divided(by: a.output, ε, &absorbed)
    absorbed.add((β * s).rowSums(), a.primitive)
    let du = γ * s * inverse
    return [x * (du - du.mean(axes: axes, keepingAxes: true)), nil, nil]
  }
}
