import Foundation

/// A folder of simulated patients on the disk.
struct PhantomFolder: Sendable {
  let url: URL

  /// What `phantom.json` of a set says.
  private struct Set: Codable, Equatable {
    var about = PhantomPatient.about
    var settings: PhantomSettings
  }

  private var setFile: URL { url.appendingPathComponent("phantom.json") }

  /// Makes the folder, or checks that it holds a set with these settings. Leftovers of
  /// interrupted patients are removed.
  func prepare(for settings: PhantomSettings) throws(ImageError) {
    let manager = FileManager.default
    do {
      try manager.createDirectory(at: url, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: url.path, reason: error.localizedDescription)
    }
    let contents: [String]
    do {
      contents = try manager.contentsOfDirectory(atPath: url.path)
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
    guard contents.isEmpty || contents.contains("phantom.json") else {
      throw .occupied(folder: url.path, reason: "holds files that are no phantom data set")
    }
    if contents.contains("phantom.json") {
      try checkSettings(settings)
    } else {
      try writeAtomically(Self.json(Set(settings: settings)), to: setFile)
    }
    try writeAtomically(
      Data(Self.readme(settings).utf8), to: url.appendingPathComponent("README.md"))
    for name in contents where name.hasPrefix(".Phantom_") && name.hasSuffix(".partial") {
      try? manager.removeItem(at: url.appendingPathComponent(name))
    }
  }

  private func checkSettings(_ settings: PhantomSettings) throws(ImageError) {
    let found: Set
    do {
      found = try JSONDecoder().decode(Set.self, from: Data(contentsOf: setFile))
    } catch {
      throw .occupied(folder: url.path, reason: "its phantom.json cannot be read")
    }
    guard found.settings == settings else {
      throw .occupied(
        folder: url.path,
        reason: "holds phantoms with other settings (seed \(found.settings.seed), spacing "
          + "\(found.settings.spacing) mm, template \(found.settings.template))")
    }
  }

  /// Whether a patient's folder is there; it is never there in parts.
  func holds(_ name: String) -> Bool {
    FileManager.default.fileExists(atPath: url.appendingPathComponent(name).path)
  }

  /// Writes a patient under a hidden name and renames the folder when it is complete.
  func write(_ patient: PhantomPatient) throws(ImageError) {
    let name = patient.record.patient
    let partial = url.appendingPathComponent(".\(name).partial")
    let manager = FileManager.default
    do {
      try manager.createDirectory(at: partial, withIntermediateDirectories: true)
    } catch {
      throw .cannotWrite(path: partial.path, reason: error.localizedDescription)
    }
    do throws(ImageError) {
      for (modality, image) in zip(Modality.allCases, patient.scan.images) {
        let file = partial.appendingPathComponent("\(name)_\(modality.rawValue).nii.gz")
        try NIfTI.write(image, to: file, as: .int16)
      }
      if let segmentation = patient.scan.segmentation {
        try NIfTI.write(
          segmentation, to: partial.appendingPathComponent("\(name)_seg.nii.gz"), as: .uint8)
      }
      try writeAtomically(
        Self.json(patient.record), to: partial.appendingPathComponent("phantom.json"))
    } catch {
      try? manager.removeItem(at: partial)
      throw error
    }
    do {
      try manager.moveItem(at: partial, to: url.appendingPathComponent(name))
    } catch {
      try? manager.removeItem(at: partial)
      throw .cannotWrite(
        path: url.appendingPathComponent(name).path, reason: error.localizedDescription)
    }
  }

  private static func json(_ value: some Encodable) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    // Strings, numbers and arrays of them always encode.
    return (try? encoder.encode(value)) ?? Data()
  }

  private static func readme(_ settings: PhantomSettings) -> String {
    """
    # Simulated patients

    **The tumors in this folder are simulated.** No patient had them. The anatomy is one real
    T1-weighted brain (`\(settings.template)`), deformed at random; the four
    modalities are computed from tissue classes and relaxation times, with a bias field and Rician
    noise. Use them to test software, never to draw a conclusion about people.

    Layout and labels are those of BraTS: `<patient>/<patient>_{t1,t1ce,t2,flair,seg}.nii.gz`, labels
    1 (necrotic core), 2 (edema), 4 (enhancing). No tumor crosses the midline. `phantom.json`, here
    and in each patient's folder, has every parameter. Seed \(settings.seed), voxels of \
    \(settings.spacing) mm.

    """
  }
}
