import Foundation

// Standardized uptake value by body weight:
//
//   SUV = c · w / (D · 2^(−Δ/T½))                                                               (1)
//
// c: activity in Bq/ml at the moment that the voxels are decay-corrected to; w: body weight in g;
// D: injected activity in Bq; Δ: seconds from the injection to that moment; T½: half-life in s.
// Voxels corrected to the injection (ADMIN) have Δ = 0; START means the start of the scan.

/// How the numbers of a PET volume become uptake values.
///
/// ```
/// SUV = c · w / (D · 2^(−Δ/T½))
/// ```
///
/// - Source: Quantitative Imaging Biomarkers Alliance, FDG-PET/CT profile, vendor-neutral SUV.
public enum UptakeCalibration: Sendable, Equatable {
  /// Voxels times `factor` are SUV by body weight; the note says from what.
  case suv(factor: Double, note: String)
  /// The voxels' own unit is kept, for a reason.
  case stored(unit: String, reason: String)

  /// The calibration that a sidecar allows.
  ///
  /// - Parameter sidecar: The fields, or nil where there is no file.
  public init(_ sidecar: PETSidecar?) {
    guard let sidecar else {
      self = .stored(unit: "stored", reason: "no JSON sidecar")
      return
    }
    let unit = sidecar.text("Units") ?? "stored"
    switch unit.uppercased().filter({ $0 != "/" && $0 != "_" && $0 != " " }) {
    case "GML", "SUV", "SUVBW": self = .suv(factor: 1, note: "stored as SUV (Units \(unit))")
    case "BQML": self = Self.fromActivity(sidecar, unit)
    case "STORED": self = .stored(unit: "stored", reason: "the sidecar has no Units")
    default: self = .stored(unit: unit, reason: "Units is \(unit), neither Bq/ml nor g/ml")
    }
  }

  private static func fromActivity(_ sidecar: PETSidecar, _ unit: String) -> UptakeCalibration {
    func stored(_ reason: String) -> UptakeCalibration { .stored(unit: unit, reason: reason) }
    guard let weight = sidecar.number("PatientWeight", "BodyWeight") else {
      return stored("the sidecar has no PatientWeight")
    }
    guard weight > 0.5 && weight < 500 else { return stored("PatientWeight is \(weight) kg") }
    guard let dose = injectedActivity(sidecar) else {
      return stored("the sidecar has no RadionuclideTotalDose")
    }
    guard dose > 1e5 && dose < 1e11 else { return stored("RadionuclideTotalDose is \(dose) Bq") }
    let elapsed: Double
    switch delay(sidecar) {
    case .success(let seconds): elapsed = seconds
    case .failure(let missing): return stored(missing.reason)
    }
    guard elapsed >= 0 && elapsed < 86400 / 2 else {
      return stored("\(elapsed) s from injection to scan are not possible")
    }
    var decay = 1.0
    if elapsed > 0 {
      guard let halfLife = halfLife(sidecar), halfLife > 1 else {
        return stored("the sidecar has no RadionuclideHalfLife")
      }
      decay = exp2(-elapsed / halfLife)
    }
    return .suv(
      factor: weight * 1000 / (dose * decay),  // (1)
      note: "\(weight) kg, \(dose / 1e6) MBq, \(elapsed / 60) min from injection to scan")
  }

  private static func injectedActivity(_ sidecar: PETSidecar) -> Double? {
    if let dose = sidecar.number("RadionuclideTotalDose") { return dose }
    let units = ["bq": 1, "kbq": 1e3, "mbq": 1e6, "gbq": 1e9, "mci": 3.7e7]
    guard let value = sidecar.number("InjectedRadioactivity"),
      let unit = units[(sidecar.text("InjectedRadioactivityUnits") ?? "").lowercased()]
    else { return nil }
    return value * unit
  }

  private static func halfLife(_ sidecar: PETSidecar) -> Double? {
    if let seconds = sidecar.number("RadionuclideHalfLife", "IsotopeHalfLife") { return seconds }
    let isF18 = ["F18", "18F", "F-18"].contains(sidecar.text("TracerRadionuclide") ?? "")
    return isF18 ? PETSettings.halfLife : nil
  }

  private struct Missing: Error {
    let reason: String
  }

  /// Δ of (1).
  private static func delay(_ sidecar: PETSidecar) -> Result<Double, Missing> {
    let injection = sidecar.number("InjectionStart")
    if let injection, let corrected = sidecar.number("ImageDecayCorrectionTime") {
      return .success(corrected - injection)
    }
    switch sidecar.text("DecayCorrection")?.uppercased() {
    case "ADMIN": return .success(0)
    case "START": break
    case let other?: return .failure(Missing(reason: "DecayCorrection is \(other)"))
    case nil: return .failure(Missing(reason: "the sidecar has no DecayCorrection"))
    }
    if let injection, let scan = sidecar.number("ScanStart") { return .success(scan - injection) }
    guard let injected = sidecar.timeOfDay("RadiopharmaceuticalStartTime") else {
      return .failure(Missing(reason: "the sidecar has no RadiopharmaceuticalStartTime"))
    }
    let times = [sidecar.timeOfDay("SeriesTime"), sidecar.timeOfDay("AcquisitionTime")]
    // A series that is later than its acquisition was made from it afterwards.
    guard let start = times.compactMap({ $0 }).min() else {
      return .failure(Missing(reason: "the sidecar has no AcquisitionTime"))
    }
    return .success(start >= injected ? start - injected : start - injected + 86400)
  }
}
