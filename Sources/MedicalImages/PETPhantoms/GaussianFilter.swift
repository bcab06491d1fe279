import Foundation

/// Smoothing by a Gaussian, one axis after the other; beyond the grid there is 0.
///
/// ```
/// w_n ∝ exp(−(n h)² / 2σ²),  |n h| ≤ 3.5 σ,  Σ w = 1,     σ = FWHM / √(8 log 2)
/// ```
struct GaussianFilter: Sendable {
  /// w₀, w₁, …; w₋ₙ = wₙ.
  let weights: [Float]

  /// - Parameters:
  ///   - width: The full width at half maximum in mm.
  ///   - spacing: The size of a voxel in mm.
  init(width: Double, spacing: Double) {
    let σ = width / (8 * log(2)).squareRoot() / spacing
    let reach = Int((3.5 * σ).rounded(.up))
    let raw = (0...reach).map { σ > 0 ? exp(-Double($0 * $0) / (2 * σ * σ)) : 1 }
    let sum = 2 * raw.reduce(0, +) - raw[0]
    weights = raw.map { Float($0 / sum) }
  }

  /// The factor by which filtering white noise in three dimensions divides its standard deviation.
  var noiseGain: Double {
    let squares = weights.map { Double($0) * Double($0) }
    return pow(2 * squares.reduce(0, +) - squares[0], 1.5)
  }

  /// Filters voxels, i fastest.
  func apply(_ voxels: inout [Float], shape: [Int]) {
    let strides = [1, shape[0], shape[0] * shape[1]]
    for axis in 0..<3 {
      // Lines along i lie apart; along j and k whole runs of neighbors move together.
      let (count, stride) = (shape[axis], strides[axis])
      let blocks = voxels.count / (count * stride)
      var line = [Float](repeating: 0, count: count * stride)
      for block in 0..<blocks {
        let start = block * count * stride
        filter(&voxels, start, count, stride, &line)
      }
    }
  }

  private func filter(
    _ voxels: inout [Float], _ start: Int, _ count: Int, _ stride: Int, _ scratch: inout [Float]
  ) {
    voxels.withUnsafeMutableBufferPointer { voxels in
      scratch.withUnsafeMutableBufferPointer { scratch in
        for n in 0..<count * stride {
          scratch[n] = voxels[start + n]
          voxels[start + n] *= weights[0]
        }
        for step in 1..<max(1, weights.count) where step < count {
          let weight = weights[step]
          let shift = step * stride
          for n in 0..<(count - step) * stride {
            voxels[start + n] += weight * scratch[n + shift]
            voxels[start + n + shift] += weight * scratch[n]
          }
        }
      }
    }
  }
}
