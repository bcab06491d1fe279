import Foundation

/// The patients found under a folder in the BraTS layout.
///
/// ```
/// folder/<patient>/<patient>_{t1,t1ce,t2,flair,seg}.nii.gz
/// ```
///
/// Patient folders may be nested (HGG and LGG of BraTS 2017-2019) and names may be those of any
/// year (see ``Modality/fileEndings``). One incomplete patient costs the others nothing: it is
/// listed in ``problems``.
public struct BraTSDataset: Sendable {
  /// The folder that was searched.
  public let folder: URL
  /// The complete patients, by name.
  public let patients: [BraTSPatient]
  /// What is wrong with the others.
  public let problems: [ImageError]

  /// Lists the patients under a folder, at most three levels down. Hidden folders are skipped.
  ///
  /// - Parameters:
  ///   - folder: The data set's folder.
  ///   - requireSegmentation: Whether patients without `_seg` are a problem.
  /// - Throws: ``ImageError/unreadable(path:reason:)``, ``ImageError/noPatients(folder:)``.
  public init(folder: URL, requireSegmentation: Bool = true) throws(ImageError) {
    var found: [URL] = []
    try Self.search(folder, depth: 0, &found)
    guard !found.isEmpty else { throw .noPatients(folder: folder.path) }
    var patients: [String: BraTSPatient] = [:]
    var problems: [ImageError] = []
    for url in found.sorted(by: { $0.path < $1.path }) {
      do throws(ImageError) {
        let patient = try BraTSPatient(folder: url, requireSegmentation: requireSegmentation)
        if let other = patients[patient.name] {
          problems.append(
            .ambiguousFile(
              patient: patient.name, what: "the patient", found: [other.folder.path, url.path]))
        } else {
          patients[patient.name] = patient
        }
      } catch {
        problems.append(error)
      }
    }
    self.folder = folder
    self.patients = patients.values.sorted { $0.name < $1.name }
    self.problems = problems
  }

  private static func search(_ url: URL, depth: Int, _ found: inout [URL]) throws(ImageError) {
    let files = try BraTSPatient.volumes(in: url)
    if !BraTSPatient.allEndings.isDisjoint(with: files.keys) {
      found.append(url)
      return
    }
    guard depth < 3 else { return }
    let inner =
      (try? FileManager.default.contentsOfDirectory(
        at: url, includingPropertiesForKeys: [.isDirectoryKey], options: .skipsHiddenFiles)) ?? []
    for child in inner
    where (try? child.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true {
      do throws(ImageError) {
        try search(child, depth: depth + 1, &found)
      } catch {
        continue  // a folder without permission is not this data set's
      }
    }
  }
}
