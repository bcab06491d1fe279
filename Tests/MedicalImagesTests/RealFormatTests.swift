import Foundation
import Testing

@testable import MedicalImages

/// What real BraTS folders contain besides what they should.
@Suite struct RealFormatTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func path(_ patient: String, _ ending: String) -> String {
    scratch.url.appendingPathComponent("\(patient)/\(patient)_\(ending).nii.gz").path
  }

  /// Replaces a file of a patient.
  private func put(_ bytes: NIfTIBytes, _ patient: String, _ ending: String) throws {
    try bytes.data.write(to: URL(fileURLWithPath: path(patient, ending)))
  }

  private func image(_ dims: [Int16], _ values: [Float]) -> NIfTIBytes {
    var bytes = NIfTIBytes.floats(values, dims: dims)
    bytes.srow = [-1, 0, 0, 0, 0, -1, 0, 0, 0, 0, 1, 0]
    return bytes
  }

  @Test func `each defect is an error with the file's name, and the other patients are used`()
    throws
  {
    let names = [
      "A4D", "BNaN", "CLabel", "DMissing", "EShape", "FNoSeg", "GSides", "HShift", "Whole",
    ]
    for name in names { try writePatient(name, in: scratch.url) }
    let values = (0..<32).map { Float($0) }
    try put(image([4, 4, 4, 2, 2, 1, 1, 1], values + values), "A4D", "t2")
    var bad = values
    (bad[5], bad[9]) = (.nan, .infinity)
    try put(image([3, 4, 4, 2, 1, 1, 1, 1], bad), "BNaN", "flair")
    try writePatient("CLabel", in: scratch.url, endings: ["seg"], seg: { $0 < 2 ? 9 : 0 })
    try FileManager.default.removeItem(atPath: path("DMissing", "t1ce"))
    try writePatient("EShape", in: scratch.url, endings: ["seg"], shape: [4, 4, 3])
    try FileManager.default.removeItem(atPath: path("FNoSeg", "seg"))
    for ending in ["t1", "t1ce", "t2", "flair", "seg"] {
      var plain = image(
        [3, 4, 4, 2, 1, 1, 1, 1], ending == "seg" ? values.map { $0 > 3 ? 0 : 1 } : values)
      plain.sformCode = 0
      try put(plain, "GSides", ending)
    }
    try writePatient(
      "HShift", in: scratch.url, endings: ["flair"],
      affine: Affine(spacing: SIMD3(-1, -1, 1), origin: SIMD3(0, 0, 4)))
    var rules = SegmentationRules()
    (rules.size, rules.minimumTumorArea) = (.native, 1)
    let data = try SegmentationDataset(folder: scratch.url, rules: rules)
    #expect(data.manifest.entries.map(\.patient) == ["Whole"])
    let shifted = Affine(spacing: SIMD3(-1, -1, 1), origin: SIMD3(0, 0, 4))
    #expect(
      data.problems == [
        .missingFile(
          patient: "DMissing", what: "t1ce",
          candidates: ["t1ce", "t1c", "t1gd"].map { "DMissing_\($0).nii.gz" }),
        .missingFile(
          patient: "FNoSeg", what: "seg", candidates: ["FNoSeg_seg.nii.gz", "FNoSeg_segm.nii.gz"]),
        .severalFrames(path: path("A4D", "t2"), shape: [4, 4, 2, 2]),
        .notFinite(path: path("BNaN", "flair"), count: 2, first: [1, 1, 0]),
        .unknownLabel(path: path("CLabel", "seg"), value: 9, count: 2),
        .shapeMismatch(
          first: path("EShape", "t1"), firstShape: [4, 4, 2], second: path("EShape", "seg"),
          secondShape: [4, 4, 3]),
        .unknownOrientation(path: path("GSides", "seg")),
        .differentSpaces(
          first: path("HShift", "t1"), firstAffine: Affine(spacing: SIMD3(-1, -1, 1)),
          second: path("HShift", "flair"), secondAffine: shifted, millimeters: 4),
      ])
  }

  @Test func `a tilted scan is turned to the nearest axes, and the tumor keeps its side`() throws {
    // 12 degrees about y and 8 about x, indices running right, front, up: every one is flipped.
    let (a, b) = (0.21, 0.14)
    let oblique = Affine(
      i: SIMD3(10 * cos(a), 0, -10 * sin(a)),
      j: SIMD3(10 * sin(a) * sin(b), 10 * cos(b), 10 * cos(a) * sin(b)),
      k: SIMD3(5 * sin(a) * cos(b), -5 * sin(b), 5 * cos(a) * cos(b)),
      origin: SIMD3(-35, -35, 0))
    // Tumor where i is small: at the patient's left.
    try writePatient(
      "A", in: scratch.url, shape: [8, 8, 3], affine: oblique,
      seg: { $0 / 64 == 1 && $0 % 8 < 4 ? 2 : 0 })
    var rules = SegmentationRules()
    rules.size = .native
    let data = try SegmentationDataset(folder: scratch.url, rules: rules)
    #expect(data.training.map(\.side) == [.left, .right])
    #expect(data.training.map(\.label) == [true, false])
    #expect(abs(data.training[0].tumorArea - 3200) < 0.1)
    #expect(data.training[0].mask == [Float](repeating: 1, count: 32))
  }
}
