import Foundation

/// The files of one patient.
public struct BraTSPatient: Sendable, Equatable {
  /// The folder's name.
  public let name: String
  /// Where the files lie.
  public let folder: URL
  /// The file of each modality.
  public let images: [Modality: URL]
  /// The file of the tumor's labels, if there is one.
  public let segmentation: URL?

  /// Finds a patient's files by the endings of their names.
  ///
  /// The ending is what follows the last `_` or `-` before `.nii` or `.nii.gz`, in either case:
  /// `BraTS19_CBICA_AAB_1_t1ce.nii.gz`, `BraTS-GLI-00000-000-t1c.nii.gz`.
  ///
  /// - Parameters:
  ///   - folder: The patient's folder.
  ///   - requireSegmentation: Whether a patient without `_seg` is refused.
  /// - Throws: ``ImageError/missingFile(patient:what:candidates:)``,
  ///   ``ImageError/ambiguousFile(patient:what:found:)``,
  ///   ``ImageError/unreadable(path:reason:)``.
  public init(folder: URL, requireSegmentation: Bool = true) throws(ImageError) {
    let name = folder.lastPathComponent
    let files = try Self.volumes(in: folder)
    func file(_ what: String, _ endings: [String]) throws(ImageError) -> URL? {
      let found = endings.flatMap { files[$0] ?? [] }
      guard found.count <= 1 else {
        throw .ambiguousFile(
          patient: name, what: what, found: found.map(\.lastPathComponent).sorted())
      }
      return found.first
    }
    func missing(_ what: String, _ endings: [String]) -> ImageError {
      .missingFile(
        patient: name, what: what, candidates: endings.map { "\(name)_\($0).nii.gz" })
    }
    var images: [Modality: URL] = [:]
    for modality in Modality.allCases {
      guard let url = try file(modality.rawValue, modality.fileEndings) else {
        throw missing(modality.rawValue, modality.fileEndings)
      }
      images[modality] = url
    }
    segmentation = try file("seg", Self.segmentationEndings)
    if requireSegmentation && segmentation == nil {
      throw missing("seg", Self.segmentationEndings)
    }
    (self.name, self.folder, self.images) = (name, folder, images)
  }

  /// `segm` is how one patient of BraTS 2020 is named.
  private static let segmentationEndings = ["seg", "segm"]
  static let allEndings = Set(Modality.allCases.flatMap(\.fileEndings) + segmentationEndings)

  /// The NIfTI files of a folder by the endings of their names.
  static func volumes(in folder: URL) throws(ImageError) -> [String: [URL]] {
    let contents: [URL]
    do {
      contents = try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
    } catch {
      throw .unreadable(path: folder.path, reason: error.localizedDescription)
    }
    var files: [String: [URL]] = [:]
    for url in contents {
      guard let ending = ending(of: url.lastPathComponent) else { continue }
      files[ending, default: []].append(url)
    }
    return files
  }

  private static func ending(of fileName: String) -> String? {
    let name = fileName.lowercased()
    guard !name.hasPrefix(".") else { return nil }
    for suffix in [".nii.gz", ".nii"] where name.hasSuffix(suffix) {
      let stem = name.dropLast(suffix.count)
      return stem.split(whereSeparator: { $0 == "_" || $0 == "-" }).last.map(String.init)
    }
    return nil
  }

  /// Reads the volumes and checks that they fit together.
  ///
  /// - Returns: The scan, every volume turned to ``Orientation/lps``.
  /// - Throws: ``ImageError`` of a file, or of a volume that differs in shape or place from t1,
  ///   or of a segmentation with other values than labels.
  public func load() throws(ImageError) -> BraTSScan {
    var volumes: [Volume] = []
    for modality in Modality.allCases {
      guard let url = images[modality] else { continue }
      let volume = try NIfTI.read(url)
      try volumes.first.map { (first) throws(ImageError) in
        try volume.requireSameSpace(as: first)
      }
      volumes.append(volume)
    }
    var labels: Volume?
    if let segmentation {
      let volume = try NIfTI.read(segmentation)
      try volume.requireSameSpace(as: volumes[0])
      try TumorLabel.check(volume)
      labels = volume.reoriented()
    }
    return BraTSScan(
      patient: name, images: volumes.map { $0.reoriented() }, segmentation: labels)
  }
}
