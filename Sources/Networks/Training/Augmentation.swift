import ConvexKit
import Foundation

// With pixel coordinates p = (x, y) about the center of the image, x to the right and y down,
//
//     p_out = M p_in + t,      M = R(θ) H Z F                                              (1)
//     R(θ) = [cos θ  −sin θ; sin θ  cos θ],   H = [1  tan s; 0  1],   Z = z,   F = diag(±1, ±1)
//
// flip, then scale, shear, rotate, translate.

/// Random flips and affine maps of training images.
///
/// The draws are a function of the seed, the epoch and the index of the image. An image and its mask
/// are moved alike.
public struct Augmentation: Sendable, Codable, Equatable {
  /// Whether every second image, on average, is mirrored left to right.
  public var flipsHorizontally: Bool
  /// Whether every second image, on average, is mirrored top to bottom.
  public var flipsVertically: Bool
  /// The largest rotation to either side, in degrees.
  public var rotation: Double
  /// The largest shift along each axis, as a fraction of the image's extent.
  public var translation: Double
  /// The range of the scale; 1 leaves the size alone.
  public var scale: ClosedRange<Double>
  /// The largest shear angle to either side, in degrees, below 90.
  public var shear: Double

  /// An augmentation; it does nothing unless told to.
  public init(
    flipsHorizontally: Bool = false, flipsVertically: Bool = false, rotation: Double = 0,
    translation: Double = 0, scale: ClosedRange<Double> = 1...1, shear: Double = 0
  ) {
    precondition(
      rotation >= 0 && translation >= 0 && scale.lowerBound > 0 && (0..<90).contains(shear),
      "Augmentation: rotation \(rotation), translation \(translation), scale \(scale), shear \(shear)"
    )
    (self.flipsHorizontally, self.flipsVertically) = (flipsHorizontally, flipsVertically)
    (self.rotation, self.translation) = (rotation, translation)
    (self.scale, self.shear) = (scale, shear)
  }

  /// What is done to one image in one epoch.
  ///
  /// - Parameters:
  ///   - index: Which image.
  ///   - epoch: The epoch, from 1.
  ///   - seed: The seed of the run.
  ///   - height: The image's rows.
  ///   - width: Its columns.
  /// - Returns: Equation (1).
  public func map(
    ofImage index: Int, epoch: Int, seed: UInt64, height: Int, width: Int
  ) -> PixelMap {
    var generator = SeededGenerator(seed: seed, name: "augmentation.\(epoch).\(index)")
    func within(_ bound: Double) -> Double { bound * (2 * generator.uniform() - 1) }
    // Always the same draws in the same order: one setting does not change what another one does.
    let mirrorsX = generator.uniform() < 0.5 && flipsHorizontally
    let mirrorsY = generator.uniform() < 0.5 && flipsVertically
    let θ = within(rotation) * .pi / 180
    let t = (x: within(translation) * Double(width), y: within(translation) * Double(height))
    let z = scale.lowerBound + (scale.upperBound - scale.lowerBound) * generator.uniform()
    let slant = tan(within(shear) * .pi / 180)
    let (fx, fy) = (mirrorsX ? -z : z, mirrorsY ? -z : z)
    return PixelMap(
      xx: cos(θ) * fx, xy: (cos(θ) * slant - sin(θ)) * fy,
      yx: sin(θ) * fx, yy: (sin(θ) * slant + cos(θ)) * fy, x: t.x, y: t.y)
  }
}
