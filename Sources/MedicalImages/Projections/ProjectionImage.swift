import Foundation

/// The files of one labeled projection.
public struct ProjectionImage: Sendable, Equatable {
  /// The name in `labels.csv`.
  public let name: String
  /// Whose projection this is.
  public let patient: String
  /// How much the muscles take up.
  public let label: UptakeLabel
  /// The picture: `.png`, `.nii` or `.nii.gz`.
  public let file: URL
  /// The picture of the altered region, if there is one.
  public let mask: URL?

  /// Reads the picture, its scale and its mask.
  ///
  /// - Parameter rules: Size and scale of the sample.
  /// - Returns: The sample.
  /// - Throws: ``ImageError`` of a file; ``ImageError/unknownScale(path:)``;
  ///   ``ImageError/shapeMismatch(first:firstShape:second:secondShape:)`` for a mask of another size.
  public func load(rules: ProjectionRules = ProjectionRules()) throws(ImageError)
    -> ProjectionSample
  {
    try rules.check()
    let record = try ProjectionRecord.read(of: file)
    let picture = try Self.picture(file, maximum: record.map { Float($0.maximum) })
    guard let fullScale = rules.fullScale ?? record?.maximum ?? picture.maximum.map(Double.init)
    else { throw .unknownScale(path: file.path) }
    func fit(_ plane: Plane, _ interpolation: Plane.Interpolation) -> Plane {
      plane.fitted(
        height: rules.height, width: rules.width, spacing: picture.spacing, by: interpolation
      ).plane
    }
    let scaled = Plane(
      height: picture.plane.height, width: picture.plane.width,
      values: picture.plane.values.map { min(max($0 / Float(fullScale), 0), 1) })
    var region: Plane?
    if let mask {
      let other = try Self.picture(mask, maximum: nil).plane
      guard (other.height, other.width) == (scaled.height, scaled.width) else {
        throw .shapeMismatch(
          first: file.path, firstShape: [scaled.height, scaled.width], second: mask.path,
          secondShape: [other.height, other.width])
      }
      let flags = Plane(
        height: other.height, width: other.width, values: other.values.map { $0 > 0 ? 1 : 0 })
      let fitted = fit(flags, .area)
      region = Plane(
        height: fitted.height, width: fitted.width, values: fitted.values.map { $0 >= 0.5 ? 1 : 0 })
    }
    return ProjectionSample(
      name: name, patient: patient, label: label, image: fit(scaled, .bilinear), mask: region,
      fullScale: fullScale, unit: record?.unit ?? "1")
  }

  /// A picture in its own unit, and what its largest number stands for if the file says so.
  private struct Picture {
    let plane: Plane
    let spacing: (height: Double, width: Double)
    let maximum: Float?
  }

  private static func picture(_ url: URL, maximum: Float?) throws(ImageError) -> Picture {
    if url.pathExtension.lowercased() == "png" {
      let white = maximum ?? 1
      return Picture(
        plane: try PNG.readGray(url).plane(maximum: white), spacing: (1, 1), maximum: white)
    }
    let volume = try NIfTI.read(url)
    guard volume.isOriented else { throw .unknownOrientation(path: url.path) }
    let turned = volume.reoriented()
    let (columns, depth, rows) = (turned.shape[0], turned.shape[1], turned.shape[2])
    guard depth == 1 else {
      throw .unsupported(
        path: url.path, feature: "\(depth) voxels from back to front, where a projection has one,",
        remedy: "make projections of volumes with 'convex data pet'")
    }
    var values: [Float] = []
    values.reserveCapacity(rows * columns)
    for row in 0..<rows {  // the last slice is at the head
      let start = (rows - 1 - row) * columns
      values += turned.voxels[start..<start + columns]
    }
    return Picture(
      plane: Plane(height: rows, width: columns, values: values),
      spacing: (turned.spacing.z, turned.spacing.x), maximum: nil)
  }
}
