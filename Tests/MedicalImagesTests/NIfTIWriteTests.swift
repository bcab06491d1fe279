import Foundation
import Testing

@testable import MedicalImages

@Suite struct NIfTIWriteTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private let oblique = Affine(
    i: SIMD3(0.75, 0.1, 0), j: SIMD3(-0.1, 0.75, 0.2), k: SIMD3(0, -0.3, 1.5),
    origin: SIMD3(-90.25, -126, 71.5))

  private func volume(_ voxels: [Float], _ affine: Affine? = nil) -> Volume {
    Volume(
      name: "made", shape: [voxels.count, 1, 1], voxels: voxels, affine: affine ?? oblique)
  }

  private func refusal(_ volume: Volume, _ name: String, _ encoding: NIfTI.Encoding) -> ImageError?
  {
    let url = scratch.url.appendingPathComponent(name)
    return thrown { () throws(ImageError) in try NIfTI.write(volume, to: url, as: encoding) }
  }

  @Test func `voxels, affine and spacing survive a round trip`() throws {
    for name in ["a.nii", "a.nii.gz"] {
      let url = scratch.url.appendingPathComponent(name)
      let written = volume([0, -1.25, 3e5, 0.1])
      try NIfTI.write(written, to: url)
      let read = try NIfTI.read(url)
      #expect(read.voxels == written.voxels)
      #expect(read.affine.distance(to: oblique, over: [240, 240, 155]) < 1e-4)
      #expect(read.isOriented)
      #expect(try NIfTIHeader(contentsOf: url).isCompressed == (name == "a.nii.gz"))
    }
  }

  @Test func `a rigid affine is written as qform too, a sheared one as sform alone`() throws {
    let url = scratch.url.appendingPathComponent("a.nii")
    let rigid = Affine(
      i: SIMD3(0, 2, 0), j: SIMD3(-1.5, 0, 0), k: SIMD3(0, 0, 3), origin: SIMD3(1, 2, 3))
    try NIfTI.write(volume([1, 2], rigid), to: url)
    var bytes = try Data(contentsOf: url)
    #expect(bytes[252] == 1 && bytes[254] == 1)
    bytes[254] = 0  // without the sform the qform says the same
    let url2 = try scratch.file("b.nii", bytes)
    #expect(try NIfTIHeader(contentsOf: url2).affineSource == .qform)
    #expect(try NIfTI.read(url2).affine.distance(to: rigid, over: [100, 100, 100]) < 1e-3)
    try NIfTI.write(volume([1, 2], oblique), to: url)
    #expect(try Data(contentsOf: url)[252] == 0)
  }

  @Test func `an unoriented volume stays unoriented`() throws {
    let url = scratch.url.appendingPathComponent("a.nii")
    let plain = Volume(
      name: "made", shape: [1, 1, 1], voxels: [1], affine: Affine(spacing: SIMD3(1, 2, 3)),
      isOriented: false)
    try NIfTI.write(plain, to: url)
    #expect(try NIfTIHeader(contentsOf: url).affineSource == .spacing)
    #expect(try NIfTI.read(url).spacing == SIMD3(1, 2, 3))
  }

  @Test func `labels are written as bytes and nothing else is`() throws {
    let url = scratch.url.appendingPathComponent("seg.nii.gz")
    try NIfTI.write(volume([0, 1, 2, 4]), to: url, as: .uint8)
    #expect(try NIfTIHeader(contentsOf: url).voxelType == .uint8)
    #expect(try NIfTI.read(url).voxels == [0, 1, 2, 4])
    for (bad, value) in [([1, 0.5], Float(0.5)), ([-1], -1), ([256], 256)] as [([Float], Float)] {
      #expect(
        refusal(volume(bad), "bad.nii", .uint8)
          == .notRepresentable(
            path: scratch.url.appendingPathComponent("bad.nii").path, value: value, type: "UInt8"))
    }
  }

  @Test func `int16 rounds to integers, scaled int16 to half a slope`() throws {
    let url = scratch.url.appendingPathComponent("a.nii")
    try NIfTI.write(volume([0.4, -7.6, 32767]), to: url, as: .int16)
    #expect(try NIfTI.read(url).voxels == [0, -8, 32767])
    let values: [Float] = [-0.003, 0, 0.00125, 0.002]
    try NIfTI.write(volume(values), to: url, as: .scaledInt16)
    let read = try NIfTI.read(url)
    #expect(try NIfTIHeader(contentsOf: url).voxelType == .int16)
    for (a, b) in zip(read.voxels, values) { #expect(abs(a - b) <= 0.005 / 131068 * 1.01) }
    try NIfTI.write(volume([7, 7]), to: url, as: .scaledInt16)
    #expect(try NIfTI.read(url).voxels == [7, 7])
    #expect(
      refusal(volume([40000]), "a.nii", .int16)
        == .notRepresentable(path: url.path, value: 40000, type: "Int16"))
    guard case .notRepresentable? = refusal(volume([.infinity]), "a.nii", .scaledInt16) else {
      Issue.record("an infinite voxel was scaled")
      return
    }
  }

  @Test func `a refused write leaves the file that was there`() throws {
    let url = scratch.url.appendingPathComponent("a.nii")
    try NIfTI.write(volume([1]), to: url)
    #expect(refusal(volume([70000]), "a.nii", .int16) != nil)
    #expect(try NIfTI.read(url).voxels == [1])
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.url.path) == ["a.nii"])
  }

  @Test func `other endings, huge axes and missing folders are refused`() throws {
    #expect(
      refusal(volume([1]), "a.img", .float32)
        == .invalidParameter(
          name: "path", value: scratch.url.appendingPathComponent("a.img").path,
          allowed: "a name that ends in .nii or .nii.gz"))
    #expect(
      refusal(volume([Float](repeating: 0, count: 40000)), "a.nii", .float32)
        == .invalidParameter(
          name: "shape", value: "40000x1x1", allowed: "at most 32767 along each axis"))
    guard case .cannotWrite? = refusal(volume([1]), "none/a.nii", .float32) else {
      Issue.record("a write into a missing folder succeeded")
      return
    }
  }

  @Test func `equal volumes give equal compressed files`() throws {
    let (a, b) = (
      scratch.url.appendingPathComponent("a.nii.gz"), scratch.url.appendingPathComponent("b.nii.gz")
    )
    try NIfTI.write(volume([1, 2, 3]), to: a)
    try NIfTI.write(volume([1, 2, 3]), to: b)
    #expect(try Data(contentsOf: a) == Data(contentsOf: b))
  }
}
