import Foundation

/// A regular file's bytes, mapped rather than copied.
enum MappedFile {
  static func read(_ url: URL) throws(ArrayFileError) -> Data {
    do {
      // A pipe or a device would block or never end.
      let attributes = try FileManager.default.attributesOfItem(
        atPath: url.resolvingSymlinksInPath().path)
      guard attributes[.type] as? FileAttributeType == .typeRegular else {
        throw ArrayFileError.unreadable(path: url.path, reason: "not a regular file")
      }
      return try Data(contentsOf: url, options: .alwaysMapped)
    } catch let error as ArrayFileError {
      throw error
    } catch {
      throw .unreadable(path: url.path, reason: reason(error))
    }
  }

  /// A Cocoa error in a few words.
  private static func reason(_ error: any Error) -> String {
    switch (error as? CocoaError)?.code {
    case .fileReadNoSuchFile?, .fileNoSuchFile?: "no such file"
    case .fileReadNoPermission?: "permission denied"
    default: "\(error.localizedDescription)"
    }
  }
}
