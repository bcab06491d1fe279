import Foundation

/// The attention maps of one gate, one for each image.
public struct MapStack: Sendable, Equatable {
  /// Potentials φ of the maps τ = softmax φ, `[count, cells]`.
  public let potentials: [Float]
  /// Rows and columns of the gate's grid.
  public let grid: [Int]

  /// The given maps.
  ///
  /// - Parameters:
  ///   - potentials: Potentials of all maps, one map after the other.
  ///   - grid: Rows and columns.
  public init(potentials: [Float], grid: [Int]) {
    let cells = grid.reduce(1, *)
    precondition(
      grid.count == 2 && cells > 0 && potentials.count.isMultiple(of: cells),
      "MapStack: \(potentials.count) potentials are no maps of grid \(grid)")
    (self.potentials, self.grid) = (potentials, grid)
  }

  /// The number of cells of a map.
  public var cells: Int { grid[0] * grid[1] }

  /// The number of maps.
  public var count: Int { potentials.count / cells }

  /// The potentials of one map, `[cells]`.
  public func potentials(at index: Int) -> [Float] {
    precondition((0..<count).contains(index), "MapStack: there is no map \(index)")
    return Array(potentials[index * cells..<(index + 1) * cells])
  }

  /// One map as probabilities, exp φ_i / Σ exp φ_k, `[cells]`.
  public func probabilities(at index: Int) -> [Float] {
    let φ = potentials(at: index)
    let largest = φ.max() ?? 0
    let weights = φ.map { exp($0 - largest) }
    let sum = weights.reduce(0, +)
    return weights.map { $0 / sum }
  }

  /// How strongly the maps prefer their favorite cells: the largest probability over that of a flat
  /// map, the mean over the images. 1 is a map that attends to nothing in particular, and flat maps
  /// agree whatever they mean.
  public var meanPeak: Double {
    let peaks = (0..<count).map { Double(probabilities(at: $0).max() ?? 0) * Double(cells) }
    return peaks.reduce(0, +) / Double(max(1, count))
  }

  /// The potentials of the first `count` maps.
  func prefix(_ count: Int) -> [Float] {
    Array(potentials.prefix(count * cells))
  }
}
