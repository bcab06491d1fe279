import ConvexKit

// The encoder of a U-Net as a classifier, with attention gates after its third and fourth block.
// With F features, images of H×W and E = 16F:
//
//     encoder1     F  channels, H×W          pool1
//     encoder2    2F  channels, H/2×W/2      pool2
//     encoder3    4F  channels, H/4×W/4      tau_k    pool3        the fine map τᵏ
//     encoder4    8F  channels, H/8×W/8      tau_l    pool4        the coarse map τˡ
//     bottleneck 16F  channels, H/16×W/16    mean over cells       features
//     fc          affine map of the features                       logits
//
// Each gate stands before the pool, so that four fine cells lie in each coarse one.

/// The gated U-Net encoder.
///
/// - Shapes: images `[N, channels, H, W]` → logits `[N, classes]`, features `[N, 16F]`, maps
///   `[N, H/4, W/4]` and `[N, H/8, W/8]`.
/// - Source: Ronneberger et al., MICCAI 2015 (the encoder); Ron et al., ICML 2022 (the gates).
public struct UNetEncoder: Module {
  /// The architecture.
  public struct Settings: Sendable, Hashable, Codable {
    /// The channels of the images.
    public var channels: Int
    /// The channels F of the first block.
    public var features: Int
    /// The number of classes.
    public var classes: Int
    /// The rows and columns of the images, multiples of 8 and at least 16.
    public var size: [Int]
    /// The gate after encoder 3; nil for none.
    public var fineGate: Gate.Settings?
    /// The gate after encoder 4; nil for none.
    public var coarseGate: Gate.Settings?
    /// The number of gates in series at each place.
    public var gatesInSeries: Int
    /// Whether the network carries a learned witness λ (`marginals.lamb`); needs both gates.
    public var hasMarginals: Bool

    /// Settings with the paper's gates at both places.
    ///
    /// - Parameters:
    ///   - channels: The channels of the images.
    ///   - features: The channels F of the first block.
    ///   - classes: The number of classes.
    ///   - size: The rows and columns of the images.
    ///   - gain: Whether gated features keep their size; see ``Gate/Settings/gain``.
    public init(
      channels: Int = 4, features: Int = 32, classes: Int = 2, size: [Int], gain: Bool = false
    ) {
      self.channels = channels
      self.features = features
      self.classes = classes
      self.size = size
      fineGate = Gate.Settings(embed: 16 * features, gain: gain)
      coarseGate = Gate.Settings(embed: 16 * features, gain: gain)
      gatesInSeries = 1
      hasMarginals = true
    }

    /// The rows and columns of the fine map.
    public var fineGrid: [Int] { size.map { $0 / 4 } }
    /// The rows and columns of the coarse map.
    public var coarseGrid: [Int] { size.map { $0 / 8 } }
  }

  /// The blocks before the bottleneck.
  public let encoder1, encoder2, encoder3, encoder4: UNetBlock
  /// The last block.
  public let bottleneck: UNetBlock
  /// The scores of the classes.
  public let fc: Linear
  /// The gate after encoder 3.
  public let tauK: AttentionUnit?
  /// The gate after encoder 4.
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
    precondition(
      settings.size.count == 2 && settings.size.allSatisfy { $0 >= 16 && $0 % 8 == 0 },
      "UNetEncoder: images of \(settings.size); rows and columns must be multiples of 8, at least 16"
    )
    precondition(
      !settings.hasMarginals || (settings.fineGate != nil && settings.coarseGate != nil),
      "UNetEncoder: a witness needs both gates")
    let f = settings.features
    self.settings = settings
    encoder1 = UNetBlock(name: "enc1", inputs: settings.channels, outputs: f, using: &generator)
    encoder2 = UNetBlock(name: "enc2", inputs: f, outputs: 2 * f, using: &generator)
    encoder3 = UNetBlock(name: "enc3", inputs: 2 * f, outputs: 4 * f, using: &generator)
    encoder4 = UNetBlock(name: "enc4", inputs: 4 * f, outputs: 8 * f, using: &generator)
    bottleneck = UNetBlock(name: "bottleneck", inputs: 8 * f, outputs: 16 * f, using: &generator)
    fc = Linear(inputs: 16 * f, outputs: settings.classes, using: &generator)
    tauK = settings.fineGate.map {
      AttentionUnit(
        channels: 4 * f, cells: settings.fineGrid, count: settings.gatesInSeries, settings: $0,
        using: &generator)
    }
    tauL = settings.coarseGate.map {
      AttentionUnit(
        channels: 8 * f, cells: settings.coarseGrid, count: settings.gatesInSeries, settings: $0,
        using: &generator)
    }
    marginals = settings.hasMarginals ? Marginals(grid: settings.coarseGrid) : nil
  }

  /// Logits, features and maps of a batch of images, `[N, channels, H, W]`.
  public func callAsFunction(_ images: Tensor) -> GatedOutput {
    self(images, keepingStages: false)
  }

  /// Logits, features and maps, and what each block computed.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, H, W]`
  ///   - keepingStages: Whether the result has the outputs of the blocks (`encoder1` …,
  ///     `bottleneck`), before gates and pools.
  /// - Returns: The scores, the maps and what was asked for.
  public func callAsFunction(_ images: Tensor, keepingStages: Bool) -> GatedOutput {
    precondition(
      images.shape.dropFirst() == [settings.channels] + settings.size,
      "UNetEncoder: images of shape \(images.shape), not [N] + [\(settings.channels)] + \(settings.size)"
    )
    var stages: [String: Tensor] = [:]
    func run(_ block: UNetBlock, _ name: String, _ x: Tensor) -> Tensor {
      let y = block(x)
      if keepingStages { stages[name] = y }
      return y
    }
    let v1 = run(encoder1, "encoder1", images).maxPool2D(Self.pool)
    let v2 = run(encoder2, "encoder2", v1).maxPool2D(Self.pool)
    let (fine, v3) = gated(tauK, run(encoder3, "encoder3", v2))
    let (coarse, v4) = gated(tauL, run(encoder4, "encoder4", v3.maxPool2D(Self.pool)))
    let last = run(bottleneck, "bottleneck", v4.maxPool2D(Self.pool))
    let features = last.mean(axes: [2, 3])
    return GatedOutput(
      logits: fc(features), features: features, fine: fine, coarse: coarse, stages: stages)
  }

  /// Every pool takes the largest of 2×2 cells.
  private static let pool = Pooling(kernel: [2, 2])
}

extension UNetEncoder {
  /// Freezes the encoders and the bottleneck: only gates, witness and `fc` are trained.
  ///
  /// - Parameter movingStatistics: Whether batch norms are left in training; see
  ///   ``Module/freeze(movingStatistics:)``.
  public func freezeBackbone(movingStatistics: Bool = false) {
    for block in [encoder1, encoder2, encoder3, encoder4, bottleneck] {
      block.freeze(movingStatistics: movingStatistics)
    }
  }
}
