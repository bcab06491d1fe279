import Foundation
import Testing

@testable import MedicalImages

/// Writes a gray picture whose numbers are all `value`.
func writePicture(
  _ name: String, in folder: URL, value: UInt16 = 1000, height: Int = 4, width: Int = 4
) throws {
  let url = folder.appendingPathComponent(name)
  try FileManager.default.createDirectory(
    at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
  try PNG.write(
    GrayRaster(
      height: height, width: width, samples: [UInt16](repeating: value, count: height * width)),
    to: url)
}

@Suite struct ProjectionFolderTests {
  let scratch: Scratch
  private let labels = "labels are normal, mild, severe"

  init() throws { scratch = try Scratch() }

  private func table(_ text: String) throws -> URL {
    try scratch.file("labels.csv", Data(text.utf8))
  }

  private func invalid(
    _ row: Int, _ column: String, _ value: String, _ remedy: String
  ) -> ImageError {
    .invalidRow(
      path: scratch.url.appendingPathComponent("labels.csv").path, row: row, column: column,
      value: value, remedy: remedy)
  }

  @Test(arguments: [
    "image,patient,label\na.png,P1,normal\nb.png,P2,severe\n",
    "\u{FEFF}image,patient,label\r\na.png,P1,normal\r\nb.png,P2,severe",
    "label,comment,Image,PATIENT\n\nNormal,\"x, \"\"y\"\"\",a.png,P1\n,,,\n SEVERE ,\"two\nlines\",b.png,P2\n",
    "image;patient;label\ra.png;P1;normal\rb.png;\"P2\";severe\r",
    "image\tpatient\tlabel\na.png\tP1\tnormal\nb.png\tP2\tsevere\n",
  ])
  func `a table is read in any of the forms that programs give it`(text: String) throws {
    for name in ["a.png", "b.png"] { try writePicture(name, in: scratch.url) }
    _ = try table(text)
    let folder = try ProjectionFolder(folder: scratch.url)
    #expect(folder.problems.isEmpty)
    #expect(folder.images.map(\.name) == ["a.png", "b.png"])
    #expect(folder.images.map(\.patient) == ["P1", "P2"])
    #expect(folder.images.map(\.label) == [.normal, .severe])
  }

  @Test
  func `each bad row is named with its line, column, value and remedy, and costs itself alone`()
    throws
  {
    for name in ["a.png", "b.png", "c.png", "d.jpg"] { try writePicture(name, in: scratch.url) }
    _ = try table(
      """
      image,patient,label,mask
      a.png,P1,normal,
      b.png,P2,moderate,
      "c.png,P3,mild,
      b.png,,mild,
      ,P4,mild,
      a.png,P5,mild,
      d.jpg,P6,mild,
      none.png,P7,mild,
      b.png,P8,mild,none.png
      c.png,P9,mild,,extra
      c.png,P10,severe,
      """)
    let folder = try ProjectionFolder(folder: scratch.url)
    #expect(folder.images.map(\.patient) == ["P1", "P10"])
    #expect(
      folder.problems == [
        invalid(3, "label", "moderate", labels),
        invalid(4, "line", "\"c.png,P3,mild,", "close the quote, or double it inside a field"),
        invalid(5, "patient", "", "give the patient's name, so that no patient is split"),
        invalid(6, "image", "", "give the path of the image"),
        invalid(7, "image", "a.png", "row 2 has that image too; keep one"),
        invalid(
          11, "fields", "5", "the header has 4; put quotes around a field with a separator"),
        invalid(8, "image", "d.jpg", "images end in .png, .nii or .nii.gz"),
        invalid(9, "image", "none.png", "there is no such file; paths are relative to the table"),
        invalid(10, "mask", "none.png", "there is no such file; paths are relative to the table"),
      ])
    #expect(
      folder.problems[0].description.hasSuffix(
        "labels.csv, row 3: label is \"moderate\"; \(labels)"))
  }

  @Test func `masks are found beside the images or by the column`() throws {
    for name in ["a.png", "b.png", "masks/a.png", "other/m.png"] {
      try writePicture(name, in: scratch.url)
    }
    _ = try table("image,patient,label,mask\na.png,A,mild,\nb.png,B,mild,other/m.png\n")
    let masks = try ProjectionFolder(folder: scratch.url).images.map { $0.mask?.path }
    #expect(
      masks == ["masks/a.png", "other/m.png"].map { scratch.url.appendingPathComponent($0).path })
  }

  @Test func `a folder without a table, without rows, or with another file for a table is refused`()
    throws
  {
    func refusal() -> ImageError? {
      thrown { () throws(ImageError) in _ = try ProjectionFolder(folder: scratch.url) }
    }
    #expect(refusal() == .noImages(folder: scratch.url.path, reason: "no labels.csv in it"))
    let missing = scratch.url.appendingPathComponent("none")
    #expect(
      thrown { () throws(ImageError) in _ = try ProjectionFolder(folder: missing) }
        == .unreadable(path: missing.path, reason: "no such folder"))
    let url = try table("image,patient,label\n\n")
    #expect(refusal() == .noImages(folder: scratch.url.path, reason: "labels.csv has no rows"))
    _ = try table("image,label\na.png,mild\n")
    #expect(
      refusal()
        == .missingColumn(path: url.path, column: "patient", found: ["image", "label"]))
    _ = try table("")
    #expect(refusal() == .missingColumn(path: url.path, column: "image", found: []))
    _ = try table("image,image,patient,label\n")
    #expect(
      refusal()
        == invalid(1, "header", "image,image,patient,label", "keep one column image"))
    _ = try scratch.file("labels.csv", Data([0xff, 0xfe, 0x69, 0x00]))
    #expect(
      refusal()
        == .wrongFormat(
          path: url.path, expected: "a table in UTF-8",
          found: "bytes that are no UTF-8 text; save it so"))
    _ = try table("image,patient,label\na.png,P,moderate\n")
    #expect(refusal() == invalid(2, "label", "moderate", labels))
  }
}
