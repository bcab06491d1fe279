import Foundation

/// A folder of projections that is being made.
struct ProjectionOutput: Sendable {
  let url: URL
  let settings: PETSettings

  /// What `projections.json` says.
  private struct Set: Codable, Equatable {
    var about =
      "Coronal maximum-intensity projections: rows from head to feet, columns from the patient's "
      + "right to the left. Stored number / 65535 · maximum of the JSON file of the same name is "
      + "the value in that file's unit."
    var settings: PETSettings
  }

  private static let setName = "projections.json"
  private var setFile: URL { url.appendingPathComponent(Self.setName) }
  private var masks: URL { url.appendingPathComponent(ProjectionFolder.maskFolder) }

  func picture(_ name: String) -> URL { url.appendingPathComponent(name + ".png") }
  func mask(_ name: String) -> URL { masks.appendingPathComponent(name + ".png") }

  /// Makes the folder, or checks that it was made with the same settings.
  func prepare() throws(ImageError) {
    let contents: [String]
    do {
      try FileManager.default.createDirectory(at: masks, withIntermediateDirectories: true)
      contents = try FileManager.default.contentsOfDirectory(atPath: url.path)
    } catch {
      throw .cannotWrite(path: url.path, reason: error.localizedDescription)
    }
    let others = contents.filter { $0 != ProjectionFolder.maskFolder }
    guard others.isEmpty || others.contains(Self.setName) else {
      throw .occupied(folder: url.path, reason: "holds files that are no projections")
    }
    guard others.contains(Self.setName) else {
      return try writeAtomically(Self.json(Set(settings: settings)), to: setFile)
    }
    guard let data = try? Data(contentsOf: setFile),
      let found = try? JSONDecoder().decode(Set.self, from: data)
    else { throw .occupied(folder: url.path, reason: "its \(Self.setName) cannot be read") }
    guard found.settings == settings else {
      throw .occupied(
        folder: url.path,
        reason: "holds projections with other settings (\(found.settings.height)x"
          + "\(found.settings.width), SUV up to \(found.settings.maximumSUV))")
    }
  }

  /// The record of a projection that is there, whole.
  func record(_ name: String) -> ProjectionRecord? {
    guard FileManager.default.fileExists(atPath: picture(name).path) else { return nil }
    return try? ProjectionRecord.read(of: picture(name))
  }

  /// Writes a projection: mask, record, and last the picture, whose presence means that all is there.
  func write(
    _ name: String, _ raster: GrayRaster, _ record: ProjectionRecord, mask region: Raster?
  ) throws(ImageError) {
    for old in [picture(name), mask(name)] where FileManager.default.fileExists(atPath: old.path) {
      do {
        try FileManager.default.removeItem(at: old)
      } catch {
        throw .cannotWrite(path: old.path, reason: error.localizedDescription)
      }
    }
    if let region { try PNG.write(region, to: mask(name)) }
    try writeAtomically(Self.json(record), to: ProjectionRecord.url(of: picture(name)))
    try PNG.write(raster, to: picture(name))
  }

  /// Writes `labels.csv`.
  func writeTable(_ rows: [(name: String, row: LabelTable.Row)]) throws(ImageError) {
    let lines = rows.map { item in
      [item.name + ".png", item.row.patient, item.row.label.rawValue].map(quoted)
        .joined(separator: ",")
    }
    let text = (["image,patient,label"] + lines).joined(separator: "\n") + "\n"
    try writeAtomically(Data(text.utf8), to: url.appendingPathComponent(ProjectionFolder.tableName))
  }

  private static func json(_ value: some Encodable) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and objects of them always encode.
    return (try? encoder.encode(value)) ?? Data()
  }
}

/// A field of a table, in quotes where it needs them.
func quoted(_ field: String) -> String {
  let needsQuotes = field.unicodeScalars.contains {
    [",", ";", "\t", "\"", "\n", "\r"].contains($0)
  }
  return needsQuotes ? "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : field
}
