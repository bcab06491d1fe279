import ConvexKit

/// Twice: 3×3 convolution without bias, batch norm, relu.
///
/// A block's name is part of its parameters' names, as in the published U-Net weights: block `enc1`
/// has `enc1conv1.weight`, `enc1norm1.weight`, `enc1conv2.weight`, …
public struct UNetBlock: Module, CustomReflectable {
  /// What the layers' names begin with.
  public let name: String
  /// The first convolution.
  public let conv1: Conv2D
  /// The batch norm behind it.
  public let norm1: BatchNorm2D
  /// The second convolution.
  public let conv2: Conv2D
  /// The batch norm behind it.
  public let norm2: BatchNorm2D

  /// A block with random weights.
  ///
  /// - Parameters:
  ///   - name: What the layers' names begin with.
  ///   - inputs: The channels of the input.
  ///   - outputs: The channels of the output.
  ///   - generator: Where the weights come from.
  public init(
    name: String, inputs: Int, outputs: Int, using generator: inout SeededGenerator
  ) {
    let settings = Convolution(padding: [1, 1])
    self.name = name
    conv1 = Conv2D(
      inputs: inputs, outputs: outputs, kernel: [3, 3], settings: settings, hasBias: false,
      using: &generator)
    norm1 = BatchNorm2D(channels: outputs)
    conv2 = Conv2D(
      inputs: outputs, outputs: outputs, kernel: [3, 3], settings: settings, hasBias: false,
      using: &generator)
    norm2 = BatchNorm2D(channels: outputs)
  }

  /// `[N, inputs, H, W]` → `[N, outputs, H, W]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    norm2.relu(conv2(norm1.relu(conv1(x))))
  }

  /// The layers as the paths of their parameters name them.
  public var customMirror: Mirror {
    Mirror(
      self,
      children: [
        "\(name)conv1": conv1, "\(name)norm1": norm1, "\(name)conv2": conv2, "\(name)norm2": norm2,
      ], displayStyle: .struct)
  }
}
