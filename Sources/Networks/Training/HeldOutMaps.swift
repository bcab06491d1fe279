import ArrayFiles
import Foundation
import KLProjection

/// The attention maps of a network on a set of images, with its multiplier: with two gates an
/// instance of Eq. 4 per image.
///
/// As a file these are the arrays `phi_f` `[B, m]`, `phi_c` `[B, n]`, `labels` `[m]` (the coarse
/// cell of each fine one), `weights` `[2]`, `lambda_in` `[n]`, `fine_shape` and `coarse_shape`:
/// `convex solve` and `convex benchmark` read it. The file of a network with one gate has the
/// potentials and the shape of that one.
public struct HeldOutMaps: Sendable {
  /// The maps of the early gate; nil without that gate.
  public let fine: MapStack?
  /// The maps of the late gate; nil without that gate.
  public let coarse: MapStack?
  /// The multiplier λ, `[n]`; zeros for a network that has none.
  public let witness: [Float]

  /// The given maps.
  ///
  /// - Parameters:
  ///   - fine: The maps of the early gate.
  ///   - coarse: The maps of the late gate.
  ///   - witness: The multiplier λ; nil means zeros.
  public init(fine: MapStack?, coarse: MapStack?, witness: [Float]? = nil) {
    precondition(
      fine == nil || coarse == nil || fine?.count == coarse?.count,
      "HeldOutMaps: \(fine?.count ?? 0) fine and \(coarse?.count ?? 0) coarse maps")
    (self.fine, self.coarse) = (fine, coarse)
    self.witness = witness ?? [Float](repeating: 0, count: coarse?.cells ?? 0)
  }

  /// Both gates' maps, of a network that has two.
  public var pair: (fine: MapStack, coarse: MapStack)? {
    guard let fine, let coarse else { return nil }
    return (fine, coarse)
  }

  /// The paper's CVX: each image's maps replaced by the solution of Eq. 4, the nearest ones that
  /// agree. Their potentials are logarithms.
  ///
  /// - Throws: ``TrainingError/unfit(reason:)`` unless there are two maps whose grids nest.
  public func projected() throws(TrainingError) -> HeldOutMaps {
    guard let (fine, coarse) = pair else {
      throw .unfit(reason: "the network has not two attention gates")
    }
    do {
      let projection = try MarginalProjection(fine: fine.grid, coarse: coarse.grid)
      let solved = try projection.project(
        fine: fine.potentials, coarse: coarse.potentials, as: .potentials)
      return HeldOutMaps(
        fine: MapStack(potentials: solved.flatMap { $0.fine.map { log($0) } }, grid: fine.grid),
        coarse: MapStack(
          potentials: solved.flatMap { $0.coarse.map { log($0) } }, grid: coarse.grid),
        witness: witness)
    } catch {
      throw .unfit(reason: "the attention maps are no instance of Eq. 4: \(error)")
    }
  }

  /// Writes the maps as safetensors; nothing for a network without gates.
  ///
  /// - Parameter url: The file, replaced whole.
  /// - Throws: What writing a file can throw.
  public func write(to url: URL) throws(ArrayFileError) {
    guard fine != nil || coarse != nil else { return }
    var file = Safetensors(metadata: ["format": "convex-attention maps"])
    for (maps, potentials, shape) in [
      (fine, "phi_f", "fine_shape"), (coarse, "phi_c", "coarse_shape"),
    ] {
      guard let maps else { continue }
      file.arrays[potentials] = StoredArray(maps.potentials, shape: [maps.count, maps.cells])
      file.arrays[shape] = StoredArray(maps.grid.map(Int64.init), shape: [2])
    }
    if let labels {
      file.arrays["labels"] = StoredArray(labels, shape: [labels.count])
      file.arrays["weights"] = StoredArray([1, 1] as [Double], shape: [2])
      file.arrays["lambda_in"] = StoredArray(witness, shape: [witness.count])
    }
    try file.write(to: url)
  }

  /// The coarse cell of each fine one, `[m]`.
  private var labels: [Int64]? {
    guard let (fine, coarse) = pair else { return nil }
    let factors = zip(fine.grid, coarse.grid).map { $0 / $1 }
    return (0..<fine.cells).map { cell in
      let (row, column) = cell.quotientAndRemainder(dividingBy: fine.grid[1])
      return Int64(row / factors[0] * coarse.grid[1] + column / factors[1])
    }
  }
}
