import Foundation

/// A PET volume and what its numbers mean.
public struct PETScan: Sendable {
  /// The voxels in the unit they are stored in.
  public let volume: Volume
  /// How they become uptake values.
  public let calibration: UptakeCalibration
  /// SHA-256 of the file, or of the hashes of a DICOM series' files.
  public let sha256: String

  /// Reads a volume with its sidecar.
  ///
  /// - Parameter url: A .nii or .nii.gz file, with a `.json` file of the same name where there is
  ///   one; or a folder with one DICOM series, for which the program dcm2niix is needed.
  /// - Throws: ``ImageError`` of the file; ``ImageError/missingProgram(name:remedy:)``,
  ///   ``ImageError/programFailed(name:input:reason:)``;
  ///   ``ImageError/unknownOrientation(path:)``.
  public init(contentsOf url: URL) throws(ImageError) {
    var isFolder: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder)
    if exists && isFolder.boolValue {
      let series = try DICOMSeries(folder: url).read()
      (volume, sha256) = (series.volume, series.sha256)
      calibration = UptakeCalibration(series.sidecar)
    } else {
      volume = try NIfTI.read(url)
      calibration = UptakeCalibration(try Self.sidecar(of: url))
      sha256 = try ContentHash.sha256(contentsOf: url)
    }
    guard volume.isOriented else { throw .unknownOrientation(path: url.path) }
  }

  /// The sidecar of a volume, or nil where there is none.
  static func sidecar(of url: URL) throws(ImageError) -> PETSidecar? {
    let json = ProjectionRecord.url(of: url)
    guard FileManager.default.fileExists(atPath: json.path) else { return nil }
    return try PETSidecar(contentsOf: json)
  }
}
