import Networks

extension RelevanceWalk {
  /// The relevance of an application's operands from that of its value.
  func share(_ R: Tensor, of a: Application, _ absorbed: inout Absorption) -> [Tensor?] {
    switch a.primitive {
    // Layers with weights.
    case Primitives.conv2D.name, Primitives.linear.name: weighted(R, a, &absorbed)
    case Primitives.batchNorm.name: batchNorm(R, a, a.output, &absorbed)
    case Primitives.batchNormReLU.name: batchNormReLU(R, a, &absorbed)
    case Primitives.layerNorm.name: layerNorm(R, a, &absorbed)
    // Sums of their operands.
    case Primitives.add.name: terms(R, a, signs: [1, 1], &absorbed)
    case Primitives.subtract.name: terms(R, a, signs: [1, -1], &absorbed)
    case Primitives.affine.name: affine(R, a, &absorbed)
    case Primitives.sum.name, Primitives.linearPool2D.name, Primitives.resize.name:
      linear(R, a, &absorbed)
    // Products.
    case Primitives.multiply.name: product(R, a)
    case Primitives.matrixProduct.name: matrixProduct(R, a, &absorbed)
    case Primitives.divide.name: [R.summed(to: a.inputs[0].shape), nil]
    // What lets relevance pass as it is.
    case Primitives.relu.name, Primitives.gelu.name, Primitives.l2Normalize.name: [R]
    case Primitives.concatenate.name: concatenate(R, a, &absorbed)
    // Reshaping, and the largest of a window: each value is one of the operand's.
    default: a.pullback(R)
    }
  }

  /// The ε that sums of operands use.
  private var ε: Float { RelevanceRule.stabilizer }

  /// y = Σ ± operands: the ε rule with weights ±1; constants keep their share.
  private func terms(
    _ R: Tensor, _ a: Application, signs: [Float], _ absorbed: inout Absorption
  ) -> [Tensor?] {
    let s = R.divided(by: a.output, ε, &absorbed)
    return a.inputs.enumerated().map { index, input in
      let share = signs[index] * (input.detached() * s)
      if a.needs(index) { return share.summed(to: input.shape) }
      absorbed.add(share.rowSums(), a.primitive)
      return nil
    }
  }

  /// y = s x + t: t keeps its share.
  private func affine(
    _ R: Tensor, _ a: Application, _ absorbed: inout Absorption
  ) -> [Tensor?] {
    guard let affine = a.attributes as? Primitives.Affine else {
      preconditionFailure("affine was recorded with other attributes")
    }
    if affine.shift == 0 { return [R] }
    let s = R.divided(by: a.output, ε, &absorbed)
    absorbed.add((affine.shift * s).rowSums(), a.primitive)
    return [affine.scale * (a.inputs[0].detached() * s)]
  }

  /// y linear in its only operand: R = x ⊙ Jᵀ(R/z).
  private func linear(_ R: Tensor, _ a: Application, _ absorbed: inout Absorption) -> [Tensor?] {
    let s = R.divided(by: a.output, ε, &absorbed)
    return [a.pullback(s)[0].map { $0 * a.inputs[0].detached() }]
  }

  /// y = a b: all to what is weighed by a gate; halves where both are evidence.
  private func product(_ R: Tensor, _ a: Application) -> [Tensor?] {
    let receivers = a.inputs.indices.filter { receives($0, of: a) }
    let part = receivers.count > 1 ? 0.5 * R : R
    return a.inputs.indices.map {
      receivers.contains($0) ? part.summed(to: a.inputs[$0].shape) : nil
    }
  }

  /// Y = A B: the ε rule in the operand that is weighed, halves where both are evidence.
  private func matrixProduct(
    _ R: Tensor, _ a: Application, _ absorbed: inout Absorption
  ) -> [Tensor?] {
    let s = R.divided(by: a.output, ε, &absorbed)
    let receivers = a.inputs.indices.filter { receives($0, of: a) }
    let part: Float = receivers.count > 1 ? 0.5 : 1
    let (left, right) = (a.inputs[0].detached(), a.inputs[1].detached())
    return [
      receivers.contains(0)
        ? (part * left * s.matrixProduct(right.transposed()).summed(to: left.shape)) : nil,
      receivers.contains(1)
        ? (part * right * left.transposed().matrixProduct(s).summed(to: right.shape)) : nil,
    ]
  }

  /// Each operand keeps its part; constants are not passed on.
  private func concatenate(
    _ R: Tensor, _ a: Application, _ absorbed: inout Absorption
  ) -> [Tensor?] {
    guard let axis = a.attributes as? Int else {
      preconditionFailure("concatenate was recorded with other attributes")
    }
    var start = 0
    return a.inputs.indices.map { index in
      let range = start..<start + a.inputs[index].shape[axis]
      start = range.upperBound
      let part = R.sliced(axis: axis, range)
      if a.needs(index) { return part }
      absorbed.add(part.rowSums(), a.primitive)
      return nil
    }
  }
}

extension Tensor {
  /// R/(z + ε sign z), sign 0 = 1; what ε takes, Σ ε R/(|z| + ε), is absorbed.
  func divided(by z: Tensor, _ ε: Float, _ absorbed: inout Absorption) -> Tensor {
    let taken = Tensor.summing([z, self]) { count, operands in
      let (z, R) = (operands[0], operands[1])
      var sum = 0.0
      for i in 0..<count { sum += Double(R[i] * (ε / (abs(z[i]) + ε))) }
      return sum
    }
    absorbed.add(taken, "ε")
    return Tensor.mapping([z, self]) { count, operands, s in
      let (z, R) = (operands[0], operands[1])
      for i in 0..<count { s[i] = R[i] / (z[i] + (z[i] < 0 ? -ε : ε)) }
    }
  }

  /// The sum of each row along the first axis.
  func rowSums() -> [Double] {
    Tensor.summing([self]) { count, operands in
      var sum = 0.0
      for i in 0..<count { sum += Double(operands[0][i]) }
      return sum
    }
  }
}
