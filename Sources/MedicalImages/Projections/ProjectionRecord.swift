import Foundation

/// What is recorded beside a projection, in the JSON file of the same name.
///
/// Only ``unit`` and ``maximum`` are needed to read the projection.
public struct ProjectionRecord: Sendable, Equatable, Codable {
  /// The unit of ``maximum``: "SUV", or the unit that the volume was stored in.
  public var unit: String
  /// The value that the largest number of a gray file stands for, and what is white in a NIfTI file.
  public var maximum: Double
  /// How the unit was found, or why it is not SUV.
  public var unitNote: String?
  /// The size of a pixel in mm.
  public var millimetersPerPixel: Double?
  /// The share of the pixels beyond ``maximum``.
  public var clippedShare: Double?
  /// The volume's name in the table of the volumes.
  public var source: String?
  /// SHA-256 of the volume's file, or of the hashes of a series' files.
  public var sourceSHA256: String?
  /// SHA-256 of the file of the altered region in the volume.
  public var maskSHA256: String?

  /// A record of a unit and a scale.
  ///
  /// - Parameters:
  ///   - unit: The unit of `maximum`.
  ///   - maximum: The value that is white, above 0.
  public init(unit: String, maximum: Double) {
    (self.unit, self.maximum) = (unit, maximum)
  }

  /// Where the record of an image lies: the same name with the ending `.json`.
  static func url(of image: URL) -> URL {
    image.deletingLastPathComponent()
      .appendingPathComponent(imageStem(image.lastPathComponent) + ".json")
  }

  /// Reads the record of an image.
  ///
  /// - Parameter image: The image's file.
  /// - Returns: The record, or nil where there is none.
  /// - Throws: ``ImageError/wrongFormat(path:expected:found:)``,
  ///   ``ImageError/invalidParameter(name:value:allowed:)``.
  public static func read(of image: URL) throws(ImageError) -> ProjectionRecord? {
    let url = url(of: image)
    guard FileManager.default.fileExists(atPath: url.path) else { return nil }
    let record: ProjectionRecord
    do {
      record = try JSONDecoder().decode(ProjectionRecord.self, from: Data(contentsOf: url))
    } catch {
      throw .wrongFormat(
        path: url.path, expected: "a projection's JSON",
        found: "no object with \"unit\" (text) and \"maximum\" (a number)")
    }
    guard Float(record.maximum).isFinite && Float(record.maximum) > 0 else {
      throw .invalidParameter(
        name: "\(url.path): maximum", value: "\(record.maximum)", allowed: "finite and above 0")
    }
    return record
  }
}

/// A file name without the ending that says what kind of image it is.
func imageStem(_ name: String) -> String {
  for ending in [".nii.gz", ".nii", ".png"] where name.lowercased().hasSuffix(ending) {
    return String(name.dropLast(ending.count))
  }
  return name
}
