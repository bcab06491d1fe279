/// What a set of simulated PET patients is made with.
public struct PETPhantomSettings: Sendable, Equatable, Codable {
  /// The seed of everything random. Patient n of a set depends on the seed and n alone.
  public var seed: UInt64
  /// The size of a voxel in mm.
  public var spacing: Double
  /// How many muscle groups a mild patient has raised.
  public var mildGroups = 1...3
  /// SUV of a mild patient's raised muscles.
  public var mildUptake = 1.3...2.4
  /// How many muscle groups a severe patient has raised.
  public var severeGroups = 3...6
  /// SUV of a severe patient's raised muscles.
  public var severeUptake = 2.0...4.5
  /// The coefficient of variation in the liver.
  public var liverNoise = 0.07...0.13
  /// The width at half maximum of the detector's resolution, in mm.
  public var resolution = 4.2
  /// The width at half maximum of the reconstruction's filter, in mm: with the resolution 5.8 mm.
  public var filter = 4.0

  /// The default settings.
  ///
  /// - Parameters:
  ///   - seed: The seed of everything random.
  ///   - spacing: The size of a voxel in mm; scanners have 2 to 5.
  public init(seed: UInt64, spacing: Double = 4) {
    (self.seed, self.spacing) = (seed, spacing)
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
    let groups = MuscleGroup.allCases.count
    try require(spacing >= 1.5 && spacing <= 16, "spacing", spacing, "from 1.5 to 16 mm")
    for (name, range) in [("mildGroups", mildGroups), ("severeGroups", severeGroups)] {
      try require(
        range.lowerBound >= 1 && range.upperBound <= groups, name, range, "within 1 to \(groups)")
    }
    for (name, range) in [("mildUptake", mildUptake), ("severeUptake", severeUptake)] {
      try require(
        range.lowerBound >= 0.5 && range.upperBound <= 30, name, range, "within 0.5 to 30 SUV")
    }
    try require(
      liverNoise.lowerBound >= 0 && liverNoise.upperBound <= 1, "liverNoise", liverNoise,
      "within 0 to 1")
    for (name, width) in [("resolution", resolution), ("filter", filter)] {
      try require(width >= 0 && width <= 20, name, width, "from 0 to 20 mm")
    }
  }
}
