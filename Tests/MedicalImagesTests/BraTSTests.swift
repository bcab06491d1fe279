import Foundation
import Testing

@testable import MedicalImages

/// Writes a small patient in the BraTS layout.
func writePatient(
  _ name: String, in folder: URL, endings: [String] = ["t1", "t1ce", "t2", "flair", "seg"],
  separator: String = "_", gzip: Bool = true, shape: [Int] = [4, 4, 2],
  affine: Affine = Affine(spacing: SIMD3(-1, -1, 1)), seg: (Int) -> Float = { $0 == 0 ? 1 : 0 }
) throws {
  let place = folder.appendingPathComponent(name)
  try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
  for (number, ending) in endings.enumerated() {
    let isSegmentation = ending.lowercased().hasPrefix("seg")
    let voxels = (0..<shape.reduce(1, *)).map { index in
      isSegmentation ? seg(index) : Float((index * 7 + number) % 11)
    }
    try NIfTI.write(
      Volume(name: name, shape: shape, voxels: voxels, affine: affine),
      to: place.appendingPathComponent("\(name)\(separator)\(ending).nii\(gzip ? ".gz" : "")"),
      as: isSegmentation ? .uint8 : .int16)
  }
}

@Suite struct BraTSTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  @Test func `patients are found under the names and nesting of every year`() throws {
    try writePatient("Brats17_A_1", in: scratch.url.appendingPathComponent("HGG"))
    try writePatient("Brats17_B_1", in: scratch.url.appendingPathComponent("LGG"), gzip: false)
    try writePatient(
      "BraTS-GLI-00000-000", in: scratch.url, endings: ["t1n", "t1c", "t2w", "t2f", "seg"],
      separator: "-")
    try writePatient(
      "BraTS20_Training_355", in: scratch.url, endings: ["T1", "t1CE", "t2", "flair", "Segm"])
    let dataset = try BraTSDataset(folder: scratch.url)
    #expect(
      dataset.patients.map(\.name)
        == ["BraTS-GLI-00000-000", "BraTS20_Training_355", "Brats17_A_1", "Brats17_B_1"])
    #expect(dataset.problems.isEmpty)
    for patient in dataset.patients {
      let scan = try patient.load()
      // Modality number m was written with values (7·index + m) mod 11.
      #expect(scan[.t1].voxels[1] == 7 && scan[.flair].voxels[1] == 10)
      #expect(scan.segmentation?.voxels.first == 1)
    }
  }

  @Test func `an incomplete patient is named and the others are listed`() throws {
    try writePatient("A", in: scratch.url)
    try writePatient("B", in: scratch.url, endings: ["t1", "t2", "flair", "seg"])
    try writePatient("C", in: scratch.url, endings: ["t1", "t1ce", "t2", "flair"])
    try writePatient("D", in: scratch.url)
    try writePatient("D", in: scratch.url, gzip: false)
    let dataset = try BraTSDataset(folder: scratch.url)
    #expect(dataset.patients.map(\.name) == ["A"])
    #expect(
      dataset.problems == [
        .missingFile(
          patient: "B", what: "t1ce",
          candidates: ["B_t1ce.nii.gz", "B_t1c.nii.gz", "B_t1gd.nii.gz"]),
        .missingFile(
          patient: "C", what: "seg", candidates: ["C_seg.nii.gz", "C_segm.nii.gz"]),
        .ambiguousFile(patient: "D", what: "t1", found: ["D_t1.nii", "D_t1.nii.gz"]),
      ])
    let unlabeled = try BraTSDataset(folder: scratch.url, requireSegmentation: false)
    #expect(unlabeled.patients.map(\.name) == ["A", "C"])
  }

  @Test func `a folder without patients is refused`() throws {
    #expect(
      thrown { () throws(ImageError) in _ = try BraTSDataset(folder: scratch.url) }
        == .noPatients(folder: scratch.url.path))
    let missing = scratch.url.appendingPathComponent("none")
    guard
      case .unreadable? = thrown({ () throws(ImageError) in _ = try BraTSDataset(folder: missing) })
    else {
      Issue.record("a missing folder was listed")
      return
    }
  }

  @Test func `volumes that do not share a grid are refused by both names`() throws {
    try writePatient("A", in: scratch.url)
    try writePatient("A", in: scratch.url, endings: ["t2"], shape: [4, 4, 3])
    let patient = try BraTSPatient(folder: scratch.url.appendingPathComponent("A"))
    let paths = [Modality.t1, .t2].map { patient.images[$0]?.path ?? "" }
    #expect(
      thrown { () throws(ImageError) in _ = try patient.load() }
        == .shapeMismatch(
          first: paths[0], firstShape: [4, 4, 2], second: paths[1], secondShape: [4, 4, 3]))
    try writePatient(
      "A", in: scratch.url, endings: ["t2"],
      affine: Affine(spacing: SIMD3(-1, -1, 1), origin: SIMD3(0, 5, 0)))
    guard
      case .differentSpaces(_, _, paths[1], _, 5)? = thrown({ () throws(ImageError) in
        _ = try patient.load()
      })
    else {
      Issue.record("a shifted modality was accepted")
      return
    }
  }

  @Test func `labels 1, 2, 3 and 4 are tumor and other values are refused`() throws {
    try writePatient("A", in: scratch.url, seg: { Float($0 % 5) })
    let patient = try BraTSPatient(folder: scratch.url.appendingPathComponent("A"))
    #expect(try patient.load().segmentation?.voxels[3] == 3)
    #expect(TumorLabel(voxel: 3) == .enhancing && TumorLabel(voxel: 4) == .enhancing)
    try writePatient("A", in: scratch.url, endings: ["seg"], seg: { $0 < 3 ? 7 : 0 })
    #expect(
      thrown { () throws(ImageError) in _ = try patient.load() }
        == .unknownLabel(path: patient.segmentation?.path ?? "", value: 7, count: 3))
  }
}
