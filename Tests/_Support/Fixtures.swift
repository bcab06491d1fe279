import Foundation

/// A file that a test target carries in its `Fixtures` folder.
public enum Fixture {
  /// No such file among a target's fixtures.
  public struct Missing: Error, CustomStringConvertible {
    /// The path that was asked for.
    public let path: String

    /// What is missing.
    public var description: String { "no fixture \(path)" }
  }

  /// The place of a fixture.
  ///
  /// - Parameters:
  ///   - path: The path below `Fixtures`; empty means the folder itself.
  ///   - bundle: The resources of the test target: `.module`.
  /// - Returns: The file's place.
  /// - Throws: ``Missing``.
  public static func url(_ path: String, in bundle: Bundle) throws -> URL {
    guard let folder = bundle.url(forResource: "Fixtures", withExtension: nil) else {
      throw Missing(path: "Fixtures")
    }
    let url = path.isEmpty ? folder : folder.appendingPathComponent(path)
    guard FileManager.default.fileExists(atPath: url.path) else { throw Missing(path: path) }
    return url
  }
}
