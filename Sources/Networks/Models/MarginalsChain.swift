/// The learned witnesses of neighbouring maps, the finest pair first.
///
/// A single one has the chain's own path (`marginals.lamb`); several are numbered
/// (`marginals.0.lamb`, `marginals.1.lamb`).
public struct MarginalsChain: Module, CustomReflectable {
  /// The witness of each pair of neighbouring maps.
  public let pairs: [Marginals]

  /// Witnesses of zeros for the grids of the maps, the finest first, at least two.
  public init(grids: [[Int]]) {
    precondition(grids.count > 1, "MarginalsChain: \(grids.count) maps have no pair")
    pairs = grids.dropFirst().map { Marginals(grid: $0) }
  }

  /// The witnesses as the paths of their parameters name them.
  public var customMirror: Mirror {
    pairs.count == 1
      ? Mirror(reflecting: pairs[0])
      : Mirror(self, unlabeledChildren: pairs, displayStyle: .collection)
  }
}
