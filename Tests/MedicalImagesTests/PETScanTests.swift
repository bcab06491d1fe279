import Foundation
import Testing

@testable import MedicalImages

@Suite struct PETScanTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private let numbers: [String: Double] = [
    "PatientWeight": 70, "RadionuclideTotalDose": 3.5e8, "RadionuclideHalfLife": 6586.2,
  ]
  private let texts = [
    "Units": "BQML", "DecayCorrection": "START", "RadiopharmaceuticalStartTime": "09:00:00",
    "AcquisitionTime": "100000.0",
  ]

  private func factor(
    _ numbers: [String: Double], _ texts: [String: String]
  ) -> Double? {
    guard case .suv(let factor, _) = UptakeCalibration(PETSidecar(numbers: numbers, texts: texts))
    else { return nil }
    return factor
  }

  @Test func `SUV is activity times weight over the dose that is left at the scan's start`() throws
  {
    // 70 000 g / (350 MBq · 2^(−3600 s / 6586.2 s))
    let expected = 70000 / (3.5e8 * exp2(-3600 / 6586.2))
    #expect(abs(try #require(factor(numbers, texts)) / expected - 1) < 1e-12)
    var admin = texts
    admin["DecayCorrection"] = "ADMIN"
    #expect(factor(numbers, admin) == 70000 / 3.5e8)
    var midnight = texts
    midnight["RadiopharmaceuticalStartTime"] = "233000"
    midnight["AcquisitionTime"] = "00:30:00"
    #expect(abs(try #require(factor(numbers, midnight)) / expected - 1) < 1e-12)
    // A series time before the acquisition is the scan's start; a later one is that of a copy.
    var series = texts
    series["AcquisitionTime"] = "10:20:00"
    series["SeriesTime"] = "10:00:00"
    #expect(abs(try #require(factor(numbers, series)) / expected - 1) < 1e-12)
    series["SeriesTime"] = "18:00:00"
    let later = 70000 / (3.5e8 * exp2(-4800 / 6586.2))
    #expect(abs(try #require(factor(numbers, series)) / later - 1) < 1e-12)
  }

  @Test func `times of day are read as DICOM and as dcm2niix write them`() {
    let cases: [(String, Double?)] = [
      ("100500.25", 36300.25), ("1005", 36300), ("10:05:0.000000", 36300), ("10:05:07.5", 36307.5),
      ("250000", nil), ("10:61:00", nil), ("soon", nil), ("", nil),
    ]
    for (text, seconds) in cases {
      #expect(PETSidecar(texts: ["T": text]).timeOfDay("T") == seconds, "\(text)")
    }
  }

  @Test func `a sidecar of a BIDS data set gives the same`() throws {
    let bids = [
      "BodyWeight": 70.0, "InjectedRadioactivity": 350, "InjectionStart": -3600,
      "ImageDecayCorrectionTime": 0,
    ]
    let words = [
      "Units": "Bq/mL", "InjectedRadioactivityUnits": "MBq", "TracerRadionuclide": "F18",
    ]
    let same = factor(numbers, texts)
    #expect(abs(try #require(factor(bids, words)) / #require(same) - 1) < 1e-12)
    #expect(factor([:], ["Units": "g/ml"]) == 1)
  }

  @Test func `what is missing or impossible is said, and the stored unit is kept`() {
    func reason(_ change: (inout [String: Double], inout [String: String]) -> Void) -> String? {
      var (numbers, texts) = (self.numbers, self.texts)
      change(&numbers, &texts)
      guard
        case .stored("BQML", let reason) = UptakeCalibration(
          PETSidecar(numbers: numbers, texts: texts))
      else { return nil }
      return reason
    }
    let cases: [(String, (inout [String: Double], inout [String: String]) -> Void)] = [
      ("the sidecar has no PatientWeight", { n, _ in n["PatientWeight"] = nil }),
      ("PatientWeight is 0.0 kg", { n, _ in n["PatientWeight"] = 0 }),
      ("the sidecar has no RadionuclideTotalDose", { n, _ in n["RadionuclideTotalDose"] = nil }),
      ("RadionuclideTotalDose is 350.0 Bq", { n, _ in n["RadionuclideTotalDose"] = 350 }),
      ("the sidecar has no RadionuclideHalfLife", { n, _ in n["RadionuclideHalfLife"] = nil }),
      ("DecayCorrection is NONE", { _, t in t["DecayCorrection"] = "NONE" }),
      ("the sidecar has no DecayCorrection", { _, t in t["DecayCorrection"] = nil }),
      (
        "the sidecar has no RadiopharmaceuticalStartTime",
        { _, t in t["RadiopharmaceuticalStartTime"] = "soon" }
      ),
      ("the sidecar has no AcquisitionTime", { _, t in t["AcquisitionTime"] = nil }),
      (
        "82800.0 s from injection to scan are not possible",
        { _, t in t["AcquisitionTime"] = "08:00:00" }
      ),
    ]
    for (expected, change) in cases { #expect(reason(change) == expected) }
    #expect(UptakeCalibration(nil) == .stored(unit: "stored", reason: "no JSON sidecar"))
    #expect(
      UptakeCalibration(PETSidecar())
        == .stored(unit: "stored", reason: "the sidecar has no Units"))
    #expect(
      UptakeCalibration(PETSidecar(texts: ["Units": "CNTS"]))
        == .stored(unit: "CNTS", reason: "Units is CNTS, neither Bq/ml nor g/ml"))
  }

  /// A volume whose value at a place in the patient is a fixed function of it.
  private func blob(_ affine: Affine, _ shape: [Int]) -> Volume {
    var volume = Volume(
      name: "blob", shape: shape, voxels: [Float](repeating: 0, count: shape.reduce(1, *)),
      affine: affine)
    for k in 0..<shape[2] {
      for j in 0..<shape[1] {
        for i in 0..<shape[0] {
          let place = affine(SIMD3(Double(i), Double(j), Double(k)))
          // Brightest at (18, 5, 30): to the right and up.
          let d = (place - SIMD3(18, 5, 30)) / SIMD3(14, 18, 10)
          volume[i, j, k] = Float(exp(-dot(d, d)))
        }
      }
    }
    return volume
  }

  @Test func `the projection is the same for any order of the axes`() throws {
    let straight = Affine(spacing: SIMD3(4, 4, 4), origin: SIMD3(-58, -58, -58))
    let volume = blob(straight, [30, 30, 30])
    let expected = try CoronalProjection(volume)
    // The patient's right is on the left: x = 18 is column 10 of 30; z = 30 is row 7.
    let brightest = try #require(
      expected.plane.values.firstIndex(of: expected.plane.range.upperBound))
    #expect(brightest % 30 == 10 && brightest / 30 == 7)
    let turned = [
      Affine(i: SIMD3(0, 0, -4), j: SIMD3(4, 0, 0), k: SIMD3(0, 4, 0), origin: SIMD3(-58, -58, 58)),
      Affine(i: SIMD3(0, -4, 0), j: SIMD3(0, 0, 4), k: SIMD3(-4, 0, 0), origin: SIMD3(58, 58, -58)),
    ]
    for affine in turned {
      #expect(try CoronalProjection(blob(affine, [30, 30, 30])).plane == expected.plane)
    }
  }

  @Test func `an oblique scan is projected along the patient, not along its slices`() throws {
    let angle = 0.35
    let (c, s) = (4 * cos(angle), 4 * sin(angle))
    let center = SIMD3(18.0, 5, 30)
    var oblique = Affine(i: SIMD3(4, 0, 0), j: SIMD3(0, c, s), k: SIMD3(0, -s, c))
    oblique.origin = center - oblique(SIMD3(15, 15, 15))
    let projection = try CoronalProjection(blob(oblique, [31, 31, 31]))
    let plane = projection.plane
    #expect(projection.spacing.height == 4 && projection.spacing.width == 4)
    // The plane's middle is the volume's, and every pixel within it the largest value on its line.
    let middle = (row: Double(plane.height - 1) / 2, column: Double(plane.width - 1) / 2)
    #expect(plane.range.upperBound > 0.9)
    for row in plane.height / 2 - 5...plane.height / 2 + 5 {
      for column in plane.width / 2 - 5...plane.width / 2 + 5 {
        let dz = 4 * (middle.row - Double(row)) / 10
        let dx = 4 * (middle.column - Double(column)) / 14
        #expect(abs(Double(plane[row, column]) - exp(-dx * dx - dz * dz)) < 0.06)
      }
    }
  }

  @Test func `a volume that does not know its sides has no projection`() {
    let volume = Volume(
      name: "v", shape: [2, 2, 2], voxels: [Float](repeating: 1, count: 8),
      affine: Affine(spacing: SIMD3(1, 1, 1)), isOriented: false)
    #expect(
      thrown { () throws(ImageError) in _ = try CoronalProjection(volume) }
        == .unknownOrientation(path: "v"))
  }

  @Test func `times are found in DICOM files with and without written types`() throws {
    var file = Data(count: 128) + Data("DICM".utf8)
    file += Data([0x08, 0, 0x31, 0]) + Data("TM".utf8) + Data([8, 0]) + Data("101500.0".utf8)
    file += Data([0x18, 0, 0x72, 0x10, 6, 0, 0, 0]) + Data("091000".utf8)
    let url = try scratch.file("a.dcm", file)
    #expect(
      DICOMElements.times(of: url)
        == ["SeriesTime": "101500.0", "RadiopharmaceuticalStartTime": "091000"])
    var stamped = Data(count: 128) + Data("DICM".utf8)
    stamped += Data([0x18, 0, 0x78, 0x10]) + Data("DT".utf8) + Data([14, 0])
    stamped += Data("20260102091000".utf8)
    let other = try scratch.file("b.dcm", stamped)
    #expect(DICOMElements.times(of: other) == ["RadiopharmaceuticalStartTime": "091000"])
    #expect(DICOMElements.times(of: try scratch.file("c", Data("text".utf8))).isEmpty)
  }

  @Test func `a missing or failing converter is an error with the remedy`() throws {
    #expect(
      thrown { () throws(ImageError) in _ = try ExternalProgram.dcm2niix(path: scratch.url.path) }
        == .missingProgram(
          name: "dcm2niix",
          remedy: "install it (sudo apt-get install dcm2niix), or give volumes in NIfTI"))
    let tool = try scratch.file(
      "dcm2niix", Data("#!/bin/sh\necho no; echo 'bad slices' >&2; exit 3\n".utf8))
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.path)
    let found = try ExternalProgram.dcm2niix(path: "/none:" + scratch.url.path)
    #expect(
      thrown { () throws(ImageError) in try found.run([], input: "series") }
        == .programFailed(name: "dcm2niix", input: "series", reason: "bad slices"))
    let folder = scratch.url.appendingPathComponent("empty")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    #expect(
      thrown { () throws(ImageError) in _ = try DICOMSeries(folder: folder).read() }
        == .wrongFormat(
          path: folder.path, expected: "a folder with one DICOM series",
          found: "no DICOM file in it"))
  }
}
