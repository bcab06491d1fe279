import ConvexKit
import Foundation

// A simulated PET image of a body:
//
//   image = max(0, G₂ * ( G₁ * truth + σ √(G₁ * truth + b) n )),    n standard normal            (1)
//
// G₁: resolution of the detector, G₂: filter of the reconstruction; widths add in squares. Counts have
// a variance in proportion to the activity, b stands for random and scattered ones. With the filter's
// noise gain g the liver (uptake L) has the coefficient of variation c if
//
//   σ = c L / (g √(L + b))                                                                       (2)

/// Resolution and noise of a simulated scanner.
struct PETScanner: Sendable {
  /// Widths at half maximum of G₁ and G₂ in mm.
  let resolution: Double
  let filter: Double
  /// c of (2).
  let liverNoise: Double
  /// L of (2).
  let liver: Double
  /// b of (1), in SUV.
  static let background = 0.05

  /// The image of an uptake.
  ///
  /// - Parameters:
  ///   - truth: SUV of the voxels, i fastest.
  ///   - frame: Their grid.
  ///   - generator: Where the noise comes from.
  /// - Returns: SUV as measured.
  func scan(
    _ truth: [Float], on frame: GridFrame, _ generator: inout SeededGenerator
  ) -> [Float] {
    var image = truth
    GaussianFilter(width: resolution, spacing: frame.spacing).apply(&image, shape: frame.shape)
    let smoothing = GaussianFilter(width: filter, spacing: frame.spacing)
    let b = Float(Self.background)
    let σ = Float(
      liverNoise * liver / (smoothing.noiseGain * (liver + Self.background).squareRoot()))  // (2)
    for position in stride(from: 0, to: image.count, by: 2) {
      let noise = generator.normalPair()
      image[position] += σ * (image[position] + b).squareRoot() * noise.x
      if position + 1 < image.count {
        image[position + 1] += σ * (image[position + 1] + b).squareRoot() * noise.y
      }
    }
    smoothing.apply(&image, shape: frame.shape)
    for position in image.indices where image[position] < 0 { image[position] = 0 }
    return image  // (1)
  }
}
