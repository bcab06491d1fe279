import ConvexKit

/// Gates in series, each working on the features that the one before lets through.
///
/// A single gate has the unit's own path (`tau_k.w1.weight`); several are numbered
/// (`tau_k.0.w1.weight`, `tau_k.1.w1.weight`). The unit's map is the last gate's.
///
/// - Source: Ron et al., ICML 2022: single gates in the second experiment, two in series in the
///   first.
public struct AttentionUnit: Module, CustomReflectable {
  /// The gates, first to last.
  public let gates: [Gate]

  /// The given gates, at least one.
  public init(_ gates: [Gate]) {
    precondition(!gates.isEmpty, "AttentionUnit: no gates")
    self.gates = gates
  }

  /// Gates with random weights.
  ///
  /// - Parameters:
  ///   - channels: The channels of the features.
  ///   - cells: The rows and columns of the features.
  ///   - count: The number of gates.
  ///   - settings: The architecture of each.
  ///   - generator: Where the weights come from.
  public init(
    channels: Int, cells: [Int], count: Int = 1, settings: Gate.Settings,
    using generator: inout SeededGenerator
  ) {
    precondition(count >= 1, "AttentionUnit: no gates")
    var gates: [Gate] = []
    for _ in 0..<count {
      gates.append(
        Gate(channels: channels, cells: cells, settings: settings, using: &generator))
    }
    self.gates = gates
  }

  /// The features behind the last gate and where it looks; `[N, C, H, W]`.
  public func callAsFunction(_ features: Tensor) -> Gated {
    var gated = gates[0](features)
    for gate in gates.dropFirst() { gated = gate(gated.features) }
    return gated
  }

  /// The gates as the paths of their parameters name them.
  public var customMirror: Mirror {
    gates.count == 1
      ? Mirror(reflecting: gates[0])
      : Mirror(self, unlabeledChildren: gates, displayStyle: .collection)
  }
}

/// Features behind a unit and its map, or the features as they are where there is no unit.
func gated(_ unit: AttentionUnit?, _ features: Tensor) -> (AttentionMap?, Tensor) {
  guard let gated = unit?(features) else { return (nil, features) }
  return (gated.attention, gated.features)
}
