import Foundation
import Testing

@testable import MedicalImages

@Suite struct PETProjectorTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private var input: URL { scratch.url.appendingPathComponent("in") }
  private var output: URL { scratch.url.appendingPathComponent("out") }

  private var projector: PETProjector {
    get throws {
      var settings = PETSettings()
      (settings.height, settings.width, settings.maximumSUV) = (25, 25, 8)
      return try PETProjector(settings: settings)
    }
  }

  /// Writes a volume of 2 mm voxels whose middle is `value`, and a sidecar with Units g/ml.
  private func write(_ name: String, value: Float = 4, suv: Bool = true) throws {
    var volume = Volume(
      name: name, shape: [5, 5, 5], voxels: [Float](repeating: 1, count: 125),
      affine: Affine(spacing: SIMD3(2, 2, 2)))
    volume[2, 2, 2] = value
    let url = input.appendingPathComponent(name)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try NIfTI.write(volume, to: url)
    if suv {
      _ = try scratch.file("in/\(imageStem(name)).json", Data(#"{"Units": "GML"}"#.utf8))
    }
  }

  private func table(_ text: String) throws -> String {
    try scratch.file("in/labels.csv", Data(text.utf8)).path
  }

  @Test func `a volume becomes a picture in SUV, with its record, and a line in the table`() throws
  {
    try write("A/pet.nii.gz")
    _ = try table("image,patient,label\nA/pet.nii.gz,\"A, B\",severe\n")
    let summary = try projector.project(input, to: output)
    #expect(summary == PETProjector.Summary(written: 1, kept: 0, stored: [:], problems: []))
    let raster = try PNG.readGray(output.appendingPathComponent("A_pet.png"))
    #expect(raster.bits == 16 && raster.samples.max() == 32768 && raster.samples.min() == 8192)
    let record = try #require(
      try ProjectionRecord.read(of: output.appendingPathComponent("A_pet.png")))
    #expect(record.unit == "SUV" && record.maximum == 8 && record.source == "A/pet.nii.gz")
    #expect(record.millimetersPerPixel == 0.4 && record.clippedShare == 0)
    let text = try String(
      contentsOf: output.appendingPathComponent("labels.csv"), encoding: .utf8)
    #expect(text == "image,patient,label\nA_pet.png,\"A, B\",severe\n")
    let again = try projector.project(input, to: output)
    #expect(again.written == 0 && again.kept == 1)
    try write("A/pet.nii.gz", value: 6)
    #expect(try projector.project(input, to: output).written == 1)
    #expect(try PNG.readGray(output.appendingPathComponent("A_pet.png")).samples.max() == 49151)
  }

  @Test func `without a sidecar the stored unit is kept, and said`() throws {
    try write("a.nii", value: 500, suv: false)
    _ = try table("image,patient,label\na.nii,A,mild\n")
    #expect(try projector.project(input, to: output).stored == ["a.nii": "no JSON sidecar"])
    let record = try #require(
      try ProjectionRecord.read(of: output.appendingPathComponent("a.png")))
    #expect(record.unit == "stored" && record.unitNote == "no JSON sidecar")
    #expect(try PNG.readGray(output.appendingPathComponent("a.png")).samples.max() == 65535)
  }

  @Test func `each volume that cannot be used is listed, and the others are projected`() throws {
    for name in ["good.nii", "empty.nii", "twice.nii", "twice.nii.gz", "masked.nii"] {
      try write(name)
    }
    try NIfTI.write(
      Volume(
        name: "", shape: [5, 5, 5], voxels: [Float](repeating: 0, count: 125),
        affine: Affine(spacing: SIMD3(2, 2, 2))), to: input.appendingPathComponent("empty.nii"))
    func put(_ name: String, _ bytes: NIfTIBytes) throws -> String {
      try scratch.file("in/\(name)", bytes.data).path
    }
    let eight = [Float](repeating: 1, count: 8)
    let frames = try put("frames.nii", .floats(eight, dims: [4, 2, 2, 1, 2, 1, 1, 1]))
    let infinite = try put("infinite.nii", .floats([1, .infinity]))
    var plain = NIfTIBytes.floats(eight, dims: [3, 2, 2, 2, 1, 1, 1, 1])
    plain.sformCode = 0
    let unoriented = try put("unoriented.nii", plain)
    let small = try put("small.nii", .floats(eight, dims: [3, 2, 2, 2, 1, 1, 1, 1]))
    _ = try scratch.file("in/note.txt", Data("note".utf8))
    let path = try table(
      """
      image,patient,label,mask
      good.nii,P1,mild,
      frames.nii,P2,mild,
      infinite.nii,P3,mild,
      unoriented.nii,P4,mild,
      empty.nii,P5,mild,
      none.nii,P6,mild,
      twice.nii,P7,mild,
      twice.nii.gz,P8,mild,
      masked.nii,P9,mild,small.nii
      note.txt,P10,mild,
      good.nii,P11,strange,
      """)
    let summary = try projector.project(input, to: output)
    func row(_ line: Int, _ column: String, _ value: String, _ remedy: String) -> ImageError {
      .invalidRow(path: path, row: line, column: column, value: value, remedy: remedy)
    }
    func file(_ name: String) -> String { input.appendingPathComponent(name).path }
    #expect(summary.written == 2)
    #expect(
      summary.problems == [
        row(12, "label", "strange", "labels are normal, mild, severe"),
        row(
          9, "image", "twice.nii.gz",
          "its projection would have the name of that of row 8; rename one"),
        .severalFrames(path: frames, shape: [2, 2, 1, 2]),
        .notFinite(path: infinite, count: 1, first: [1, 0, 0]),
        .unknownOrientation(path: unoriented),
        .noUptake(path: file("empty.nii")),
        row(7, "image", "none.nii", "there is no such file or folder in \(input.path)"),
        .shapeMismatch(
          first: file("masked.nii"), firstShape: [5, 5, 5], second: small, secondShape: [2, 2, 2]),
        .wrongFormat(
          path: file("note.txt"), expected: "a NIfTI-1 file",
          found: "4 bytes, less than a header's 348"),
      ])
    #expect(try ProjectionFolder(folder: output).images.map(\.patient) == ["P1", "P7"])
  }

  @Test func `masks are projected onto the picture's pixels`() throws {
    try write("a.nii")
    var mask = Volume(
      name: "m", shape: [5, 5, 5], voxels: [Float](repeating: 0, count: 125),
      affine: Affine(spacing: SIMD3(2, 2, 2)))
    for k in 3..<5 { for i in 3..<5 { mask[i, 1, k] = 1 } }  // right and up
    try NIfTI.write(mask, to: input.appendingPathComponent("m.nii"), as: .uint8)
    _ = try table("image,patient,label,mask\na.nii,A,mild,m.nii\n")
    _ = try projector.project(input, to: output)
    let region = try PNG.readGray(output.appendingPathComponent("masks/a.png"))
    #expect(region.samples.first == 255 && region.samples.last == 0)
    let share = Double(region.samples.filter { $0 > 0 }.count) / 625
    #expect(abs(share - 4 / 25.0) < 0.03)
  }

  @Test func `another folder, other settings and no volume at all are refused`() throws {
    try write("a.nii")
    _ = try table("image,patient,label\na.nii,A,mild\n")
    let mine = scratch.url.appendingPathComponent("mine")
    _ = try scratch.file("mine/letter.txt", Data("mine".utf8))
    func refusal(_ to: URL, _ projector: PETProjector) -> ImageError? {
      thrown { () throws(ImageError) in _ = try projector.project(input, to: to) }
    }
    #expect(
      refusal(mine, try projector)
        == .occupied(folder: mine.path, reason: "holds files that are no projections"))
    _ = try projector.project(input, to: output)
    #expect(
      refusal(output, try PETProjector())
        == .occupied(
          folder: output.path,
          reason: "holds projections with other settings (25x25, SUV up to 8.0)"))
    let path = try table("image,patient,label\nnone.nii,A,mild\n")
    #expect(
      refusal(output, try projector)
        == .invalidRow(
          path: path, row: 2, column: "image", value: "none.nii",
          remedy: "there is no such file or folder in \(input.path)"))
    #expect(
      thrown { () throws(ImageError) in
        _ = try projectorOrFail().project(
          input, to: output, work: PatientWork(isCancelled: { true }))
      } == .cancelled)
  }

  private func projectorOrFail() throws(ImageError) -> PETProjector {
    var settings = PETSettings()
    (settings.height, settings.width, settings.maximumSUV) = (25, 25, 8)
    return try PETProjector(settings: settings)
  }

  @Test func `settings outside their range are refused by name`() {
    func refusal(_ change: (inout PETSettings) -> Void) -> ImageError? {
      var settings = PETSettings()
      change(&settings)
      return thrown { () throws(ImageError) in _ = try PETProjector(settings: settings) }
    }
    func invalid(_ name: String, _ value: String, _ allowed: String) -> ImageError {
      .invalidParameter(name: name, value: value, allowed: allowed)
    }
    #expect(refusal { $0.height = 8 } == invalid("height", "8", "from 16 to 8192 pixels"))
    #expect(refusal { $0.width = 8193 } == invalid("width", "8193", "from 16 to 8192 pixels"))
    #expect(refusal { $0.maximumSUV = 0 } == invalid("maximumSUV", "0.0", "from 0.1 to 1000"))
  }
}
