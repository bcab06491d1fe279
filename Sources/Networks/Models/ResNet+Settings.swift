extension ResNet {
  /// A gate and where it stands.
  public struct PlacedGate: Sendable, Hashable, Codable {
    /// The path of its parameters.
    public var name: String
    /// The stage that it stands after, 1 to 4.
    public var stage: Int
    /// Its architecture.
    public var gate: Gate.Settings

    /// The given gate.
    ///
    /// - Parameters:
    ///   - name: The path of its parameters.
    ///   - stage: The stage that it stands after, 1 to 4.
    ///   - gate: Its architecture.
    public init(name: String, stage: Int, gate: Gate.Settings) {
      (self.name, self.stage, self.gate) = (name, stage, gate)
    }
  }

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
    /// The rows and columns of the images.
    public var size: [Int]
    /// The gates, the earliest first, at most one after each stage.
    public var gates: [PlacedGate]
    /// The number of gates in series at each place.
    public var gatesInSeries: Int
    /// Whether the network carries a learned witness λ for each pair of neighbouring gates
    /// (`marginals.lamb`; numbered where there are several). Each grid must divide the one before.
    public var hasMarginals: Bool

    /// Settings with gates after the given stages, embeddings as wide as the features there.
    ///
    /// The earliest gate is `tau_k`, the last `tau_l`, one between them after stage s `tau_s`. A gate
    /// that is alone is `tau_l` after the last stage and `tau_k` elsewhere.
    ///
    /// - Parameters:
    ///   - channels: The channels of the images.
    ///   - blocks: The blocks of each of the four stages; ResNet-50's unless given.
    ///   - width: The channels of the stem.
    ///   - classes: The number of classes.
    ///   - size: The rows and columns of the images.
    ///   - stages: The stages that gates stand after; the last two unless given, as in the paper.
    ///   - gatesInSeries: The number of gates in series at each place.
    ///   - gain: Whether gated features keep their size; see ``Gate/Settings/gain``.
    public init(
      channels: Int = 3, blocks: [Int] = [3, 4, 6, 3], width: Int = 64, classes: Int,
      size: [Int], stages: [Int] = [3, 4], gatesInSeries: Int = 1, gain: Bool = false
    ) {
      (self.channels, self.blocks, self.width) = (channels, blocks, width)
      (self.classes, self.size) = (classes, size)
      let stages = stages.sorted()
      gates = stages.enumerated().map { index, stage in
        let isLast = index == stages.count - 1 && (stages.count > 1 || stage == 4)
        let name = isLast ? "tau_l" : index == 0 ? "tau_k" : "tau_\(stage)"
        let embed = width << (stage + 1)
        return PlacedGate(name: name, stage: stage, gate: Gate.Settings(embed: embed, gain: gain))
      }
      self.gatesInSeries = gatesInSeries
      hasMarginals = stages.count > 1
    }

    /// The gate of the fine map, `tau_k`; nil for none.
    public var fineGate: Gate.Settings? {
      get { self["tau_k"] }
      set { self["tau_k"] = newValue }
    }

    /// The gate of the coarse map, `tau_l`; nil for none.
    public var coarseGate: Gate.Settings? {
      get { self["tau_l"] }
      set { self["tau_l"] = newValue }
    }

    /// The gate of a name. Setting nil takes it away; one that is not there cannot be set.
    private subscript(name: String) -> Gate.Settings? {
      get { gates.first { $0.name == name }?.gate }
      set {
        guard let place = gates.firstIndex(where: { $0.name == name }) else {
          precondition(newValue == nil, "ResNet: there is no gate \(name); give its stage")
          return
        }
        if let newValue { gates[place].gate = newValue } else { gates.remove(at: place) }
      }
    }

    /// These settings without gates and witness: the plain network.
    public var ungated: Settings {
      var settings = self
      settings.gates = []
      settings.hasMarginals = false
      return settings
    }

    /// The rows and columns behind a stage, 1 to 4: the images' divided by 2^(stage + 1), rounded
    /// up at every halving.
    ///
    /// - Parameter stage: 1 to 4.
    /// - Returns: `[rows, columns]`
    public func grid(afterStage stage: Int) -> [Int] {
      size.map { extent in (0...stage).reduce(extent) { halved, _ in (halved + 1) / 2 } }
    }

    /// The grids of the gates' maps, in their order.
    public var grids: [[Int]] { gates.map { grid(afterStage: $0.stage) } }
  }
}

extension ResNet.Settings {
  /// Traps where there is no network with these settings.
  func check() {
    precondition(
      size.count == 2 && size.allSatisfy { $0 > 0 }, "ResNet: images of \(size) have no cells")
    precondition(
      blocks.count == 4 && blocks.allSatisfy { $0 >= 1 },
      "ResNet: \(blocks) are not the blocks of four stages")
    let stages = gates.map(\.stage)
    precondition(
      stages.allSatisfy((1...4).contains) && zip(stages, stages.dropFirst()).allSatisfy(<),
      "ResNet: gates after stages \(stages); stages are 1 to 4, each at most once, in order")
    precondition(
      Set(gates.map(\.name)).count == gates.count,
      "ResNet: two gates have one name: \(gates.map(\.name))")
    guard hasMarginals else { return }
    precondition(gates.count > 1, "ResNet: a witness needs two gates")
    for (fine, coarse) in zip(grids, grids.dropFirst()) {
      precondition(
        zip(fine, coarse).allSatisfy { $0 % $1 == 0 },
        "ResNet: for images of \(size) a map of \(coarse) does not divide one of \(fine), and there "
          + "is no witness; multiples of 32 always do")
    }
  }
}
