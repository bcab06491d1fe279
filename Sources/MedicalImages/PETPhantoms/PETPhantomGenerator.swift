import Foundation

/// Writes data sets of simulated FDG PET volumes with normal, mild and severe muscular uptake.
///
/// ```
/// folder/labels.csv, phantom.json, README.md
/// folder/PET_0001/PET_0001_pet.nii.gz, PET_0001_pet.json, PET_0001_mask.nii.gz, phantom.json
/// ```
///
/// Volumes are in Bq/ml with dose, weight and times in the sidecar, as a converted DICOM series has
/// them: ``PETProjector`` makes projections of them.
public struct PETPhantomGenerator: Sendable {
  /// What patients are made with.
  public let settings: PETPhantomSettings

  /// A generator.
  ///
  /// - Parameter settings: What patients are made with.
  /// - Throws: ``ImageError/invalidParameter(name:value:allowed:)``.
  public init(settings: PETPhantomSettings) throws(ImageError) {
    try settings.check()
    self.settings = settings
  }

  /// Makes one patient in memory.
  ///
  /// - Parameter number: From 1. The same number gives the same patient, in a set of any size.
  /// - Returns: The volume, the mask and how they were made.
  public func patient(_ number: Int) -> PETPhantomPatient {
    PETPhantomPatient(number: number, settings: settings)
  }

  /// Writes a data set, or the rest of one that was interrupted.
  ///
  /// A patient's folder appears when all its files are complete. The files are the same to the bit
  /// for any number of threads.
  ///
  /// - Parameters:
  ///   - count: The number of patients, 1 to 9999.
  ///   - folder: A new or empty folder, or a set with the same settings.
  ///   - threads: The number of threads; nil means all.
  ///   - work: Hears of each patient that is done, and may stop between two of them.
  /// - Throws: ``ImageError/invalidParameter(name:value:allowed:)``,
  ///   ``ImageError/occupied(folder:reason:)``, ``ImageError/cannotWrite(path:reason:)``,
  ///   ``ImageError/cancelled``.
  public func write(
    patients count: Int, to folder: URL, threads: Int? = nil, work: PatientWork = PatientWork()
  ) throws(ImageError) {
    guard count >= 1 && count <= 9999 else {
      throw .invalidParameter(name: "patients", value: "\(count)", allowed: "from 1 to 9999")
    }
    let output = OwnedFolder<PETPhantomSettings>(
      url: folder, fileName: "phantom.json", what: "PET phantoms", about: PETPhantomPatient.about)
    try output.prepare(for: settings) { "seed \($0.seed), spacing \($0.spacing) mm" }
    try writeAtomically(Data(readme.utf8), to: folder.appendingPathComponent("README.md"))
    let names = (1...count).map(PETPhantomPatient.name)
    let results = try work.map(names: names, threads: threads) { (index) throws(ImageError) in
      if !output.holds(names[index]) { try write(patient(index + 1), to: output) }
    }
    for result in results { try result.get() }
    let lines = names.enumerated().map { index, name in
      let label = PETPhantomPatient.label(of: index + 1, seed: settings.seed)
      return "\(name)/\(name)_pet.nii.gz,\(name),\(label.rawValue),\(name)/\(name)_mask.nii.gz\n"
    }
    try writeAtomically(
      Data((["image,patient,label,mask\n"] + lines).joined().utf8),
      to: folder.appendingPathComponent(ProjectionFolder.tableName))
  }

  private func write(
    _ patient: PETPhantomPatient, to output: OwnedFolder<PETPhantomSettings>
  ) throws(ImageError) {
    let name = patient.record.patient
    try output.write(name) { (place) throws(ImageError) in
      func file(_ ending: String) -> URL { place.appendingPathComponent(name + ending) }
      try NIfTI.write(patient.volume, to: file("_pet.nii.gz"), as: .scaledInt16)
      try NIfTI.write(patient.mask, to: file("_mask.nii.gz"), as: .uint8)
      typealias Owned = OwnedFolder<PETPhantomSettings>
      try writeAtomically(Owned.json(patient.sidecar), to: file("_pet.json"))
      try writeAtomically(
        Owned.json(patient.record), to: place.appendingPathComponent("phantom.json"))
    }
  }

  private var readme: String {
    """
    # Simulated PET patients

    **The patients in this folder are simulated.** No patient had these scans: bodies of simple
    shapes with typical uptake of FDG an hour after injection, and the resolution and noise of a scanner.
    Use them to test software, never to draw a conclusion about people.

    `labels.csv` has each patient's volume, label (normal, mild, severe muscular uptake) and mask of the
    altered muscles. Volumes are in Bq/ml; the JSON file of the same name has what SUV needs.
    `phantom.json`, here and in each patient's folder, has every parameter. Seed \(settings.seed), voxels
    of \(settings.spacing) mm. 'convex data pet --in FOLDER --out FOLDER' makes projections.

    """
  }
}
