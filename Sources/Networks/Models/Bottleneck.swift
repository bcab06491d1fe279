import ConvexKit

// A residual block of three convolutions, with torchvision's names:
//
//     h = relu(bn1(conv1 x))          1×1, to the inner width
//     h = relu(bn2(conv2 h))          3×3, with the block's stride
//     y = relu(bn3(conv3 h) + s(x))   1×1, to four times the inner width
//
// s is the identity, or a 1×1 convolution and a batch norm (`downsample.0`, `downsample.1`) where
// extents change.

/// A residual block of ResNet-50.
///
/// - Source: He et al., CVPR 2016, with the stride on the 3×3 convolution, as in torchvision.
public struct Bottleneck: Module {
  /// How many times wider a block's output is than its inner width.
  public static let expansion = 4

  /// 1×1, to the inner width.
  public let conv1: Conv2D
  /// The batch norm behind it.
  public let bn1: BatchNorm2D
  /// 3×3, with the block's stride.
  public let conv2: Conv2D
  /// The batch norm behind it.
  public let bn2: BatchNorm2D
  /// 1×1, to the output's width.
  public let conv3: Conv2D
  /// The batch norm behind it.
  public let bn3: BatchNorm2D
  /// The shortcut's own convolution, where extents change.
  public let downsample: Shortcut?

  /// A block with random weights.
  ///
  /// - Parameters:
  ///   - inputs: The channels of the input.
  ///   - width: The inner width; the output has four times as many channels.
  ///   - stride: Rows and columns from one cell of the output to the next.
  ///   - generator: Where the weights come from.
  public init(inputs: Int, width: Int, stride: Int, using generator: inout SeededGenerator) {
    let outputs = Bottleneck.expansion * width
    conv1 = .residual(inputs: inputs, outputs: width, kernel: 1, using: &generator)
    bn1 = BatchNorm2D(channels: width)
    conv2 = .residual(
      inputs: width, outputs: width, kernel: 3, stride: stride, using: &generator)
    bn2 = BatchNorm2D(channels: width)
    conv3 = .residual(inputs: width, outputs: outputs, kernel: 1, using: &generator)
    bn3 = BatchNorm2D(channels: outputs)
    downsample =
      stride != 1 || inputs != outputs
      ? Shortcut(inputs: inputs, outputs: outputs, stride: stride, using: &generator) : nil
  }

  /// `[N, inputs, H, W]` → `[N, 4 width, H/stride, W/stride]`
  public func callAsFunction(_ x: Tensor) -> Tensor {
    let h = bn2.relu(conv2(bn1.relu(conv1(x))))
    return bn3.relu(conv3(h), adding: downsample.map { $0(x) } ?? x)
  }

  /// The shortcut of a block whose extents change.
  public struct Shortcut: Module, CustomReflectable {
    /// 1×1, with the block's stride.
    public let conv: Conv2D
    /// The batch norm behind it.
    public let norm: BatchNorm2D

    init(inputs: Int, outputs: Int, stride: Int, using generator: inout SeededGenerator) {
      conv = .residual(
        inputs: inputs, outputs: outputs, kernel: 1, stride: stride, using: &generator)
      norm = BatchNorm2D(channels: outputs)
    }

    func callAsFunction(_ x: Tensor) -> Tensor { norm(conv(x)) }

    /// The layers by their numbers, as the paths of their parameters name them.
    public var customMirror: Mirror {
      let layers: [any Module] = [conv, norm]
      return Mirror(self, unlabeledChildren: layers, displayStyle: .collection)
    }
  }
}

extension Conv2D {
  /// A convolution without bias that keeps extents divided by its stride, with weights
  /// normal of deviation √(2 / fan-out), as torchvision draws them.
  ///
  /// - Source: He et al., ICCV 2015, eq. 14.
  static func residual(
    inputs: Int, outputs: Int, kernel: Int, stride: Int = 1,
    using generator: inout SeededGenerator
  ) -> Conv2D {
    let deviation = (2 / Float(outputs * kernel * kernel)).squareRoot()
    let weight = Tensor.normal([outputs, inputs, kernel, kernel], using: &generator)
    let padding = kernel / 2
    return Conv2D(
      weight: Parameter((deviation * weight).detached()),
      settings: Convolution(stride: [stride, stride], padding: [padding, padding]))
  }
}
