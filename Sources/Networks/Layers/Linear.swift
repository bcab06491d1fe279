import ConvexKit

/// An affine map of vectors.
public struct Linear: Module {
  /// W, `[outputs, inputs]`
  public let weight: Parameter
  /// b, `[outputs]`
  public let bias: Parameter?

  /// A map with given weights.
  public init(weight: Parameter, bias: Parameter? = nil) {
    self.weight = weight
    self.bias = bias
  }

  /// A map with random weights, distributed as PyTorch's: uniform between ±1/√inputs.
  ///
  /// - Parameters:
  ///   - inputs: The extent of the vectors.
  ///   - outputs: The extent of the results.
  ///   - hasBias: Whether a vector is added.
  ///   - generator: Where the weights come from.
  public init(
    inputs: Int, outputs: Int, hasBias: Bool = true, using generator: inout SeededGenerator
  ) {
    let bound = 1 / Float(inputs).squareRoot()
    weight = Parameter(.uniform([outputs, inputs], bound: bound, using: &generator))
    bias = hasBias ? Parameter(.uniform([outputs], bound: bound, using: &generator)) : nil
  }

  /// `[…, inputs]` → `[…, outputs]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.linear(weight.value, bias: bias?.value)
  }
}
