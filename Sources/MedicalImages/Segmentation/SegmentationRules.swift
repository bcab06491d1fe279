/// How samples are made from patients: the paper's rules, and what the paper leaves open.
public struct SegmentationRules: Sendable, Equatable, Codable {
  /// The size of a sample.
  public enum Size: Sendable, Equatable, Codable {
    /// The half slice's own pixels.
    case native
    /// This many rows, and as many columns as keep the half slice's proportions in mm.
    case height(Int)
    /// Exactly these.
    case exact(height: Int, width: Int)
  }

  /// Slices need at least this area of tumor, in mm² (the paper: 1000 pixels of 1 mm²).
  public var minimumTumorArea = TumorSlices.paperMinimumArea
  /// A half is labeled "tumor" when it holds more than this area of it, in mm². The paper's
  /// label is any tumor pixel at all: 0.
  public var labelThreshold = 0.0
  /// Where the halves meet.
  public var midline = Hemispheres.Midline.gridCenter
  /// The size of a sample.
  public var size = Size.height(128)
  /// How masks are resized: `nearest`, or `area` with a pixel set where half of it is tumor.
  public var maskInterpolation = Plane.Interpolation.area
  /// At most this many slices of a patient, evenly spaced among those that qualify; nil keeps
  /// all.
  public var maximumSlicesPerPatient: Int?
  /// The share of the patients that trains.
  public var trainingFraction = 0.8
  /// The seed of the split.
  public var seed: UInt64 = 0

  /// The paper's rules, with seed 0.
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
    try require(
      minimumTumorArea.isFinite && minimumTumorArea >= 0, "minimumTumorArea", minimumTumorArea,
      "at least 0 mm²")
    try require(
      labelThreshold.isFinite && labelThreshold >= 0, "labelThreshold", labelThreshold,
      "at least 0 mm²")
    try require(
      trainingFraction >= 0 && trainingFraction <= 1, "trainingFraction", trainingFraction,
      "from 0 to 1")
    if let slices = maximumSlicesPerPatient {
      try require(slices > 0, "maximumSlicesPerPatient", slices, "at least 1")
    }
    try require(
      maskInterpolation != .bilinear, "maskInterpolation", maskInterpolation.rawValue,
      "nearest or area")
    switch size {
    case .native: break
    case .height(let height): try require(height > 0, "height", height, "at least 1")
    case .exact(let height, let width):
      try require(height > 0 && width > 0, "size", "\(height)x\(width)", "at least 1x1")
    }
  }

  /// Rows and columns of a sample from a half slice of the given size.
  ///
  /// - Parameters:
  ///   - rows: Rows of the half slice.
  ///   - columns: Columns of the half slice.
  ///   - spacing: The height and the width of its pixels in mm.
  /// - Returns: The size by the rule ``size``.
  func sampleSize(
    rows: Int, columns: Int, spacing: (height: Double, width: Double)
  ) -> (height: Int, width: Int) {
    switch size {
    case .native: return (rows, columns)
    case .exact(let height, let width): return (height, width)
    case .height(let height):
      let proportion =
        Double(columns) * spacing.width / (Double(rows) * spacing.height)
      return (height, max(1, Int((Double(height) * proportion).rounded())))
    }
  }
}
