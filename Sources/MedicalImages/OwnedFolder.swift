import Foundation

/// A folder that one command makes: a JSON file in it says with which settings.
struct OwnedFolder<Settings: Codable & Equatable & Sendable>: Sendable {
  /// The folder.
  let url: URL
  /// The name of the JSON file.
  let fileName: String
  /// What the folder holds, as errors say it: "projections".
  let what: String
  /// What the JSON file says of the folder.
  let about: String

  private struct Contents: Codable {
    var about: String
    var settings: Settings
  }

  /// Makes the folder, or checks that it was made with these settings.
  ///
  /// - Parameters:
  ///   - settings: What the folder is made with.
  ///   - describe: Settings for people.
  /// - Throws: ``ImageError/occupied(folder:reason:)`` for a folder with anything else or other
  ///   settings, ``ImageError/cannotWrite(path:reason:)``.
  func prepare(
    for settings: Settings, describe: (Settings) -> String
  ) throws(ImageError) {
    let names: [String]
    do {
      try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
      names = try FileManager.default.contentsOfDirectory(atPath: url.path)
    } catch {
      throw .cannotWrite(path: url.path, reason: error.localizedDescription)
    }
    let file = url.appendingPathComponent(fileName)
    guard names.contains(fileName) else {
      guard names.isEmpty else {
        throw .occupied(folder: url.path, reason: "holds files that are no \(what)")
      }
      return try writeAtomically(
        Self.json(Contents(about: about, settings: settings)), to: file)
    }
    guard let data = try? Data(contentsOf: file),
      let found = try? JSONDecoder().decode(Contents.self, from: data)
    else { throw .occupied(folder: url.path, reason: "its \(fileName) cannot be read") }
    guard found.settings == settings else {
      throw .occupied(
        folder: url.path,
        reason: "holds \(what) with other settings (\(describe(found.settings)))")
    }
    for name in names where name.hasPrefix(".") && name.hasSuffix(".partial") {
      try? FileManager.default.removeItem(at: url.appendingPathComponent(name))
    }
  }

  /// Whether a folder that ``write(_:_:)`` makes is there; it is never there in parts.
  func holds(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: url.appendingPathComponent(name).path)
  }

  /// Makes a folder inside under a hidden name and renames it when it is complete.
  ///
  /// - Throws: ``ImageError/cannotWrite(path:reason:)``, or what `body` throws.
  func write(_ name: String, _ body: (URL) throws(ImageError) -> Void) throws(ImageError) {
    let partial = url.appendingPathComponent(".\(name).partial")
    let place = url.appendingPathComponent(name)
    do {
      try FileManager.default.createDirectory(at: partial, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: partial.path, reason: error.localizedDescription)
    }
    do throws(ImageError) {
      try body(partial)
    } catch {
      try? FileManager.default.removeItem(at: partial)
      throw error
    }
    do {
      try FileManager.default.moveItem(at: partial, to: place)
    } catch {
      try? FileManager.default.removeItem(at: partial)
      throw .cannotWrite(path: place.path, reason: error.localizedDescription)
    }
  }

  /// A value as JSON with sorted keys.
  static func json(_ value: some Encodable) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and objects of them always encode.
    return (try? encoder.encode(value)) ?? Data()
  }
}
