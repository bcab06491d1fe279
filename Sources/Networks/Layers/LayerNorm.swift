/// Normalization over the last axes: each sample is shifted and scaled to mean β and deviation γ.
public struct LayerNorm: Module {
  /// γ; its shape says which axes are normalized over.
  public let weight: Parameter
  /// β, of the same shape.
  public let bias: Parameter
  /// ε, added to the variance.
  public let epsilon: Float

  /// A layer norm with given weights.
  public init(weight: Parameter, bias: Parameter, epsilon: Float = 1e-5) {
    self.weight = weight
    self.bias = bias
    self.epsilon = epsilon
  }

  /// A layer norm over the last axes, of the given extents, that starts with γ = 1 and β = 0.
  public init(_ shape: [Int], epsilon: Float = 1e-5) {
    self.init(
      weight: Parameter(Tensor(repeating: 1, shape: shape)),
      bias: Parameter(Tensor(repeating: 0, shape: shape)), epsilon: epsilon)
  }

  /// A tensor of x's shape.
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.layerNorm(weight: weight.value, bias: bias.value, epsilon: epsilon)
  }
}
