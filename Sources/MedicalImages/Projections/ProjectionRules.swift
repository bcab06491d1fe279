/// How projections become samples.
public struct ProjectionRules: Sendable, Equatable, Codable {
  /// Rows of a sample; the paper has 512.
  public var height = 512
  /// Columns of a sample; the paper has 512.
  public var width = 512
  /// The value, in the unit of the data, that becomes 1; larger ones become 1 too. Nil takes what the
  /// file's largest number stands for.
  public var fullScale: Double?
  /// The share of the patients that trains.
  public var trainingFraction = 0.8
  /// The seed of the split.
  public var seed: UInt64 = 0

  /// The paper's size, with seed 0.
  public init() {}

  /// Throws for a rule outside its range.
  ///
  /// - Throws: ``ImageError/invalidParameter(name:value:allowed:)``.
  public func check() throws(ImageError) {
    func require(
      _ condition: Bool, _ name: String, _ value: some CustomStringConvertible, _ allowed: String
    ) throws(ImageError) {
      guard condition else {
        throw .invalidParameter(name: name, value: "\(value)", allowed: allowed)
      }
    }
    try require((1...8192).contains(height), "height", height, "from 1 to 8192")
    try require((1...8192).contains(width), "width", width, "from 1 to 8192")
    if let fullScale {
      try require(
        Float(fullScale).isFinite && Float(fullScale) > 0, "fullScale", fullScale,
        "finite and above 0")
    }
    try require(
      trainingFraction >= 0 && trainingFraction <= 1, "trainingFraction", trainingFraction,
      "from 0 to 1")
  }
}
