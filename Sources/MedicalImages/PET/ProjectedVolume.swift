import Foundation

/// The projection of one volume of a table.
struct ProjectedVolume {
  let row: LabelTable.Row
  let source: URL
  let mask: URL?

  /// Finds the files that a row names.
  ///
  /// - Throws: ``ImageError/invalidRow(path:row:column:value:remedy:)``.
  init(_ row: LabelTable.Row, _ folder: URL, _ path: String) throws(ImageError) {
    func found(_ column: String, _ name: String) throws(ImageError) -> URL {
      let url = place(of: name, in: folder)
      guard FileManager.default.fileExists(atPath: url.path) else {
        throw .invalidRow(
          path: path, row: row.line, column: column, value: name,
          remedy: "there is no such file or folder in \(folder.path)")
      }
      return url
    }
    self.row = row
    source = try found("image", row.image)
    var mask: URL?
    if let name = row.mask { mask = try found("mask", name) }
    self.mask = mask
  }

  /// What was done, and what the record says.
  struct Outcome: Sendable {
    let record: ProjectionRecord
    let isNew: Bool
  }

  /// Writes the projection, unless the same one is there.
  func write(_ name: String, to output: ProjectionOutput) throws(ImageError) -> Outcome {
    let scan = try PETScan(contentsOf: source)
    var maskHash: String?
    if let mask { maskHash = try ContentHash.sha256(contentsOf: mask) }
    if let old = output.record(name), old.sourceSHA256 == scan.sha256,
      old.maskSHA256 == maskHash, old.unitNote == scan.calibration.note
    {
      return Outcome(record: old, isNew: false)
    }
    let size = (height: output.settings.height, width: output.settings.width)
    let projection = try CoronalProjection(scan.volume)
    let (plane, pixel) = projection.plane.fitted(
      height: size.height, width: size.width, spacing: projection.spacing)
    var record: ProjectionRecord
    var values = plane
    switch scan.calibration {
    case .suv(let factor, _):
      values.values = plane.values.map { $0 * Float(factor) }
      record = ProjectionRecord(unit: PETProjector.suv, maximum: output.settings.maximumSUV)
    case .stored(let unit, _):
      let largest = plane.range.upperBound
      guard largest > 0 else { throw .noUptake(path: source.path) }
      record = ProjectionRecord(unit: unit, maximum: Double(largest))
    }
    guard values.range.upperBound > 0 else { throw .noUptake(path: source.path) }
    record.unitNote = scan.calibration.note
    record.millimetersPerPixel = pixel
    let clipped = values.values.filter { Double($0) > record.maximum }.count
    record.clippedShare = Double(clipped) / Double(values.values.count)
    (record.source, record.sourceSHA256, record.maskSHA256) = (row.image, scan.sha256, maskHash)
    try output.write(
      name, GrayRaster(values, maximum: Float(record.maximum)), record,
      mask: try mask.map { (url) throws(ImageError) in try region(url, like: scan.volume, size) })
    return Outcome(record: record, isNew: true)
  }

  /// The projection of a mask: white where any voxel on the line is set.
  private func region(
    _ url: URL, like volume: Volume, _ size: (height: Int, width: Int)
  ) throws(ImageError) -> Raster {
    var mask = try NIfTI.read(url)
    try mask.requireSameSpace(as: volume)
    mask.voxels = mask.voxels.map { $0 > 0 ? 1 : 0 }
    let projection = try CoronalProjection(mask)
    let plane = projection.plane.fitted(
      height: size.height, width: size.width, spacing: projection.spacing
    ).plane
    return Raster(
      height: plane.height, width: plane.width,
      pixels: plane.values.map { $0 >= 0.5 ? Raster.Color(repeating: 255) : .zero })
  }
}

extension UptakeCalibration {
  /// How the unit was found, or why it is not SUV.
  var note: String {
    switch self {
    case .suv(_, let note): note
    case .stored(_, let reason): reason
    }
  }
}
