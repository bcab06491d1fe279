import Foundation

/// The JSON file beside a PET volume, as dcm2niix or a BIDS data set has it.
///
/// | quantity | fields |
/// | --- | --- |
/// | unit of the voxels | `Units`: BQML, Bq/mL; GML, g/ml, SUV |
/// | body weight in kg | `PatientWeight`, `BodyWeight` |
/// | injected activity | `RadionuclideTotalDose` in Bq; `InjectedRadioactivity` with its `…Units` |
/// | half-life in s | `RadionuclideHalfLife`, `IsotopeHalfLife`; `TracerRadionuclide` F18 |
/// | decay correction | `DecayCorrection`: START, ADMIN; `ImageDecayCorrectionTime` |
/// | times | `InjectionStart`, `ScanStart` in s; `RadiopharmaceuticalStartTime`, `SeriesTime`, `AcquisitionTime` |
public struct PETSidecar: Sendable, Equatable {
  private var numbers: [String: Double] = [:]
  private var texts: [String: String] = [:]

  /// A sidecar from its fields.
  ///
  /// - Parameters:
  ///   - numbers: Fields that are numbers.
  ///   - texts: Fields that are text.
  init(numbers: [String: Double] = [:], texts: [String: String] = [:]) {
    (self.numbers, self.texts) = (numbers, texts)
  }

  /// Reads a JSON file.
  ///
  /// - Parameter url: The file.
  /// - Throws: ``ImageError/unreadable(path:reason:)``,
  ///   ``ImageError/wrongFormat(path:expected:found:)``.
  public init(contentsOf url: URL) throws(ImageError) {
    let data: Data
    do {
      data = try Data(contentsOf: url)
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
    guard let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
      throw .wrongFormat(
        path: url.path, expected: "a volume's JSON sidecar", found: "no JSON object")
    }
    for (key, value) in object {
      if let text = value as? String {
        texts[key] = text
        numbers[key] = Double(text)
      } else if let number = value as? NSNumber {
        numbers[key] = number.doubleValue
      }
    }
  }

  /// The kind of scan, "PT" for PET, where the file says it.
  var modality: String? { texts["Modality"] }

  /// Adds text fields that are not there.
  mutating func fill(_ more: [String: String]) {
    texts.merge(more) { mine, _ in mine }
  }

  /// The first of some fields that is a number.
  func number(_ names: String...) -> Double? { names.lazy.compactMap { numbers[$0] }.first }

  /// A field that is text.
  func text(_ name: String) -> String? { texts[name] }

  /// The time of day in seconds in a field like 13:05:12.5 or 130512.5. Seconds may lack a leading
  /// zero after a colon, as dcm2niix writes them.
  func timeOfDay(_ name: String) -> Double? {
    guard let text = texts[name] else { return nil }
    let parts: [Substring]
    if text.contains(":") {
      parts = text.split(separator: ":")
    } else {
      guard text.count >= 4 else { return nil }
      let (hours, rest) = (text.prefix(2), text.dropFirst(2))
      parts = [hours, rest.prefix(2), rest.dropFirst(2)].filter { !$0.isEmpty }
    }
    let numbers = parts.compactMap { Double($0) }
    guard numbers.count == parts.count, (2...3).contains(numbers.count) else { return nil }
    let (hours, minutes, seconds) = (numbers[0], numbers[1], numbers.count > 2 ? numbers[2] : 0)
    guard (0..<24).contains(hours), (0..<60).contains(minutes), (0..<61).contains(seconds) else {
      return nil
    }
    return hours * 3600 + minutes * 60 + seconds
  }
}
