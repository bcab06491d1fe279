import ArrayFiles
import Foundation

/// The attention maps of a network on a set of images, with its multiplier: an instance of Eq. 4
/// per image.
///
/// As a file these are the arrays `phi_f` `[B, m]`, `phi_c` `[B, n]`, `labels` `[m]` (the coarse
/// cell of each fine one), `weights` `[2]`, `lambda_in` `[n]`, `fine_shape` and `coarse_shape`:
/// `convex solve` and `convex benchmark` read it.
public struct HeldOutMaps: Sendable {
  /// Potentials φ of the fine maps τ = softmax φ, `[count, m]`.
  public let fine: [Float]
  /// Potentials ψ of the coarse maps ρ = softmax ψ, `[count, n]`.
  public let coarse: [Float]
  /// Rows and columns of the fine grid.
  public let fineShape: [Int]
  /// Rows and columns of the coarse grid.
  public let coarseShape: [Int]
  /// The multiplier λ, `[n]`; zeros for a network that has none.
  public let witness: [Float]

  /// The number of images.
  public var count: Int { coarse.count / (coarseShape[0] * coarseShape[1]) }

  /// The coarse cell of each fine one, `[m]`.
  public var labels: [Int] {
    let factors = zip(fineShape, coarseShape).map { $0 / $1 }
    return (0..<fineShape[0] * fineShape[1]).map { cell in
      let (row, column) = cell.quotientAndRemainder(dividingBy: fineShape[1])
      return row / factors[0] * coarseShape[1] + column / factors[1]
    }
  }

  /// The attention maps of one image as probabilities.
  ///
  /// - Parameter index: Which image.
  /// - Returns: τ = softmax φ, `[m]`, and ρ = softmax ψ, `[n]`.
  public func probabilities(at index: Int) -> (fine: [Float], coarse: [Float]) {
    precondition((0..<count).contains(index), "HeldOutMaps: there is no image \(index)")
    let (m, n) = (fine.count / count, coarse.count / count)
    return (
      softmax(fine[index * m..<(index + 1) * m]), softmax(coarse[index * n..<(index + 1) * n])
    )
  }

  /// How strongly the maps prefer their favorite cells: the largest probability over that of a flat
  /// map, the mean over the images. 1 is a map that attends to nothing in particular, and flat maps
  /// agree whatever they mean.
  public var meanPeaks: (fine: Double, coarse: Double) {
    func peak(_ map: [Float]) -> Double { Double(map.max() ?? 0) * Double(map.count) }
    let peaks = (0..<count).map { index in
      let maps = probabilities(at: index)
      return (fine: peak(maps.fine), coarse: peak(maps.coarse))
    }
    let images = Double(max(1, count))
    return (
      peaks.reduce(0) { $0 + $1.fine } / images, peaks.reduce(0) { $0 + $1.coarse } / images
    )
  }

  /// The maps of the first `count` images.
  func prefix(_ count: Int) -> (fine: [Float], coarse: [Float]) {
    let count = min(count, self.count)
    return (
      Array(fine.prefix(count * fineShape.reduce(1, *))),
      Array(coarse.prefix(count * coarseShape.reduce(1, *)))
    )
  }

  /// Writes the maps as safetensors.
  ///
  /// - Parameter url: The file, replaced whole.
  /// - Throws: What writing a file can throw.
  public func write(to url: URL) throws(ArrayFileError) {
    func shape(_ extents: [Int]) -> StoredArray {
      StoredArray(extents.map(Int64.init), shape: [extents.count])
    }
    try Safetensors(
      arrays: [
        "phi_f": StoredArray(fine, shape: [count, fine.count / count]),
        "phi_c": StoredArray(coarse, shape: [count, coarse.count / count]),
        "labels": StoredArray(labels.map(Int64.init), shape: [labels.count]),
        "weights": StoredArray([1, 1] as [Double], shape: [2]),
        "lambda_in": StoredArray(witness, shape: [witness.count]),
        "fine_shape": shape(fineShape), "coarse_shape": shape(coarseShape),
      ], metadata: ["format": "convex-attention maps"]
    ).write(to: url)
  }
}

/// exp x_i / Σ exp x_k.
private func softmax(_ potentials: ArraySlice<Float>) -> [Float] {
  let largest = potentials.max() ?? 0
  let weights = potentials.map { exp($0 - largest) }
  let sum = weights.reduce(0, +)
  return weights.map { $0 / sum }
}
