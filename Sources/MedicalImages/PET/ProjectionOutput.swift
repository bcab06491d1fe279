import Foundation

/// A folder of projections that is being made.
struct ProjectionOutput: Sendable {
  let url: URL
  let settings: PETSettings

  private typealias Owned = OwnedFolder<PETSettings>
  private var owned: Owned {
    Owned(
      url: url, fileName: "projections.json", what: "projections",
      about: "Coronal maximum-intensity projections: rows from head to feet, columns from the "
        + "patient's right to the left. Stored number / 65535 · maximum of the JSON file of the same "
        + "name is the value in that file's unit.")
  }
  private var masks: URL { url.appendingPathComponent(ProjectionFolder.maskFolder) }

  func picture(_ name: String) -> URL { url.appendingPathComponent(name + ".png") }
  func mask(_ name: String) -> URL { masks.appendingPathComponent(name + ".png") }

  /// Makes the folder, or checks that it was made with the same settings.
  func prepare() throws(ImageError) {
    try owned.prepare(for: settings) {
      "\($0.height)x\($0.width), SUV up to \($0.maximumSUV)"
    }
    do {
      try FileManager.default.createDirectory(at: masks, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: masks.path, reason: error.localizedDescription)
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
    try writeAtomically(Owned.json(record), to: ProjectionRecord.url(of: picture(name)))
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
}

/// A field of a table, in quotes where it needs them.
func quoted(_ field: String) -> String {
  let needsQuotes = field.unicodeScalars.contains {
    [",", ";", "\t", "\"", "\n", "\r"].contains($0)
  }
  return needsQuotes ? "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\"" : field
}
