import Foundation

/// Writes data sets of simulated patients in the BraTS layout, made from one real brain.
///
/// Per patient: a random smooth deformation of the anatomy, tissue classes from the real scan's
/// intensities, a simulated glioma with edema, enhancing rim, necrotic core and mass effect, and
/// four modalities from relaxation times with bias field and Rician noise.
///
/// ```
/// folder/phantom.json, README.md
/// folder/Phantom_0001/Phantom_0001_{t1,t1ce,t2,flair,seg}.nii.gz, phantom.json
/// ```
public struct PhantomGenerator: Sendable {
  /// What patients are made with.
  public let settings: PhantomSettings
  private let template: Template

  /// Reads the template.
  ///
  /// - Parameter settings: What patients are made with.
  /// - Throws: ``ImageError`` for a setting outside its range, or a template that cannot be read.
  public init(settings: PhantomSettings) throws(ImageError) {
    try settings.check()
    self.settings = settings
    do throws(ImageError) {
      template = try Template(contentsOf: URL(fileURLWithPath: settings.template))
    } catch .unreadable(let path, "no such file") where path == PhantomSettings.defaultTemplate {
      throw .unreadable(
        path: path, reason: "no such file; on Debian it is in the package mricron-data")
    }
  }

  /// The name of a patient, counted from 1.
  public static func name(of number: Int) -> String {
    let digits = "\(number)"
    return "Phantom_" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }

  /// Makes one patient in memory.
  ///
  /// - Parameter number: From 1. The same number gives the same patient, in a set of any size.
  /// - Returns: The scan and how it was made.
  /// - Throws: ``ImageError/invalidParameter(name:value:allowed:)`` for a template in which no tumor
  ///   finds room.
  public func patient(_ number: Int) throws(ImageError) -> PhantomPatient {
    try PhantomPatient(named: Self.name(of: number), template: template, settings: settings)
  }

  /// Writes a data set, or the rest of one that was interrupted.
  ///
  /// A patient's folder appears when all its files are complete; an interrupted run leaves whole
  /// patients, and run again it makes the missing ones. The files are the same to the bit for any
  /// number of threads.
  ///
  /// - Parameters:
  ///   - count: The number of patients, at least 1.
  ///   - folder: A new or empty folder, or a set with the same settings.
  ///   - threads: The number of threads; nil means all.
  ///   - work: Hears of each patient that is done, and may stop between two of them.
  /// - Throws: ``ImageError/occupied(folder:reason:)``, ``ImageError/cannotWrite(path:reason:)``,
  ///   ``ImageError/cancelled``.
  public func write(
    patients count: Int, to folder: URL, threads: Int? = nil, work: PatientWork = PatientWork()
  ) throws(ImageError) {
    guard count >= 1 && count <= 9999 else {
      throw .invalidParameter(name: "patients", value: "\(count)", allowed: "from 1 to 9999")
    }
    let output = PhantomFolder(url: folder)
    try output.prepare(for: settings)
    let results = try work.map(
      names: (1...count).map(Self.name), threads: threads
    ) { (index) throws(ImageError) in
      if !output.holds(Self.name(of: index + 1)) { try output.write(patient(index + 1)) }
    }
    for result in results { try result.get() }
  }
}
