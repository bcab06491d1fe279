import Foundation

/// What a set of simulated patients is made with.
public struct PhantomSettings: Sendable, Equatable, Codable {
  /// The real brain that patients are made from: skull-stripped, T1-weighted.
  public var template: String
  /// The seed of everything random. Patient n of a set depends on the seed and n alone.
  public var seed: UInt64
  /// The size of a voxel in mm.
  public var spacing: Double
  /// The largest displacement of the anatomy along each axis, in mm.
  public var largestDisplacement = 4.0
  /// The size of the anatomy's deformations, in mm.
  public var deformationScale = 36.0
  /// The radius of a tumor's core (what is not edema), in mm.
  public var coreRadius: ClosedRange<Double> = 12...20
  /// How far edema spreads through white matter, in mm.
  public var edemaReach: ClosedRange<Double> = 11...20
  /// How strongly a tumor pushes its surroundings away: α of the mass effect.
  public var massEffect: ClosedRange<Double> = 0.25...0.5
  /// The standard deviation of the noise in each channel, as a share of white matter's signal.
  public var noise: ClosedRange<Double> = 0.015...0.035
  /// The largest logarithm of the bias field.
  public var bias = 0.2
  /// The spread of relaxation times and sequence parameters between patients.
  public var variation = 0.06

  /// Debian's mricron-data.
  public static let defaultTemplate = "/usr/share/mricron/templates/ch2bet.nii.gz"

  /// The default settings.
  ///
  /// - Parameters:
  ///   - seed: The seed of everything random.
  ///   - spacing: The size of a voxel in mm; BraTS has 1.
  ///   - template: The path of the real brain.
  public init(seed: UInt64, spacing: Double = 1, template: String = defaultTemplate) {
    (self.seed, self.spacing, self.template) = (seed, spacing, template)
  }

  /// Throws for a setting outside its range.
  ///
  /// - Throws: ``ImageError/invalidParameter(name:value:allowed:)``.
  public func check() throws(ImageError) {
    func require(
      _ isRight: Bool, _ name: String, _ value: some CustomStringConvertible, _ allowed: String
    ) throws(ImageError) {
      guard isRight else {
        throw .invalidParameter(name: name, value: "\(value)", allowed: allowed)
      }
    }
    try require(spacing >= 0.5 && spacing <= 8, "spacing", spacing, "from 0.5 to 8 mm")
    try require(
      largestDisplacement >= 0 && largestDisplacement <= 10, "largestDisplacement",
      largestDisplacement, "from 0 to 10 mm")
    try require(
      deformationScale >= 20 && deformationScale <= 200, "deformationScale", deformationScale,
      "from 20 to 200 mm")
    try require(
      coreRadius.lowerBound >= 3 && coreRadius.upperBound <= 30, "coreRadius", coreRadius,
      "within 3 to 30 mm")
    try require(
      edemaReach.lowerBound >= 0 && edemaReach.upperBound <= 40, "edemaReach", edemaReach,
      "within 0 to 40 mm")
    try require(
      massEffect.lowerBound >= 0 && massEffect.upperBound <= 0.7, "massEffect", massEffect,
      "within 0 to 0.7")
    try require(noise.lowerBound >= 0 && noise.upperBound <= 0.5, "noise", noise, "within 0 to 0.5")
    try require(bias >= 0 && bias <= 1, "bias", bias, "from 0 to 1")
    try require(variation >= 0 && variation <= 0.2, "variation", variation, "from 0 to 0.2")
  }
}
