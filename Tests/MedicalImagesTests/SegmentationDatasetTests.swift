import Foundation
import Testing

@testable import MedicalImages

@Suite struct SegmentationDatasetTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Patients on an 8x8x3 grid of 10 mm² squares; tumor in the patient's left half of slice 1.
  private func write(_ names: [String]) throws {
    for name in names {
      try writePatient(
        name, in: scratch.url, shape: [8, 8, 3],
        affine: Affine(spacing: SIMD3(-10, -10, 5)),
        seg: { index in index / 64 == 1 && index % 8 >= 4 && index % 64 < 32 ? 2 : 0 })
    }
  }

  private var rules: SegmentationRules {
    var rules = SegmentationRules()
    rules.size = .native
    return rules
  }

  @Test func `samples are halves of slices with enough tumor, labeled by side`() throws {
    try write(["A"])
    let dataset = try SegmentationDataset(folder: scratch.url, rules: rules)
    #expect(dataset.training.map(\.side) == [.left, .right])
    let left = dataset.training[0]
    #expect(left.slice == 1 && left.label && left.tumorArea == 1600)
    #expect((left.height, left.width) == (8, 4) && left.image.count == 4 * 32)
    #expect(left.mask == (0..<32).map { $0 < 16 ? 1 : 0 })
    let right = dataset.training[1]
    #expect(!right.label && right.tumorArea == 0 && right.mask == [Float](repeating: 0, count: 32))
    #expect(left.plane(of: .t2).values == Array(left.image[64..<96]))
  }

  @Test func `a label threshold asks for more tumor in the half`() throws {
    try write(["A"])
    var strict = rules
    strict.labelThreshold = 1600
    #expect(
      try SegmentationDataset(folder: scratch.url, rules: strict).training.map(\.label)
        == [false, false])
  }

  @Test func `no patient trains and validates, and the seed decides who does what`() {
    let names = (0..<50).map { "p\($0)" }
    let split = PatientSplit.assign(names, seed: 1)
    #expect(split.count == 50)
    #expect(split.values.filter { $0 == .training }.count == 40)
    #expect(PatientSplit.assign(names.reversed(), seed: 1) == split)
    #expect(PatientSplit.assign(names, seed: 2) != split)
    #expect(
      PatientSplit.assign(["a", "b"], trainingFraction: 0.99, seed: 1).values.sorted {
        $0.rawValue < $1.rawValue
      } == [.training, .validation])
    #expect(PatientSplit.assign(["only"], seed: 3) == ["only": .training])
  }

  @Test func `samples and manifest are the same for any number of threads`() throws {
    try write((0..<7).map { "P\($0)" })
    let one = try SegmentationDataset(folder: scratch.url, rules: rules, threads: 1)
    let two = try SegmentationDataset(folder: scratch.url, rules: rules, threads: 2)
    #expect(one.training == two.training && one.validation == two.validation)
    #expect(one.manifest == two.manifest)
    let training = Set(one.training.map(\.patient))
    let validation = Set(one.validation.map(\.patient))
    #expect(training.isDisjoint(with: validation))
    #expect(training.count == 6 && validation.count == 1)
  }

  @Test func `the manifest counts and hashes what was used`() throws {
    try write(["A", "B"])
    let manifest = try SegmentationDataset(folder: scratch.url, rules: rules).manifest
    let entry = manifest.entries[0]
    #expect(entry.patient == "A" && entry.slices == [1])
    #expect((entry.positives, entry.negatives) == (1, 1))
    let file = scratch.url.appendingPathComponent("A/A_seg.nii.gz")
    #expect(entry.sha256["A_seg.nii.gz"] == (try ContentHash.sha256(contentsOf: file)))
    #expect(entry.sha256.count == 5)
    #expect(manifest.totals(of: .training).patients == 1)
    #expect(manifest.totals(of: .validation).patients == 1)
    #expect(try JSONDecoder().decode(Manifest.self, from: manifest.json()) == manifest)
    #expect(manifest.description.contains("seed 0"))
    #expect(manifest.fingerprint.count == 64)
  }

  @Test func `a file's hash is that of the standard`() {
    #expect(
      ContentHash.sha256(Data("abc".utf8))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      ContentHash.sha256(Data())
        == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    let missing = scratch.url.appendingPathComponent("none")
    guard
      case .unreadable? = thrown({ () throws(ImageError) in
        _ = try ContentHash.sha256(contentsOf: missing)
      })
    else {
      Issue.record("a missing file has a hash")
      return
    }
  }

  @Test func `a patient that cannot be read is left out and the rest is used`() throws {
    try write(["A", "B"])
    let broken = try scratch.file("B/B_t2.nii.gz", Data("nothing".utf8))
    let dataset = try SegmentationDataset(folder: scratch.url, rules: rules)
    #expect(dataset.manifest.entries.map(\.patient) == ["A"])
    #expect(
      dataset.problems == [
        .wrongFormat(
          path: broken.path, expected: "a NIfTI-1 file",
          found: "7 bytes, less than a header's 348")
      ])
    #expect(dataset.manifest.problems == dataset.problems.map(\.description))
    try scratch.file("A/A_t2.nii.gz", Data("nothing".utf8)).checkIsReachable()
    guard
      case .wrongFormat? = thrown({ () throws(ImageError) in
        _ = try SegmentationDataset(folder: scratch.url, rules: rules)
      })
    else {
      Issue.record("a data set without one usable patient was accepted")
      return
    }
  }

  @Test func `progress is told of every patient, and reading can be stopped`() throws {
    try write(["A", "B", "C"])
    let seen = Recorder()
    _ = try SegmentationDataset(
      folder: scratch.url, rules: rules, threads: 2, work: PatientWork(report: seen.add))
    #expect(seen.items.map(\.completed) == [1, 2, 3])
    #expect(Set(seen.items.map(\.patient)) == ["A", "B", "C"])
    #expect(seen.items.allSatisfy { $0.total == 3 })
    #expect(
      thrown { () throws(ImageError) in
        _ = try SegmentationDataset(
          folder: scratch.url, rules: rules, work: PatientWork(isCancelled: { true }))
      } == .cancelled)
  }
}

/// Remembers what progress was told.
final class Recorder: @unchecked Sendable {
  private let lock = NSLock()
  private var list: [PatientWork.Progress] = []

  func add(_ item: PatientWork.Progress) { lock.withLock { list.append(item) } }

  var items: [PatientWork.Progress] { lock.withLock { list } }
}

extension URL {
  fileprivate func checkIsReachable() throws { _ = try checkResourceIsReachable() }
}
