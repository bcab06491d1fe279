import Networks

// A layer z = L(a, w) + b, L linear in a and in w, and how it shares out relevance. With a⁺ = max(a, 0),
// a⁻ = min(a, 0), the positive terms of z are those of L(a⁺, w⁺) + L(a⁻, w⁻) + b⁺, the negative ones
// those of L(a⁺, w⁻) + L(a⁻, w⁺) + b⁻.
struct WeightedLayer {
  /// a
  let input: Tensor
  /// w
  let weight: Tensor
  /// b, one number per channel (the second axis of z, the last where z is no image)
  let bias: Tensor?
  /// z
  let output: Tensor
  /// L
  let apply: (_ input: Tensor, _ weight: Tensor) -> Tensor
  /// The transpose of L(·, w).
  let transposed: (_ s: Tensor) -> Tensor

  init(
    input: Tensor, weight: Tensor, bias: Tensor?, output: Tensor,
    apply: @escaping (_ input: Tensor, _ weight: Tensor) -> Tensor,
    transposed: @escaping (_ s: Tensor) -> Tensor
  ) {
    (self.input, self.weight) = (input.detached(), weight.detached())
    (self.bias, self.output) = (bias?.detached(), output.detached())
    (self.apply, self.transposed) = (apply, transposed)
  }

  /// The relevance of the inputs.
  func share(_ R: Tensor, by rule: RelevanceRule, _ absorbed: inout Absorption) -> Tensor {
    switch rule {
    case .epsilon(let ε):  // (8)
      let s = R.divided(by: output, ε, &absorbed)
      absorb(bias, s, &absorbed)
      return input * transposed(s)
    case .gamma(let γ): return gamma(R, γ, &absorbed)
    case .alphaBeta(let α, let β): return alphaBeta(R, α, β, &absorbed)
    case .zPlus: return alphaBeta(R, 1, 0, &absorbed)
    case .flat:  // (11)
      let ones = Tensor(repeating: 1, shape: input.shape)
      let counts = Product(apply, ones, Tensor(repeating: 1, shape: weight.shape))
      return counts.transposed(R / counts.value)
    }
  }

  /// (9): s = R/(z + γ z⁺) where z > 0, R/(z + γ z⁻) elsewhere.
  private func gamma(_ R: Tensor, _ γ: Float, _ absorbed: inout Absorption) -> Tensor {
    let (positive, negative) = (Terms(self, .positive), Terms(self, .negative))
    let isPositive = Tensor.mapping([output]) { count, operands, one in
      for i in 0..<count { one[i] = operands[0][i] > 0 ? 1 : 0 }
    }
    let isNegative = isPositive.affine(scale: -1, shift: 1)
    let chosen = isPositive * positive.sum + isNegative * negative.sum
    let s = R.divided(by: output + γ * chosen, RelevanceRule.stabilizer, &absorbed)
    let (up, down) = (s * isPositive, s * isNegative)
    absorb(bias, s, &absorbed)
    absorb(positive.bias.map { γ * $0 }, up, &absorbed)
    absorb(negative.bias.map { γ * $0 }, down, &absorbed)
    return input * transposed(s)
      + γ * (positive.shares(up) + negative.shares(down))
  }

  /// (10)
  private func alphaBeta(
    _ R: Tensor, _ α: Float, _ β: Float, _ absorbed: inout Absorption
  ) -> Tensor {
    let positive = Terms(self, .positive)
    let up = (α * R).divided(by: positive.sum, RelevanceRule.stabilizer, &absorbed)
    absorb(positive.bias, up, &absorbed)
    if β == 0 { return positive.shares(up) }
    let negative = Terms(self, .negative)
    let down = (-β * R).divided(by: negative.sum, RelevanceRule.stabilizer, &absorbed)
    absorb(negative.bias, down, &absorbed)
    return positive.shares(up) + negative.shares(down)
  }

  /// What a bias takes: Σ b s per sample.
  private func absorb(_ bias: Tensor?, _ s: Tensor, _ absorbed: inout Absorption) {
    guard let bias else { return }
    let channel = s.rank == 4 ? 1 : s.rank - 1
    let axes = s.shape.indices.filter { $0 != 0 && $0 != channel }
    let sums = (axes.isEmpty ? s : s.sum(axes: axes)).elements
    let b = bias.elements
    let taken = (0..<s.shape[0]).map { row -> Double in
      var sum = 0.0
      for k in b.indices { sum += Double(b[k]) * Double(sums[row * b.count + k]) }
      return sum
    }
    absorbed.add(taken, "bias")
  }
}

extension WeightedLayer {
  /// L(a, w) and its transpose in a.
  private struct Product {
    let value: Tensor
    private let input: Tensor

    init(_ apply: (Tensor, Tensor) -> Tensor, _ input: Tensor, _ weight: Tensor) {
      let leaf = input.differentiable()
      self.input = leaf
      value = withRecording { apply(leaf, weight) }
    }

    /// Lᵀ s
    func transposed(_ s: Tensor) -> Tensor {
      value.pullBack(s)[input] ?? Tensor(repeating: 0, shape: input.shape)
    }
  }

  /// The terms a w of one sign.
  private struct Terms {
    enum Sign {
      case positive, negative
    }

    /// Their sum, the bias's part included.
    let sum: Tensor
    /// That part.
    let bias: Tensor?
    private let factors: [(input: Tensor, product: Product)]

    init(_ layer: WeightedLayer, _ sign: Sign) {
      let (above, below) = (layer.input.relu(), -((-layer.input).relu()))
      let (up, down) = (layer.weight.relu(), -((-layer.weight).relu()))
      let hasNegatives = Tensor.summing([below]) { count, operands in
        (0..<count).contains { operands[0][$0] < 0 } ? 1 : 0
      }.contains { $0 > 0 }
      let pairs =
        sign == .positive ? [(above, up), (below, down)] : [(above, down), (below, up)]
      factors = pairs.prefix(hasNegatives ? 2 : 1).map {
        (input: $0.0, product: Product(layer.apply, $0.0, $0.1))
      }
      let bias = layer.bias.map { sign == .positive ? $0.relu() : -((-$0).relu()) }
      var sum = factors[0].product.value.detached()
      for factor in factors.dropFirst() { sum = sum + factor.product.value.detached() }
      if let bias { sum = sum + (sum.rank == 4 ? bias.reshaped([bias.count, 1, 1]) : bias) }
      (self.sum, self.bias) = (sum, bias)
    }

    /// Σ over the pairs of a ⊙ Lᵀ s.
    func shares(_ s: Tensor) -> Tensor {
      var share = factors[0].input * factors[0].product.transposed(s)
      for factor in factors.dropFirst() {
        share = share + factor.input * factor.product.transposed(s)
      }
      return share
    }
  }
}

extension RelevanceWalk {
  /// A convolution or an affine map.
  func weighted(_ R: Tensor, _ a: Application, _ absorbed: inout Absorption) -> [Tensor?] {
    let inputs = a.inputs
    let apply: (Tensor, Tensor) -> Tensor
    if let settings = a.attributes as? Convolution {
      apply = { x, w in x.conv2D(w, settings: settings) }
    } else {
      apply = { x, w in x.linear(w) }
    }
    let layer = WeightedLayer(
      input: inputs[0], weight: inputs[1], bias: inputs.count > 2 ? inputs[2] : nil,
      output: a.output, apply: apply
    ) { s in
      a.pullback(s)[0] ?? Tensor(repeating: 0, shape: inputs[0].shape)
    }
    return [layer.share(R, by: rule(of: a), &absorbed)] + inputs.dropFirst().map { _ in nil }
  }
}
