import ConvexKit

/// A two-dimensional convolution.
public struct Conv2D: Module {
  /// W, `[O, C/groups, kh, kw]`
  public let weight: Parameter
  /// b, `[O]`
  public let bias: Parameter?
  /// Stride, padding, dilation and groups.
  public let settings: Convolution

  /// A convolution with given weights.
  public init(weight: Parameter, bias: Parameter? = nil, settings: Convolution = Convolution()) {
    self.weight = weight
    self.bias = bias
    self.settings = settings
  }

  /// A convolution with random weights, distributed as PyTorch's: uniform between ±1/√(fan-in),
  /// where the fan-in is the number of weights of one output.
  ///
  /// - Parameters:
  ///   - inputs: The channels of the input.
  ///   - outputs: The channels of the output.
  ///   - kernel: The rows and columns of the window.
  ///   - settings: Stride, padding, dilation and groups.
  ///   - hasBias: Whether a number is added to each channel.
  ///   - generator: Where the weights come from.
  public init(
    inputs: Int, outputs: Int, kernel: [Int], settings: Convolution = Convolution(),
    hasBias: Bool = true, using generator: inout SeededGenerator
  ) {
    precondition(
      kernel.count == 2 && inputs % settings.groups == 0 && outputs % settings.groups == 0,
      "Conv2D: \(inputs) to \(outputs) channels, kernel \(kernel), \(settings.groups) group(s)")
    let shape = [outputs, inputs / settings.groups] + kernel
    let bound = 1 / Float(shape.dropFirst().reduce(1, *)).squareRoot()
    weight = Parameter(.uniform(shape, bound: bound, using: &generator))
    bias = hasBias ? Parameter(.uniform([outputs], bound: bound, using: &generator)) : nil
    self.settings = settings
  }

  /// `[N, C, H, W]` → `[N, O, H′, W′]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    x.conv2D(weight.value, bias: bias?.value, settings: settings)
  }
}
