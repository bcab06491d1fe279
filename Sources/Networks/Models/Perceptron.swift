import ConvexKit

/// Two linear maps with a Gaussian error linear unit between them, token by token.
///
/// - Shapes: `[…, D]` → `[…, D]`
public struct Perceptron: Module {
  /// D to the hidden width.
  public let fc1: Linear
  /// Back to D.
  public let fc2: Linear

  /// A perceptron with random weights.
  ///
  /// - Parameters:
  ///   - width: The extent D of the tokens.
  ///   - hidden: The extent between the maps.
  ///   - generator: Where the weights come from.
  public init(width: Int, hidden: Int, using generator: inout SeededGenerator) {
    fc1 = .transformer(inputs: width, outputs: hidden, using: &generator)
    fc2 = .transformer(inputs: hidden, outputs: width, using: &generator)
  }

  /// `fc2(gelu(fc1 x))`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    fc2(x.linearGELU(fc1.weight.value, bias: fc1.bias?.value))
  }
}
