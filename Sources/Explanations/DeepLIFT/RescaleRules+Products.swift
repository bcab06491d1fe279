import Networks

// Products and quotients of two values that both depend on the image, (3) and (4).
extension RescaleRules {
  /// y = a b:  Δy = b̄ Δa + ā Δb
  static func product(_ a: Application, _ b: Application, _ dy: Tensor) -> [Tensor?] {
    let (left, right) = (mean(a, b, 0), mean(a, b, 1))
    return [
      (dy * right).summed(to: a.inputs[0].shape), (dy * left).summed(to: a.inputs[1].shape),
    ]
  }

  /// Y = A B:  ΔY = ΔA B̄ + Ā ΔB
  static func matrixProduct(_ a: Application, _ b: Application, _ dy: Tensor) -> [Tensor?] {
    let (left, right) = (mean(a, b, 0), mean(a, b, 1))
    return [
      dy.matrixProduct(right.transposed()).summed(to: a.inputs[0].shape),
      left.transposed().matrixProduct(dy).summed(to: a.inputs[1].shape),
    ]
  }

  /// y = a/b:  Δy = mean(1/b) Δa − ā/(b b₀) Δb
  static func quotient(_ a: Application, _ b: Application, _ dy: Tensor) -> [Tensor?] {
    let (divisor, divisor0) = (a.inputs[1].detached(), b.inputs[1].detached())
    let product = divisor * divisor0
    let inverse = (divisor + divisor0) / (2 * product)
    return [
      a.needs(0) ? (dy * inverse).summed(to: a.inputs[0].shape) : nil,
      (-(dy * mean(a, b, 0) / product)).summed(to: a.inputs[1].shape),
    ]
  }

  /// The mean of an operand at the images and at the baseline.
  static func mean(_ a: Application, _ b: Application, _ operand: Int) -> Tensor {
    0.5 * (a.inputs[operand].detached() + b.inputs[operand].detached())
  }
}

extension Tensor {
  /// The sums over the axes that a tensor of a shape was repeated along to get this one.
  func summed(to target: [Int]) -> Tensor {
    let padded = Array(repeating: 1, count: rank - target.count) + target
    let axes = shape.indices.filter { padded[$0] != shape[$0] }
    let sum = axes.isEmpty ? self : sum(axes: axes, keepingAxes: true)
    return sum.reshaped(target)
  }
}
