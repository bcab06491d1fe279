import ConvexKit

// A residual network with attention gates after any of its stages, by default the third and the
// fourth. With a stem of w channels (64) and images of H×W:
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
// Each stage's cells are halved by the first block of the next one, rounded up, so that 2×2 cells
// lie in each cell of the next map where extents are even.

/// The gated residual network: ResNet-50 with gates, and smaller ones of the same build.
///
/// Names are torchvision's, so that published ImageNet weights fit the backbone.
///
/// - Shapes: images `[N, channels, H, W]` → logits `[N, classes]`, features `[N, 32w]`, a map for
///   each gate, by default `[N, H/16, W/16]` and `[N, H/32, W/32]`.
/// - Source: He et al., CVPR 2016 (the network); Ron et al., ICML 2022 (the gates).
public struct ResNet: Module, CustomReflectable {
  /// The stem's convolution.
  public let conv1: Conv2D
  /// The batch norm behind it.
  public let bn1: BatchNorm2D
  /// The four stages.
  public let layer1, layer2, layer3, layer4: [Bottleneck]
  /// The scores of the classes.
  public let fc: Linear
  /// The gates, in the order of the settings.
  public let gates: [AttentionUnit]
  /// The learned witnesses.
  public let marginals: MarginalsChain?
  /// The architecture.
  public let settings: Settings

  /// A network with random weights.
  ///
  /// - Parameters:
  ///   - settings: The architecture.
  ///   - generator: Where the weights come from.
  public init(_ settings: Settings, using generator: inout SeededGenerator) {
    settings.check()
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
    var gates: [AttentionUnit] = []
    for place in settings.gates {
      gates.append(
        AttentionUnit(
          channels: w << (place.stage + 1), cells: settings.grid(afterStage: place.stage),
          count: settings.gatesInSeries, settings: place.gate, using: &generator))
    }
    self.gates = gates
    marginals = settings.hasMarginals ? MarginalsChain(grids: settings.grids) : nil
  }

  /// The gate of the fine map, `tau_k`.
  public var tauK: AttentionUnit? { gate("tau_k") }
  /// The gate of the coarse map, `tau_l`.
  public var tauL: AttentionUnit? { gate("tau_l") }

  private func gate(_ name: String) -> AttentionUnit? {
    settings.gates.firstIndex { $0.name == name }.map { gates[$0] }
  }

  /// Logits, features and maps of a batch of images, `[N, channels, H, W]`.
  public func callAsFunction(_ images: Tensor) -> GatedOutput {
    self(images, keepingStages: false)
  }

  /// Logits, features and maps, and what each stage computed.
  ///
  /// - Parameters:
  ///   - images: `[N, channels, H, W]`
  ///   - keepingStages: Whether the result has the outputs of the stages (`layer1` …), before
  ///     their gates.
  /// - Returns: The scores, the maps and what was asked for.
  public func callAsFunction(_ images: Tensor, keepingStages: Bool) -> GatedOutput {
    precondition(
      images.rank == 4 && images.shape[1] == settings.channels,
      "ResNet: images of shape \(images.shape), not [N, \(settings.channels), H, W]")
    var x = bn1.relu(conv1(images)).maxPool2D(Self.pool)
    var (stages, maps): ([String: Tensor], [String: AttentionMap]) = ([:], [:])
    for (index, blocks) in [layer1, layer2, layer3, layer4].enumerated() {
      x = blocks.reduce(x) { $1($0) }
      if keepingStages { stages["layer\(index + 1)"] = x }
      for (place, gate) in zip(settings.gates, gates) where place.stage == index + 1 {
        let gated = gate(x)
        x = gated.features
        maps[place.name] = gated.attention
      }
    }
    let features = x.mean(axes: [2, 3])
    return GatedOutput(
      logits: fc(features), features: features, fine: maps["tau_k"], coarse: maps["tau_l"],
      maps: settings.gates.compactMap { maps[$0.name] }, stages: stages)
  }

  private static let pool = Pooling(kernel: [3, 3], stride: [2, 2], padding: [1, 1])

  /// The layers as the paths of their parameters name them.
  public var customMirror: Mirror {
    var children: [(label: String?, value: Any)] = [
      ("conv1", conv1), ("bn1", bn1), ("layer1", layer1), ("layer2", layer2), ("layer3", layer3),
      ("layer4", layer4), ("fc", fc),
    ]
    for (place, gate) in zip(settings.gates, gates) { children.append((place.name, gate)) }
    if let marginals { children.append(("marginals", marginals)) }
    return Mirror(self, children: children, displayStyle: .struct)
  }
}

extension ResNet: GatedClassifier {
  /// The number of classes.
  public var classes: Int { settings.classes }

  /// λ of Eq. 6 between the two maps, `[1, 1, rows, columns]` of the coarse grid; nil where there
  /// are more than two, whose witnesses are ``marginals``'.
  public var witness: Parameter? {
    guard let pairs = marginals?.pairs, pairs.count == 1 else { return nil }
    return pairs[0].lamb
  }

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
