import ConvexKit

// A residual network with attention gates after its third and fourth stage. With a stem of w
// channels (64) and images of H×W:
//
//     conv1, bn1   w     channels, H/2×W/2       7×7
//     pool         w     channels, H/4×W/4       3×3, largest
//     layer1       4w    channels, H/4×W/4
//     layer2       8w    channels, H/8×W/8
//     layer3      16w    channels, H/16×W/16     tau_k        the fine map τᵏ
//     layer4      32w    channels, H/32×W/32     tau_l        the coarse map τˡ
//     mean over cells                            features
//     fc           affine map of the features    logits
//
// layer3's cells are halved by the first block of layer4, so that four fine cells lie in each
// coarse one.

/// The gated residual network: ResNet-50 with gates, and smaller ones of the same build.
///
/// Names are torchvision's, so that published ImageNet weights fit the backbone.
///
/// - Shapes: images `[N, channels, H, W]` → logits `[N, classes]`, features `[N, 32w]`, maps
///   `[N, H/16, W/16]` and `[N, H/32, W/32]`.
/// - Source: He et al., CVPR 2016 (the network); Ron et al., ICML 2022 (the gates).
public struct ResNet: Module {
  /// The architecture.
  public struct Settings: Sendable, Hashable, Codable {
    /// The channels of the images.
    public var channels: Int
    /// The blocks of each of the four stages.
    public var blocks: [Int]
    /// The channels w of the stem, and the inner width of the first stage.
    public var width: Int
    /// The number of classes.
    public var classes: Int
    /// The rows and columns of the images, multiples of 32 where there are gates.
    public var size: [Int]
    /// The gate after stage 3; nil for none.
    public var fineGate: Gate.Settings?
    /// The gate after stage 4; nil for none.
    public var coarseGate: Gate.Settings?
    /// The number of gates in series at each place.
    public var gatesInSeries: Int
    /// Whether the network carries a learned witness λ (`marginals.lamb`); needs both gates.
    public var hasMarginals: Bool

    /// Settings with gates at both places, embeddings as wide as the features.
    ///
    /// - Parameters:
    ///   - channels: The channels of the images.
    ///   - blocks: The blocks of each of the four stages; ResNet-50's unless given.
    ///   - width: The channels of the stem.
    ///   - classes: The number of classes.
    ///   - size: The rows and columns of the images.
    ///   - gatesInSeries: The number of gates in series at each place.
    ///   - gain: Whether gated features keep their size; see ``Gate/Settings/gain``.
    public init(
      channels: Int = 3, blocks: [Int] = [3, 4, 6, 3], width: Int = 64, classes: Int,
      size: [Int], gatesInSeries: Int = 1, gain: Bool = false
    ) {
      (self.channels, self.blocks, self.width) = (channels, blocks, width)
      (self.classes, self.size) = (classes, size)
      fineGate = Gate.Settings(embed: 16 * width, gain: gain)
      coarseGate = Gate.Settings(embed: 32 * width, gain: gain)
      self.gatesInSeries = gatesInSeries
      hasMarginals = true
    }

    /// These settings without gates and witness: the plain network.
    public var ungated: Settings {
      var settings = self
      settings.fineGate = nil
      settings.coarseGate = nil
      settings.hasMarginals = false
      return settings
    }

    /// The rows and columns of the fine map.
    public var fineGrid: [Int] { size.map { $0 / 16 } }
    /// The rows and columns of the coarse map.
    public var coarseGrid: [Int] { size.map { $0 / 32 } }
  }

  /// The stem's convolution.
  public let conv1: Conv2D
  /// The batch norm behind it.
  public let bn1: BatchNorm2D
  /// The four stages.
  public let layer1, layer2, layer3, layer4: [Bottleneck]
  /// The scores of the classes.
  public let fc: Linear
  /// The gate after stage 3.
  public let tauK: AttentionUnit?
  /// The gate after stage 4.
  public let tauL: AttentionUnit?
  /// The learned witness.
  public let marginals: Marginals?
  /// The architecture.
  public let settings: Settings

  /// A network with random weights.
  ///
  /// - Parameters:
  ///   - settings: The architecture.
  ///   - generator: Where the weights come from.
  public init(_ settings: Settings, using generator: inout SeededGenerator) {
    Self.check(settings)
    let w = settings.width
    self.settings = settings
    conv1 = .residual(
      inputs: settings.channels, outputs: w, kernel: 7, stride: 2, using: &generator)
    bn1 = BatchNorm2D(channels: w)
    let stages = [w, 2 * w, 4 * w, 8 * w].enumerated().map { stage, width in
      (0..<settings.blocks[stage]).map { block in
        Bottleneck(
          inputs: block > 0 ? 4 * width : stage > 0 ? 2 * width : w, width: width,
          stride: block == 0 && stage > 0 ? 2 : 1, using: &generator)
      }
    }
    (layer1, layer2, layer3, layer4) = (stages[0], stages[1], stages[2], stages[3])
    fc = Linear(inputs: 32 * w, outputs: settings.classes, using: &generator)
    tauK = settings.fineGate.map {
      AttentionUnit(
        channels: 16 * w, cells: settings.fineGrid, count: settings.gatesInSeries, settings: $0,
        using: &generator)
    }
    tauL = settings.coarseGate.map {
      AttentionUnit(
        channels: 32 * w, cells: settings.coarseGrid, count: settings.gatesInSeries, settings: $0,
        using: &generator)
    }
    marginals = settings.hasMarginals ? Marginals(grid: settings.coarseGrid) : nil
  }

  private static func check(_ settings: Settings) {
    let isGated = settings.fineGate != nil || settings.coarseGate != nil
    precondition(
      settings.size.count == 2 && (!isGated || settings.size.allSatisfy { $0 > 0 && $0 % 32 == 0 }),
      "ResNet: images of \(settings.size); with gates rows and columns must be multiples of 32")
    precondition(
      settings.blocks.count == 4 && settings.blocks.allSatisfy { $0 >= 1 },
      "ResNet: \(settings.blocks) are not the blocks of four stages")
    precondition(
      !settings.hasMarginals || (settings.fineGate != nil && settings.coarseGate != nil),
      "ResNet: a witness needs both gates")
  }

  /// Logits, features and maps of a batch of images, `[N, channels, H, W]`.
  public func callAsFunction(_ images: Tensor) -> GatedOutput {
    precondition(
      images.rank == 4 && images.shape[1] == settings.channels,
      "ResNet: images of shape \(images.shape), not [N, \(settings.channels), H, W]")
    let stem = bn1.relu(conv1(images)).maxPool2D(Self.pool)
    let (fine, v3) = gated(tauK, Self.run(layer3, Self.run(layer2, Self.run(layer1, stem))))
    let (coarse, v4) = gated(tauL, Self.run(layer4, v3))
    let features = v4.mean(axes: [2, 3])
    return GatedOutput(logits: fc(features), features: features, fine: fine, coarse: coarse)
  }

  private static let pool = Pooling(kernel: [3, 3], stride: [2, 2], padding: [1, 1])

  private static func run(_ blocks: [Bottleneck], _ x: Tensor) -> Tensor {
    blocks.reduce(x) { $1($0) }
  }
}

extension ResNet: GatedClassifier {
  /// The number of classes.
  public var classes: Int { settings.classes }
  /// λ of Eq. 6, `[1, 1, rows, columns]` of the coarse grid.
  public var witness: Parameter? { marginals?.lamb }

  /// Freezes stem and stages: only gates, witness and `fc` are trained.
  ///
  /// - Parameter movingStatistics: Whether batch norms are left in training; see
  ///   ``Module/freeze(movingStatistics:)``.
  public func freezeBackbone(movingStatistics: Bool = false) {
    freeze(
      under: ["conv1", "bn1", "layer1", "layer2", "layer3", "layer4"],
      movingStatistics: movingStatistics)
  }
}
