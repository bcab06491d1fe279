import Foundation
import TestSupport
import Testing

/// `convex phantom --kind pet` and `convex data pet` as a shell sees them.
@Suite struct PETProcessTests {
  @Test func `simulated bodies become projections in SUV`() throws {
    try withTemporaryDirectory { folder in
      let bodies = folder.appendingPathComponent("bodies").path
      let pictures = folder.appendingPathComponent("pictures").path
      let made = try ConvexProcess.run([
        "phantom", "--kind", "pet", "--out", bodies, "--patients", "3", "--spacing", "16",
      ])
      #expect(made.code == 0 && made.output.isEmpty && made.errors.isEmpty)
      let arguments = [
        "data", "pet", "--in", bodies, "--out", pictures, "--height", "32", "--width", "32",
      ]
      let first = try ConvexProcess.run(arguments)
      #expect(first.code == 0 && first.errors.isEmpty)
      #expect(
        first.output == "\(pictures): 3 projections (0 were there), 3 in SUV, 0 left out\n")
      let names = try FileManager.default.contentsOfDirectory(atPath: pictures).sorted()
      #expect(
        names == [
          "PET_0001_PET_0001_pet.json", "PET_0001_PET_0001_pet.png", "PET_0002_PET_0002_pet.json",
          "PET_0002_PET_0002_pet.png", "PET_0003_PET_0003_pet.json", "PET_0003_PET_0003_pet.png",
          "labels.csv", "masks", "projections.json",
        ])
      // One volume is lost, one has no sidecar any more: both are said, the third is kept.
      try FileManager.default.removeItem(atPath: bodies + "/PET_0001/PET_0001_pet.nii.gz")
      try FileManager.default.removeItem(atPath: bodies + "/PET_0002/PET_0002_pet.json")
      let second = try ConvexProcess.run(arguments)
      #expect(second.code == 0)
      #expect(
        second.output == "\(pictures): 2 projections (1 were there), 1 in SUV, 1 left out\n")
      let lines = second.errors.split(separator: "\n")
      #expect(
        lines.first
          == "convex: PET_0002/PET_0002_pet.nii.gz: kept in its stored unit, not SUV: no JSON sidecar"
      )
      #expect(
        lines.last?.contains("labels.csv, row 2: image is \"PET_0001/PET_0001_pet.nii.gz\"")
          == true && lines.count == 2)
    }
  }

  @Test func `bad usage and bad input are one line on standard error, and code 2`() throws {
    try withTemporaryDirectory { folder in
      let out = folder.appendingPathComponent("out").path
      let cases: [([String], String)] = [
        (["data", "pet", "--out", out], "--in"),
        (["data", "pet", "--in", "/none", "--out", out], "/none: cannot be read (no such folder)"),
        (["data", "pet", "--in", folder.path, "--out", out], "no labels.csv in it"),
        (
          ["data", "pet", "--in", folder.path, "--out", out, "--maximum-suv", "0"],
          "maximumSUV is 0.0"
        ),
        (
          ["data", "pet", "--in", folder.path, "--out", out, "--threads", "0"],
          "--threads must be at least 1"
        ),
        (["phantom", "--kind", "heart", "--out", out], "'heart' is invalid"),
        (
          ["phantom", "--kind", "pet", "--out", out, "--template", "x"],
          "--template is for --kind brain"
        ),
        (["phantom", "--kind", "pet", "--out", out, "--spacing", "1"], "spacing is 1.0"),
      ]
      for (arguments, text) in cases {
        let finished = try ConvexProcess.run(arguments)
        #expect(finished.code == 2 && finished.output.isEmpty, "\(arguments)")
        #expect(finished.errors.contains(text), "\(finished.errors)")
        #expect(finished.errors.split(separator: "\n").count == 1)
      }
      #expect(!FileManager.default.fileExists(atPath: out))
    }
  }

  @Test func `help teaches the table, the scale and the honesty`() throws {
    let finished = try ConvexProcess.run(["data", "pet", "--help"])
    #expect(finished.code == 0 && finished.errors.isEmpty)
    #expect(finished.output.contains("image,patient,label,mask"))
    #expect(finished.output.contains("stored / 65535"))
    let phantom = try ConvexProcess.run(["phantom", "--help"])
    #expect(phantom.output.contains("Nothing in them is real"))
  }
}
