import ArrayFiles
import Foundation

extension VisionTransformer {
  /// The positions' vectors for another grid of patches.
  ///
  /// - Parameter grid: Rows and columns of patches.
  /// - Returns: `[1, 1 + rows · columns, D]`
  public func positions(for grid: [Int]) -> Tensor {
    Self.resized(posEmbed.value, from: settings.grid, to: grid)
  }

  /// Takes over weights whose positions were learned on another grid: they are resized, as timm
  /// does it.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - differences: What else the file may differ in; nothing unless given.
  ///   - grid: The rows and columns of patches that the file's positions are for.
  /// - Returns: The names of what was not in the file and keeps its value, sorted.
  /// - Throws: As `load(contentsOf:allowing:)`; positions that are not for the grid are misshapen.
  @discardableResult
  public func load(
    contentsOf url: URL, allowing differences: AllowedDifferences = .none, positionsOn grid: [Int]
  ) throws(CheckpointError) -> [String] {
    var arrays = try Safetensors.arrays(contentsOf: url)
    if let stored = arrays["pos_embed"] {
      let shape = [1, 1 + grid.reduce(1, *), settings.width]
      guard stored.shape == shape, grid.count == 2 else {
        let difference = StateMismatch.Shape(
          name: "pos_embed", expected: shape, actual: stored.shape)
        throw .mismatch(path: url.path, StateMismatch(misshapen: [difference]))
      }
      do {
        let positions = Self.resized(
          Tensor(try stored.floats(), shape: shape), from: grid, to: settings.grid)
        arrays["pos_embed"] = StoredArray(positions.elements, shape: positions.shape)
      } catch {
        throw .file(error)
      }
    }
    return try load(arrays, path: url.path, allowing: differences)
  }

  /// Positions `[1, 1 + cells, D]` on another grid: bicubic and smoothing, the class token's vector
  /// as it is.
  private static func resized(_ positions: Tensor, from source: [Int], to grid: [Int]) -> Tensor {
    if grid == source { return positions }
    let width = positions.shape[2]
    let cells = positions.sliced(axis: 1, 1..<positions.shape[1])
      .reshaped([1] + source + [width]).permuted([0, 3, 1, 2])
      .resized(to: grid, mode: .bicubic(isSmoothing: true))
      .permuted([0, 2, 3, 1]).reshaped([1, grid.reduce(1, *), width])
    return .concatenated([positions.sliced(axis: 1, 0..<1), cells], axis: 1)
  }
}
