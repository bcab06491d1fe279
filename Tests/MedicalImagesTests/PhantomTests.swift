import ConvexKit
import Foundation
import Testing

@testable import MedicalImages

/// Phantoms of the real template, on a grid coarse enough for debug builds.
@Suite struct PhantomTests {
  private static let settings = PhantomSettings(seed: 11, spacing: 4)
  private static let generator = Result { try PhantomGenerator(settings: settings) }
  private static let patients = Result { try (1...4).map { try generator.get().patient($0) } }
  /// For sets on the disk, coarser still.
  private static let coarse = Result {
    try PhantomGenerator(settings: PhantomSettings(seed: 11, spacing: 7))
  }

  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func patient(_ number: Int) throws -> PhantomPatient {
    try Self.patients.get()[number - 1]
  }

  @Test func `a phantom has BraTS's field of view, orientation and labels`() throws {
    let phantom = try patient(1)
    for image in phantom.scan.images {
      #expect(image.shape == [60, 60, 39])
      #expect(image.orientation == .lps && image.spacing == SIMD3(4, 4, 4))
      // The middle of the grid is on the midline.
      #expect(abs(image.affine(SIMD3(29.5, 29.5, 19)).x) < 1e-9)
    }
    let labels = try #require(phantom.scan.segmentation)
    #expect(Set(labels.voxels) == [0, 1, 2, 4])
    for label in TumorLabel.allCases {
      let count = labels.voxels.filter { $0 == Float(label.rawValue) }.count
      #expect(phantom.record.milliliters["\(label.rawValue)"] == Double(count) * 0.064)
    }
  }

  @Test func `the four modalities share one brain, and the background is zero`() throws {
    let phantom = try patient(1)
    let masks = phantom.scan.images.map { image in image.voxels.map { $0 > 0 } }
    #expect(masks.allSatisfy { $0 == masks[0] })
    // An adult brain without the skull; the template has 1.74 liters.
    let liters = Double(masks[0].filter { $0 }.count) * 64e-6
    #expect(liters > 1.3 && liters < 2.2)
    let labels = try #require(phantom.scan.segmentation)
    for (label, isBrain) in zip(labels.voxels, masks[0]) where label > 0 { #expect(isBrain) }
  }

  @Test func `tissues stand out as they do in each modality`() throws {
    for number in 1...3 {
      let scan = try patient(number).scan
      let labels = try #require(scan.segmentation).voxels
      func mean(_ modality: Modality, _ label: Float) -> Float {
        let values = zip(scan[modality].voxels, labels).filter { $0.0 > 0 && $0.1 == label }
        return values.reduce(0) { $0 + $1.0 } / Float(max(1, values.count))
      }
      let (healthy, necrosis, edema, rim): (Float, Float, Float, Float) = (0, 1, 2, 4)
      #expect(mean(.t1, edema) < mean(.t1, healthy))
      #expect(mean(.t1, necrosis) < mean(.t1, edema))
      #expect(mean(.t1ce, rim) > 1.3 * mean(.t1ce, healthy))
      #expect(mean(.t1ce, rim) > 1.3 * mean(.t1ce, necrosis))
      #expect(mean(.t2, edema) > 1.1 * mean(.t2, healthy))
      #expect(mean(.flair, edema) > 1.2 * mean(.flair, healthy))
      #expect(mean(.flair, necrosis) < mean(.flair, edema))
    }
  }

  @Test func `a tumor stays on its own side of the midline`() throws {
    var sides: Set<Side> = []
    for number in 1...4 {
      let phantom = try patient(number)
      let labels = try #require(phantom.scan.segmentation)
      let halves = try Hemispheres(of: labels)
      let side = phantom.record.tumor.side
      sides.insert(side)
      let other = halves.columns(of: side == .left ? .right : .left)
      for slice in 0..<labels.shape[2] {
        #expect(labels.axialPlane(slice).columns(other).values.allSatisfy { $0 == 0 })
      }
      #expect(!TumorSlices.indices(in: labels).isEmpty)
    }
    #expect(sides.count == 2)
  }

  @Test func `no phantom folds its anatomy`() throws {
    for number in 1...4 {
      let record = try patient(number).record
      #expect(record.smallestJacobian >= 0.1 && record.smallestJacobian < 1)
    }
  }

  @Test func `the same seed gives the same patients, another seed others`() throws {
    let coarse = try Self.coarse.get()
    let first = try coarse.patient(2)
    let again = try coarse.patient(2)
    #expect(again.scan.images == first.scan.images && again.record == first.record)
    let other = try PhantomGenerator(settings: PhantomSettings(seed: 12, spacing: 7)).patient(2)
    #expect(other.scan[.t1].voxels != first.scan[.t1].voxels)
    #expect(try coarse.patient(3).scan[.t1].voxels != first.scan[.t1].voxels)
  }

  private func write(_ name: String, _ count: Int, threads: Int, _ work: PatientWork? = nil) throws
    -> URL
  {
    let folder = scratch.url.appendingPathComponent(name)
    try Self.coarse.get().write(
      patients: count, to: folder, threads: threads, work: work ?? PatientWork())
    return folder
  }

  private func contents(_ folder: URL) throws -> [String: Data] {
    let manager = FileManager.default
    var files: [String: Data] = [:]
    for path in try manager.subpathsOfDirectory(atPath: folder.path) {
      files[path] = manager.contents(atPath: folder.appendingPathComponent(path).path)
    }
    return files
  }

  @Test func `a written set is the same to the bit for any number of threads`() throws {
    let one = try contents(write("one", 3, threads: 1))
    let two = try contents(write("two", 3, threads: 2))
    #expect(one == two)
    #expect(one.keys.contains("Phantom_0003/Phantom_0003_flair.nii.gz"))
    let readme = String(decoding: one["README.md"] ?? Data(), as: UTF8.self)
    #expect(readme.contains("**The tumors in this folder are simulated.**"))
    let record = try JSONDecoder().decode(
      PhantomPatient.Record.self, from: one["Phantom_0002/phantom.json"] ?? Data())
    #expect(try record == Self.coarse.get().patient(2).record)
  }

  @Test func `the BraTS reader reads what was written`() throws {
    let folder = try write("set", 2, threads: 2)
    var rules = SegmentationRules()
    rules.size = .height(40)
    let dataset = try SegmentationDataset(folder: folder, rules: rules)
    #expect(dataset.problems.isEmpty)
    #expect(dataset.manifest.entries.map(\.patient) == ["Phantom_0001", "Phantom_0002"])
    let labels = (dataset.training + dataset.validation).map(\.label)
    #expect(labels.filter { $0 }.count * 2 == labels.count)
    #expect(
      try Self.coarse.get().patient(1).scan.segmentation?.voxels
        == BraTSDataset(folder: folder).patients[0].load().segmentation?.voxels)
  }

  @Test func `an interrupted run leaves whole patients, and the next one completes the set`() throws
  {
    let seen = Recorder()
    let folder = scratch.url.appendingPathComponent("set")
    let stop = PatientWork(report: seen.add, isCancelled: { seen.items.count >= 1 })
    let generator = try Self.coarse.get()
    #expect(
      thrown { () throws(ImageError) in
        try generator.write(patients: 3, to: folder, threads: 1, work: stop)
      } == .cancelled)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["Phantom_0001", "README.md", "phantom.json"])
    let stale = folder.appendingPathComponent(".Phantom_0002.partial")
    try FileManager.default.createDirectory(at: stale, withIntermediateDirectories: true)
    let whole = try contents(write("whole", 3, threads: 2))
    #expect(try contents(write("set", 3, threads: 1)) == whole)
  }

  @Test func `a folder with other things or other settings is left alone`() throws {
    let generator = try Self.coarse.get()
    let other = try scratch.file("mine/letter.txt", Data("dear".utf8)).deletingLastPathComponent()
    #expect(
      thrown { () throws(ImageError) in try generator.write(patients: 1, to: other) }
        == .occupied(folder: other.path, reason: "holds files that are no phantom data set"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: other.path) == ["letter.txt"])
    let set = try write("set", 1, threads: 1)
    let different = try PhantomGenerator(settings: PhantomSettings(seed: 12, spacing: 7))
    #expect(
      thrown { () throws(ImageError) in try different.write(patients: 1, to: set) }
        == .occupied(
          folder: set.path,
          reason: "holds phantoms with other settings (seed 11, spacing 7.0 mm, template "
            + "\(PhantomSettings.defaultTemplate))"))
    _ = try scratch.file("set/phantom.json", Data("{".utf8))
    #expect(
      thrown { () throws(ImageError) in try generator.write(patients: 1, to: set) }
        == .occupied(folder: set.path, reason: "its phantom.json cannot be read"))
    let file = try scratch.file("file", Data())
    guard
      case .cannotWrite? = thrown({ () throws(ImageError) in
        try generator.write(patients: 1, to: file)
      })
    else {
      Issue.record("a file was taken for a folder")
      return
    }
  }

  private func refusal(_ change: (inout PhantomSettings) -> Void) -> ImageError? {
    var settings = Self.settings
    change(&settings)
    let made = settings
    return thrown { () throws(ImageError) in _ = try PhantomGenerator(settings: made) }
  }

  @Test func `settings outside their range are refused by name`() throws {
    func name(_ change: (inout PhantomSettings) -> Void) -> [String] {
      guard case .invalidParameter(let name, let value, _)? = refusal(change) else { return [] }
      return [name, value]
    }
    #expect(name { $0.spacing = 0 } == ["spacing", "0.0"])
    #expect(name { $0.spacing = .nan } == ["spacing", "nan"])
    #expect(name { $0.largestDisplacement = 50 } == ["largestDisplacement", "50.0"])
    #expect(name { $0.deformationScale = 5 } == ["deformationScale", "5.0"])
    #expect(name { $0.coreRadius = 1...5 } == ["coreRadius", "1.0...5.0"])
    #expect(name { $0.edemaReach = 0...90 } == ["edemaReach", "0.0...90.0"])
    #expect(name { $0.massEffect = 0...1 } == ["massEffect", "0.0...1.0"])
    #expect(name { $0.noise = 0...2 } == ["noise", "0.0...2.0"])
    #expect(name { $0.bias = -1 } == ["bias", "-1.0"])
    #expect(name { $0.variation = 0.5 } == ["variation", "0.5"])
    let generator = try Self.coarse.get()
    #expect(
      thrown { () throws(ImageError) in try generator.write(patients: 0, to: scratch.url) }
        == .invalidParameter(name: "patients", value: "0", allowed: "from 1 to 9999"))
    #expect(
      refusal { $0.template = "/none.nii" }
        == .unreadable(path: "/none.nii", reason: "no such file"))
  }

  @Test func `a template without tissue classes or without room is refused`() throws {
    func template(_ name: String, _ voxel: (Int) -> Float) throws -> String {
      let url = scratch.url.appendingPathComponent(name)
      let voxels = (0..<8000).map(voxel)
      try NIfTI.write(
        Volume(
          name: name, shape: [20, 20, 20], voxels: voxels, affine: Affine(spacing: SIMD3(1, 1, 1))),
        to: url)
      return url.path
    }
    let empty = try template("empty.nii") { _ in 0 }
    #expect(refusal { $0.template = empty } == .noContrast(path: empty))
    let flat = try template("flat.nii") { _ in 5 }
    #expect(refusal { $0.template = flat } == .noContrast(path: flat))
    let tiny = try template("tiny.nii") { Float($0 % 20) }
    let generator = try PhantomGenerator(
      settings: PhantomSettings(seed: 1, spacing: 8, template: tiny))
    #expect(
      thrown { () throws(ImageError) in _ = try generator.patient(1) }
        == .invalidParameter(
          name: "template", value: tiny,
          allowed: "a skull-stripped T1-weighted brain with white matter on both sides of x = 0"))
  }
}
