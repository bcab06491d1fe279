import ArrayFiles
import Foundation

/// Configurations as JSON files.
public enum ConfigurationFile {
  /// The name of the file in an output folder.
  public static let name = "configuration.json"

  /// Defaults with the settings of a file in their place.
  ///
  /// A file may have some of the settings; what it leaves out keeps its default.
  ///
  /// - Parameters:
  ///   - url: The file; nil leaves everything as it is.
  ///   - defaults: The configuration to start from.
  /// - Returns: The configuration, unchecked.
  /// - Throws: ``ExperimentError/unreadableConfiguration(path:reason:)`` and
  ///   ``ExperimentError/unknownSetting(path:name:known:)``.
  public static func read<Configuration: ExperimentConfiguration>(
    _ url: URL?, over defaults: Configuration
  ) throws(ExperimentError) -> Configuration {
    guard let url else { return defaults }
    let path = url.path
    let own = try value(of: url)
    guard case .object = own else {
      throw .unreadableConfiguration(path: path, reason: "it is no object")
    }
    let merged: JSONValue
    do throws(JSONValue.UnknownName) {
      merged = try value(of: defaults).merged(with: own)
    } catch {
      throw .unknownSetting(path: path, name: error.name, known: error.known)
    }
    do {
      return try JSONDecoder().decode(Configuration.self, from: JSONEncoder().encode(merged))
    } catch {
      throw .unreadableConfiguration(path: path, reason: reason(error))
    }
  }

  /// Writes a configuration into an output folder, or compares it with the one that is there.
  ///
  /// - Parameters:
  ///   - folder: The output folder.
  ///   - configuration: The configuration of this run.
  /// - Throws: ``ExperimentError/otherConfiguration(path:name:before:now:)`` if the folder belongs to
  ///   another run; ``ExperimentError/unwritable(path:reason:)``.
  static func claim<Configuration: ExperimentConfiguration>(
    _ folder: URL, for configuration: Configuration
  ) throws(ExperimentError) {
    let url = folder.appendingPathComponent(name)
    let now = value(of: configuration)
    if FileManager.default.fileExists(atPath: url.path) {
      var before = try value(of: url)
      // With the settings that there were not yet when it was written.
      if let whole = try? JSONDecoder().decode(Configuration.self, from: data(before)) {
        before = value(of: whole)
      }
      if let difference = before.firstDifference(from: now) {
        throw .otherConfiguration(
          path: folder.path, name: difference.path, before: difference.mine.text,
          now: difference.its.text)
      }
      return
    }
    try write(data(now), to: url)
  }

  private static func value(of url: URL) throws(ExperimentError) -> JSONValue {
    do {
      return try JSONDecoder().decode(JSONValue.self, from: Data(contentsOf: url))
    } catch {
      throw .unreadableConfiguration(path: url.path, reason: reason(error))
    }
  }

  private static func value(of configuration: some ExperimentConfiguration) -> JSONValue {
    // Numbers, texts and lists of them always encode.
    let data = (try? JSONEncoder().encode(configuration)) ?? Data()
    return (try? JSONDecoder().decode(JSONValue.self, from: data)) ?? .null
  }

  private static func reason(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return error.localizedDescription }
    switch error {
    case .typeMismatch(let type, let context):
      return "\(place(context)) is no \(type)"
    case .valueNotFound(let type, let context):
      return "\(place(context)) is null and must be a \(type)"
    case .keyNotFound(let key, _): return "\(key.stringValue) is missing"
    case .dataCorrupted(let context):
      return context.codingPath.isEmpty
        ? "it is no JSON" : "\(place(context)): \(context.debugDescription)"
    @unknown default: return "\(error)"
    }
  }

  private static func place(_ context: DecodingError.Context) -> String {
    context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
      .joined(separator: ".")
  }
}

/// A document as a file has it: sorted, one entry a line.
func data(_ value: some Encodable) -> Data {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  // Numbers, texts and lists of them always encode.
  return (try? encoder.encode(value)) ?? Data()
}

/// Writes a file whole.
func write(_ data: Data, to url: URL) throws(ExperimentError) {
  do {
    try AtomicFile.write(data, to: url)
  } catch {
    throw .unwritable(path: url.path, reason: "\(error)")
  }
}

/// Makes a folder and those above it.
func makeFolder(_ url: URL) throws(ExperimentError) {
  do {
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  } catch {
    throw .unwritable(path: url.path, reason: error.localizedDescription)
  }
}
