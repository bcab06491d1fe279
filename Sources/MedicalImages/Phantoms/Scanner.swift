import ConvexKit
import Foundation

// A simulated scan of a brain whose voxels are mixtures of tissues:
//
//   I = g √((b S + σ n₁)² + (σ n₂)²),   S = Σ_tissues fraction · signal                       (1)
//
// with the gain g, the bias field b = exp(smooth field), and standard normal n₁, n₂: the noise of
// a magnitude image is Rician. Outside the brain the image is 0, as in BraTS. Intensities are
// integers and at least 1 inside, so that the brain can be told from the background.
//
// Source: Gudbjartsson & Patz, The Rician distribution of noisy MRI data, Magn. Reson. Med. 34
// (1995), 910-914.

/// Makes the images of one patient.
struct Scanner {
  let model: SignalModel
  let settings: PhantomSettings

  /// - Parameters:
  ///   - brain: What is scanned.
  ///   - modality: Which image.
  ///   - generator: Where bias, noise and gain come from.
  /// - Returns: The voxels of the whole grid.
  func scan(
    _ brain: BrainVoxels, _ modality: Modality, _ generator: inout SeededGenerator
  ) -> [Float] {
    var signals = SIMD8<Float>.zero
    for tissue in Tissue.allCases { signals[tissue.rawValue] = model[modality, tissue] }
    let uptake = modality == .t1ce ? model.uptake : nil
    let white = model[modality, .white]
    let bright = Tissue.allCases.map { model[modality, $0] }.max() ?? 1
    let gain = 1000 / bright * Float(0.85 + 0.3 * generator.uniform())
    let share =
      settings.noise.lowerBound
      + (settings.noise.upperBound - settings.noise.lowerBound) * generator.uniform()
    let σ = Float(share) * white
    let bias = SmoothField(
      spacing: 70, amplitude: 2 * settings.bias, over: brain.frame, &generator
    ).sampled(on: brain.frame)
    var image = [Float](repeating: 0, count: brain.frame.count)
    for (position, mixture) in zip(brain.positions, brain.mixtures) {
      var signal = (mixture * signals).sum()
      if let uptake {
        let enhanced = uptake.lowerBound + (uptake.upperBound - uptake.lowerBound) * mixture[6]
        signal +=
          mixture[Tissue.enhancing.rawValue]
          * (enhanced - signals[Tissue.enhancing.rawValue])
      }
      let noise = generator.normalPair()
      let real = signal * exp(bias[position]) + σ * noise.x
      let imaginary = σ * noise.y
      let magnitude = gain * (real * real + imaginary * imaginary).squareRoot()  // (1)
      image[position] = min(max(1, magnitude.rounded()), 32767)
    }
    return image
  }
}

extension SeededGenerator {
  /// Two independent standard normal numbers (Box & Muller, 1958).
  mutating func normalPair() -> SIMD2<Float> {
    let radius = (-2 * log(1 - uniform())).squareRoot()
    let angle = 2 * Double.pi * uniform()
    return SIMD2(Float(radius * cos(angle)), Float(radius * sin(angle)))
  }
}
