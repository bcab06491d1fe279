extension Primitives {
  /// y = γ x′ + β, x′ = (x − m)/√(v + ε) per channel;  dβ = Σ dy, dγ = Σ dy x′,
  /// dx = γ/√(v + ε) (dy − dβ/n − x′ dγ/n), without the last two terms where m and v are given
  ///
  /// - Shapes: x `[N, C, …]`, γ and β `[C]` → `[N, C, …]`
  /// - Source: Ioffe & Szegedy, ICML 2015.
  public static let batchNorm = Primitive<BatchNormalization>(
    name: "batch_norm", takingBFloat16: true, keeping: { _ in .inputs([0, 1, 2]) },
    forward: { inputs, settings in
      let (y, saved) = BatchNorm.run(inputs, settings, relu: false)
      return .init(y, saved: [saved])
    },
    pullbackOfTerms: { BatchNorm.pullBack($0, $1, $2, relu: false) },
    again: { BatchNorm.again($1, saved: $0.saved[0], relu: false) })

  /// y = max(batch_norm(x) + r, 0);  with dz = dy · [y > 0]: dr = dz, and the batch norm's rule for
  /// dz
  ///
  /// The same as the three applications, in one pass over memory forwards and two backwards.
  ///
  /// - Shapes: x `[N, C, …]`, γ and β `[C]`, r like x or none → `[N, C, …]`
  public static let batchNormReLU = Primitive<BatchNormalization>(
    name: "batch_norm_relu", takingBFloat16: true,
    // Behind a residual y tells where the ReLU let something pass; else x does.
    keeping: { KeptValues(inputs: [0, 1, 2], output: $0.count > 3) },
    forward: { inputs, settings in
      let (y, saved) = BatchNorm.run(inputs, settings, relu: true)
      return .init(y, saved: [saved])
    },
    pullbackOfTerms: { BatchNorm.pullBack($0, $1, $2, relu: true) },
    again: { BatchNorm.again($1, saved: $0.saved[0], relu: true) })
}

extension Tensor {
  /// Batch normalization of each channel.
  ///
  /// - Parameters:
  ///   - weight: γ, `[C]`
  ///   - bias: β, `[C]`
  ///   - settings: Whose mean and variance, and ε.
  /// - Returns: A tensor of this shape.
  public func batchNorm(weight: Tensor, bias: Tensor, settings: BatchNormalization) -> Tensor {
    Primitives.batchNorm([self, weight, bias], settings)
  }
}
