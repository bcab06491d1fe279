/// How projections are made of PET volumes.
public struct PETSettings: Sendable, Equatable, Codable {
  /// Rows of a picture.
  public var height = 512
  /// Columns of a picture.
  public var width = 512
  /// The SUV that is stored as 65535. At the default brain and bladder saturate, and muscle has
  /// 6500 steps for each unit of SUV.
  public var maximumSUV = 10.0

  /// The paper's size.
  public init() {}

  /// The half-life of fluorine-18 in seconds.
  static let halfLife = 6586.2

  /// Throws for a setting outside its range.
  ///
  /// - Throws: ``ImageError/invalidParameter(name:value:allowed:)``.
  public func check() throws(ImageError) {
    for (name, size) in [("height", height), ("width", width)] {
      guard (16...8192).contains(size) else {
        throw .invalidParameter(name: name, value: "\(size)", allowed: "from 16 to 8192 pixels")
      }
    }
    guard maximumSUV.isFinite && maximumSUV >= 0.1 && maximumSUV <= 1000 else {
      throw .invalidParameter(
        name: "maximumSUV", value: "\(maximumSUV)", allowed: "from 0.1 to 1000")
    }
  }
}
