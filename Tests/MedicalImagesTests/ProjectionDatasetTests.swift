import Foundation
import Testing

@testable import MedicalImages

@Suite struct ProjectionDatasetTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private var rules: ProjectionRules {
    var rules = ProjectionRules()
    (rules.height, rules.width) = (4, 4)
    return rules
  }

  private func load(_ name: String, _ rules: ProjectionRules) throws -> ProjectionSample {
    let masks = scratch.url.appendingPathComponent("masks/\(name)")
    return try ProjectionImage(
      name: name, patient: "P", label: .mild, file: scratch.url.appendingPathComponent(name),
      mask: FileManager.default.fileExists(atPath: masks.path) ? masks : nil
    ).load(rules: rules)
  }

  @Test func `values are shares of the file's range, or of a full scale in the unit of its record`()
    throws
  {
    try writePicture("a.png", in: scratch.url, value: 13107)
    let plain = try load("a.png", rules)
    #expect(plain.image.values == [Float](repeating: 0.2, count: 16))
    #expect(plain.unit == "1" && plain.fullScale == 1 && plain.mask == nil)
    _ = try scratch.file("a.json", Data(#"{"unit": "SUV", "maximum": 20}"#.utf8))
    let known = try load("a.png", rules)
    #expect(abs(known.image.values[3] - 0.2) < 1e-6)
    #expect(known.unit == "SUV" && known.fullScale == 20)
    var scaled = rules
    scaled.fullScale = 5
    #expect(abs(try load("a.png", scaled).image.values[3] - 0.8) < 1e-6)
    scaled.fullScale = 2
    #expect(try load("a.png", scaled).image.values[3] == 1)
  }

  @Test func `images keep their proportions, and masks go with them`() throws {
    try writePicture("a.png", in: scratch.url, value: 65535, height: 4, width: 2)
    try writePicture("masks/a.png", in: scratch.url, value: 1, height: 4, width: 2)
    let sample = try load("a.png", rules)
    let columns: [Float] = [0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0]
    #expect(sample.image.values == columns)
    #expect(sample.mask?.values == columns)
    try writePicture("masks/a.png", in: scratch.url, height: 4, width: 3)
    let (image, mask) = (
      scratch.url.appendingPathComponent("a.png").path,
      scratch.url.appendingPathComponent("masks/a.png").path
    )
    #expect(
      throws: ImageError.shapeMismatch(
        first: image, firstShape: [4, 2], second: mask, secondShape: [4, 3])
    ) { try load("a.png", rules) }
  }

  @Test func `a NIfTI projection is read in the patient's frame, whatever the order of its array`()
    throws
  {
    // i to the head, j to the front, k to the right: 2 voxels up, 1 deep, 3 across.
    let volume = Volume(
      name: "a", shape: [2, 1, 3], voxels: [1, 2, 3, 4, 5, 6],
      affine: Affine(i: SIMD3(0, 0, 2), j: SIMD3(0, 9, 0), k: SIMD3(2, 0, 0)))
    let url = scratch.url.appendingPathComponent("a.nii.gz")
    try NIfTI.write(volume, to: url)
    var wide = rules
    (wide.height, wide.width, wide.fullScale) = (2, 3, 8)
    let sample = try load("a.nii.gz", wide)
    // Top row: head; first column: the largest x.
    #expect(sample.image.values == [6, 4, 2, 5, 3, 1].map { $0 / 8 })
    wide.fullScale = nil
    #expect(throws: ImageError.unknownScale(path: url.path)) { try load("a.nii.gz", wide) }
    _ = try scratch.file("a.json", Data(#"{"unit": "SUV", "maximum": 4}"#.utf8))
    #expect(try load("a.nii.gz", wide).image.values == [1, 1, 0.5, 1, 0.75, 0.25])
  }

  @Test func `NIfTI files that are no projection are refused as what they are`() throws {
    var wide = rules
    wide.fullScale = 1
    func refusal(_ bytes: NIfTIBytes) throws -> ImageError? {
      _ = try scratch.file("a.nii", bytes.data)
      do {
        _ = try load("a.nii", wide)
        return nil
      } catch { return error as? ImageError }
    }
    let path = scratch.url.appendingPathComponent("a.nii").path
    let eight = [Float](repeating: 1, count: 8)
    #expect(
      try refusal(.floats(eight, dims: [3, 2, 2, 2, 1, 1, 1, 1]))
        == .unsupported(
          path: path, feature: "2 voxels from back to front, where a projection has one,",
          remedy: "make projections of volumes with 'convex data pet'"))
    #expect(
      try refusal(.floats(eight, dims: [4, 2, 1, 2, 2, 1, 1, 1]))
        == .severalFrames(path: path, shape: [2, 1, 2, 2]))
    #expect(
      try refusal(.floats([1, .nan, 1, 1], dims: [3, 2, 1, 2, 1, 1, 1, 1]))
        == .notFinite(path: path, count: 1, first: [1, 0, 0]))
    var unoriented = NIfTIBytes.floats([1, 1], dims: [3, 2, 1, 1, 1, 1, 1, 1])
    unoriented.sformCode = 0
    #expect(try refusal(unoriented) == .unknownOrientation(path: path))
  }

  @Test func `a record that says nothing or nonsense is refused`() throws {
    try writePicture("a.png", in: scratch.url)
    let json = try scratch.file("a.json", Data("{}".utf8))
    #expect(
      throws: ImageError.wrongFormat(
        path: json.path, expected: "a projection's JSON",
        found: "no object with \"unit\" (text) and \"maximum\" (a number)")
    ) { try load("a.png", rules) }
    _ = try scratch.file("a.json", Data(#"{"unit": "SUV", "maximum": -1}"#.utf8))
    #expect(
      throws: ImageError.invalidParameter(
        name: "\(json.path): maximum", value: "-1.0", allowed: "finite and above 0")
    ) { try load("a.png", rules) }
  }

  /// Twelve patients, four of each label, two images each; the last one's second is damaged.
  private func writeSet() throws {
    var lines = ["image,patient,label"]
    for patient in 0..<12 {
      let label = UptakeLabel.allCases[patient % 3]
      for image in 0..<2 {
        let name = "p\(patient)_\(image).png"
        try writePicture(name, in: scratch.url, value: UInt16(patient * 100 + image))
        lines.append("\(name),P\(patient),\(label.rawValue)")
      }
    }
    _ = try scratch.file("p11_1.png", Data("damaged".utf8))
    _ = try scratch.file("labels.csv", Data(lines.joined(separator: "\n").utf8))
  }

  @Test func `patients are split within their labels, and an image that cannot be read is listed`()
    throws
  {
    try writeSet()
    let data = try ProjectionDataset(folder: scratch.url, rules: rules, threads: 1)
    let again = try ProjectionDataset(folder: scratch.url, rules: rules, threads: 2)
    #expect(data.training == again.training && data.validation == again.validation)
    #expect(data.manifest == again.manifest)
    let sides = [data.training, data.validation].map { Set($0.map(\.patient)) }
    #expect(sides[0].isDisjoint(with: sides[1]) && sides[0].count == 9 && sides[1].count == 3)
    #expect(Set(data.validation.map(\.label)) == Set(UptakeLabel.allCases))
    let path = scratch.url.appendingPathComponent("p11_1.png").path
    guard case .wrongFormat(path, "a PNG file", _)? = data.problems.first else {
      Issue.record("the damaged image is not listed")
      return
    }
    #expect(data.problems.count == 1 && data.manifest.entries.count == 23)
    #expect(data.manifest.problems == data.problems.map(\.description))
    #expect(data.manifest.totals(of: .validation).patients == 3)
  }

  @Test func `the manifest hashes every file, and its fingerprint changes with a label`() throws {
    try writeSet()
    try writePicture("masks/p0_0.png", in: scratch.url)
    _ = try scratch.file("p0_0.json", Data(#"{"unit": "SUV", "maximum": 4}"#.utf8))
    let manifest = try ProjectionDataset(folder: scratch.url, rules: rules).manifest
    let entry = manifest.entries[0]
    #expect(entry.sha256.keys.sorted() == ["masks/p0_0.png", "p0_0.json", "p0_0.png"])
    #expect(
      entry.sha256["p0_0.png"]
        == (try ContentHash.sha256(contentsOf: scratch.url.appendingPathComponent("p0_0.png"))))
    #expect(entry.hasMask && !manifest.entries[1].hasMask)
    #expect(
      try JSONDecoder().decode(ProjectionManifest.self, from: manifest.json()) == manifest)
    let table = scratch.url.appendingPathComponent("labels.csv")
    let text = try String(contentsOf: table, encoding: .utf8)
    try Data(text.replacingOccurrences(of: "P0,normal", with: "P0,severe").utf8).write(to: table)
    let other = try ProjectionDataset(folder: scratch.url, rules: rules).manifest
    #expect(other.fingerprint != manifest.fingerprint)
  }

  @Test func `rules outside their range are refused by name`() {
    func refusal(_ change: (inout ProjectionRules) -> Void) -> ImageError? {
      var rules = ProjectionRules()
      change(&rules)
      return thrown { () throws(ImageError) in try rules.check() }
    }
    func invalid(_ name: String, _ value: String, _ allowed: String) -> ImageError {
      .invalidParameter(name: name, value: value, allowed: allowed)
    }
    #expect(refusal { $0.height = 0 } == invalid("height", "0", "from 1 to 8192"))
    #expect(refusal { $0.width = 9000 } == invalid("width", "9000", "from 1 to 8192"))
    #expect(refusal { $0.fullScale = 0 } == invalid("fullScale", "0.0", "finite and above 0"))
    #expect(
      refusal { $0.trainingFraction = 2 } == invalid("trainingFraction", "2.0", "from 0 to 1"))
    #expect(refusal { _ in } == nil)
  }

  @Test func `groups of one patient are split together`() {
    let sides = PatientSplit.assign(strata: ["a": 0, "b": 1, "c": 2], seed: 1).values
    #expect(sides.filter { $0 == .training }.count == 2 && sides.count == 3)
    let even = Dictionary(uniqueKeysWithValues: (0..<20).map { ("p\($0)", $0 % 2) })
    let split = PatientSplit.assign(strata: even, seed: 3)
    for group in 0..<2 {
      let members = even.filter { $0.value == group }.keys
      #expect(members.filter { split[$0] == .validation }.count == 2)
    }
  }
}
