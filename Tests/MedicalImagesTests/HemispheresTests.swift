import Testing

@testable import MedicalImages

@Suite struct HemispheresTests {
  /// A volume whose voxels are their own world x, so that a half shows its side.
  private func worldX(_ affine: Affine, shape: [Int]) -> Volume {
    var voxels: [Float] = []
    for k in 0..<shape[2] {
      for j in 0..<shape[1] {
        for i in 0..<shape[0] {
          voxels.append(Float(affine(SIMD3(Double(i), Double(j), Double(k))).x))
        }
      }
    }
    return Volume(name: "x", shape: shape, voxels: voxels, affine: affine).reoriented()
  }

  @Test func `the left half lies at smaller x whatever the order of the array`() throws {
    let affines = [
      Affine(spacing: SIMD3(1, 1, 1)),
      Affine(spacing: SIMD3(-1, -1, 1), origin: SIMD3(9, 0, 0)),
      Affine(i: SIMD3(0, 2, 0), j: SIMD3(-1, 0, 0), k: SIMD3(0, 0, -1)),
      Affine(i: SIMD3(0.1, 0, 3), j: SIMD3(0.2, -1, 0), k: SIMD3(0.98, 0.2, 0.1)),
      Affine(i: SIMD3(-0.94, 0.34, 0), j: SIMD3(-0.34, -0.94, 0), k: SIMD3(0, 0, 1)),
    ]
    for affine in affines {
      let volume = worldX(affine, shape: [10, 10, 10])
      let halves = try Hemispheres(of: volume)
      #expect(halves.right == 0..<5 && halves.left == 5..<10)
      let plane = volume.axialPlane(3)
      for row in 0..<plane.height {
        let right = plane.columns(halves.right)[row, 4]
        let left = plane.columns(halves.left)[row, 0]
        #expect(left < right, "\(affine)")
      }
    }
  }

  @Test func `a column on the midline belongs to neither half`() throws {
    let volume = worldX(Affine(spacing: SIMD3(-1, -1, 1)), shape: [7, 2, 1])
    let halves = try Hemispheres(of: volume)
    #expect(halves.right == 0..<3 && halves.left == 4..<7)
  }

  @Test func `a midline given in millimeters leaves halves of equal width`() throws {
    // LPS columns at x = 4, 3, …, -5.
    let volume = worldX(
      Affine(spacing: SIMD3(-1, -1, 1), origin: SIMD3(4, 0, 0)), shape: [10, 2, 1])
    let halves = try Hemispheres(of: volume, midline: .world(x: 0))
    #expect(halves.right == 0..<4 && halves.left == 5..<9)
    let shifted = try Hemispheres(of: volume, midline: .world(x: 2.5))
    #expect(shifted.right == 0..<2 && shifted.left == 2..<4)
  }

  @Test func `a midline outside the grid is refused`() {
    let volume = worldX(Affine(spacing: SIMD3(-1, -1, 1)), shape: [4, 2, 1])
    #expect(
      thrown { () throws(ImageError) in
        _ = try Hemispheres(of: volume, midline: .world(x: 100))
      }
        == .invalidParameter(name: "midline", value: "world(x: 100.0)", allowed: "inside x"))
  }

  @Test func `a volume that does not know its sides has no halves`() {
    let volume = Volume(
      name: "plain.nii", shape: [4, 4, 4], voxels: [Float](repeating: 0, count: 64),
      affine: Affine(spacing: SIMD3(1, 1, 1)), isOriented: false
    ).reoriented()
    #expect(
      thrown { () throws(ImageError) in _ = try Hemispheres(of: volume) }
        == .unknownOrientation(path: "plain.nii"))
  }
}
