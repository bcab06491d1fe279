import Foundation

// Tissue fractions from one T1-weighted scan. Three class means μ_CSF < μ_GM < μ_WM are found by
// k-means on the histogram of the brain's intensities. A voxel between two means is a mixture of
// the two tissues (partial volume), the fraction linear in its intensity:
//
//   f_GM = (v − μ_CSF) / (μ_GM − μ_CSF),  f_CSF = 1 − f_GM      for μ_CSF ≤ v ≤ μ_GM          (1)
//
// and so on above; below μ_CSF all is fluid, above μ_WM all is white matter.

/// How much of a voxel is fluid, gray and white matter; the three sum to 1.
struct TissueFractions: Sendable, Equatable {
  var fluid: Float
  var gray: Float
  var white: Float
}

/// A real skull-stripped T1-weighted brain, to be deformed.
struct Template: Sendable {
  /// The scan, 0 outside the brain, turned to ``Orientation/ras``.
  let volume: Volume
  /// The intensities of fluid, gray and white matter.
  let means: SIMD3<Float>
  /// The middle of the brain's bounding box in mm, with x = 0: the template's own midline.
  let center: SIMD3<Double>
  private let toIndex: Affine

  init(contentsOf url: URL) throws(ImageError) {
    try self.init(try NIfTI.read(url))
  }

  init(_ scan: Volume) throws(ImageError) {
    guard scan.isOriented else { throw .unknownOrientation(path: scan.name) }
    volume = scan.reoriented(to: .ras)
    toIndex = volume.affine.inverse
    means = try Self.classMeans(of: volume)
    center = Self.middle(of: volume)
  }

  /// k-means with three means on a histogram, started at the quantiles 5, 35 and 80 %.
  private static func classMeans(of volume: Volume) throws(ImageError) -> SIMD3<Float> {
    let top = volume.voxels.max() ?? 0
    guard top > 0 else { throw .noContrast(path: volume.name) }
    let bins = 512
    var histogram = [Double](repeating: 0, count: bins + 1)
    volume.voxels.withUnsafeBufferPointer { voxels in
      for value in voxels where value > 0 {
        histogram[Int(value / top * Float(bins))] += 1
      }
    }
    let total = histogram.reduce(0, +)
    var means = [0.05, 0.35, 0.8].map { share -> Double in
      var below = 0.0
      for (bin, count) in histogram.enumerated() {
        below += count
        if below >= share * total { return Double(bin) + 0.5 }
      }
      return Double(bins)
    }
    for _ in 0..<100 {
      var (sums, counts) = ([0.0, 0, 0], [0.0, 0, 0])
      for (bin, count) in histogram.enumerated() {
        let value = Double(bin) + 0.5
        let nearest =
          value < (means[0] + means[1]) / 2 ? 0 : value < (means[1] + means[2]) / 2 ? 1 : 2
        sums[nearest] += count * value
        counts[nearest] += count
      }
      guard counts.allSatisfy({ $0 > 0 }) else { throw .noContrast(path: volume.name) }
      means = (0..<3).map { sums[$0] / counts[$0] }
    }
    let scale = top / Float(bins)
    return SIMD3(Float(means[0]), Float(means[1]), Float(means[2])) * scale
  }

  private static func middle(of volume: Volume) -> SIMD3<Double> {
    var low = SIMD3(repeating: Double.infinity)
    var high = -low
    let (nx, ny) = (volume.shape[0], volume.shape[1])
    volume.voxels.withUnsafeBufferPointer { voxels in
      for row in 0..<voxels.count / nx {
        let cells = voxels[row * nx..<(row + 1) * nx]
        guard let first = cells.firstIndex(where: { $0 > 0 }),
          let last = cells.lastIndex(where: { $0 > 0 })
        else { continue }
        let (j, k) = (Double(row % ny), Double(row / ny))
        for i in [first, last] {
          let place = volume.affine(SIMD3(Double(i - row * nx), j, k))
          low = pointwiseMin(low, place)
          high = pointwiseMax(high, place)
        }
      }
    }
    let middle = (low + high) / 2
    return SIMD3(0, middle.y, middle.z)
  }

  /// The intensity at a place in mm, nil outside the brain. Trilinear over the corners that are
  /// brain, so that the brain's rim does not fade; outside where less than half the weight is.
  func intensity(at place: SIMD3<Double>) -> Float? {
    let index = toIndex(place)
    let shape = volume.shape
    let lower = index.rounded(.down)
    let (i, j, k) = (Int(lower.x), Int(lower.y), Int(lower.z))
    guard i >= 0, j >= 0, k >= 0, i + 1 < shape[0], j + 1 < shape[1], k + 1 < shape[2] else {
      return nil
    }
    let t = SIMD3<Float>(index - lower)
    let (row, slice) = (shape[0], shape[0] * shape[1])
    let start = i + row * j + slice * k
    return volume.voxels.withUnsafeBufferPointer { voxels in
      var (sum, weight): (Float, Float) = (0, 0)
      for corner in 0..<8 {
        let (a, b, c) = (corner & 1, corner >> 1 & 1, corner >> 2)
        let value = voxels[start + a + row * b + slice * c]
        guard value > 0 else { continue }
        let w = (a == 1 ? t.x : 1 - t.x) * (b == 1 ? t.y : 1 - t.y) * (c == 1 ? t.z : 1 - t.z)
        sum += w * value
        weight += w
      }
      return weight >= 0.5 ? sum / weight : nil
    }
  }

  /// The mixture (1) that an intensity stands for.
  func fractions(of intensity: Float) -> TissueFractions {
    if intensity <= means.y {
      let gray = min(max((intensity - means.x) / (means.y - means.x), 0), 1)
      return TissueFractions(fluid: 1 - gray, gray: gray, white: 0)
    }
    let white = min((intensity - means.y) / (means.z - means.y), 1)
    return TissueFractions(fluid: 0, gray: 1 - white, white: white)
  }
}
