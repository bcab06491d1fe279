import Foundation

/// A folder with the DICOM files of one PET series, read through the program dcm2niix.
struct DICOMSeries: Sendable {
  let folder: URL

  /// The files that look like DICOM, by name.
  private func files() throws(ImageError) -> [URL] {
    let contents: [URL]
    do {
      contents = try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil, options: .skipsHiddenFiles)
    } catch {
      throw .unreadable(path: folder.path, reason: error.localizedDescription)
    }
    return contents.filter { url in
      guard let file = try? FileHandle(forReadingFrom: url),
        let start = try? file.read(upToCount: 200)
      else { return false }
      return DICOMElements.isDICOM(start)
    }.sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  /// Converts the series and reads the result.
  ///
  /// - Throws: ``ImageError/missingProgram(name:remedy:)``,
  ///   ``ImageError/programFailed(name:input:reason:)``,
  ///   ``ImageError/ambiguousFile(patient:what:found:)`` for several series,
  ///   ``ImageError/wrongFormat(path:expected:found:)`` for a folder without DICOM files.
  func read() throws(ImageError) -> (volume: Volume, sidecar: PETSidecar?, sha256: String) {
    let files = try files()
    guard let first = files.first else {
      throw .wrongFormat(
        path: folder.path, expected: "a folder with one DICOM series", found: "no DICOM file in it")
    }
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("convex-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    do {
      try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: scratch.path, reason: error.localizedDescription)
    }
    // Not compressed; with a sidecar that keeps the weight; under one name; this folder alone.
    try ExternalProgram.dcm2niix().run(
      [
        "-z", "n", "-b", "y", "-ba", "n", "-d", "0", "-f", "series", "-o", scratch.path,
        folder.path,
      ],
      input: folder.path)
    let (url, found) = try converted(in: scratch)
    var sidecar = found
    sidecar?.fill(DICOMElements.times(of: first))
    var volume = try NIfTI.read(url)
    volume.name = folder.path
    var hashes: [String] = []
    for file in files { hashes.append(try ContentHash.sha256(contentsOf: file)) }
    return (volume, sidecar, ContentHash.sha256(Data(hashes.joined(separator: "\n").utf8)))
  }

  /// The one PET volume among what dcm2niix wrote.
  private func converted(in scratch: URL) throws(ImageError) -> (URL, PETSidecar?) {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: scratch.path)) ?? []
    var volumes: [(url: URL, sidecar: PETSidecar?)] = []
    for name in names.sorted() where name.hasSuffix(".nii") {
      let url = scratch.appendingPathComponent(name)
      volumes.append((url, try PETScan.sidecar(of: url)))
    }
    if volumes.count > 1 {
      let isPET = volumes.filter { $0.sidecar?.modality == "PT" }
      if !isPET.isEmpty { volumes = isPET }
    }
    guard let volume = volumes.first else {
      throw .programFailed(name: "dcm2niix", input: folder.path, reason: "it wrote no volume")
    }
    guard volumes.count == 1 else {
      throw .ambiguousFile(
        patient: folder.path, what: "the PET series", found: volumes.map(\.url.lastPathComponent))
    }
    return volume
  }
}
