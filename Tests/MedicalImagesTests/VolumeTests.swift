import Testing

@testable import MedicalImages

@Suite struct VolumeTests {
  private func volume(_ affine: Affine, shape: [Int] = [2, 3, 4], name: String = "v") -> Volume {
    Volume(
      name: name, shape: shape, voxels: (0..<shape.reduce(1, *)).map { Float($0) }, affine: affine)
  }

  private let oblique = Affine(
    i: SIMD3(0.1, -0.2, 2.9), j: SIMD3(-1.9, 0.2, 0.1), k: SIMD3(0.1, -0.9, -0.1),
    origin: SIMD3(7, 8, 9))

  @Test func `the inverse affine undoes the affine`() {
    let index = SIMD3(3.0, -2, 5)
    #expect(length(oblique.inverse(oblique(index)) - index) < 1e-12)
    #expect(abs(oblique.determinant * oblique.inverse.determinant - 1) < 1e-12)
  }

  @Test func `orientation letters say where indices grow`() {
    #expect(volume(Affine(spacing: SIMD3(1, 1, 1))).orientation == .ras)
    #expect(volume(Affine(spacing: SIMD3(-1, -1, 1))).orientation == .lps)
    #expect(volume(oblique).orientation.description == "SLP")
  }

  @Test func `an affine near 45 degrees still gives each index an axis of its own`() {
    let c = 0.7071
    let affine = Affine(i: SIMD3(c, c, 0), j: SIMD3(c, -c, 0.01), k: SIMD3(0, 0.01, 1))
    #expect(Set(Orientation(nearestTo: affine).axes) == [0, 1, 2])
  }

  @Test func `turning a volume keeps every voxel at its place in the patient`() {
    let source = volume(oblique)
    let turned = source.reoriented(to: .lps)
    #expect(turned.orientation == .lps)
    let toSource = source.affine.inverse
    for k in 0..<turned.shape[2] {
      for j in 0..<turned.shape[1] {
        for i in 0..<turned.shape[0] {
          let index = toSource(turned.affine(SIMD3(Double(i), Double(j), Double(k))))
          let (x, y, z) = (
            Int(index.x.rounded()), Int(index.y.rounded()), Int(index.z.rounded())
          )
          #expect(turned[i, j, k] == source[x, y, z])
        }
      }
    }
    #expect(turned.reoriented(to: source.orientation) == source)
  }

  @Test func `volumes of one space may differ by rounding and no more`() {
    let a = volume(Affine(spacing: SIMD3(1, 1, 1)), name: "a")
    let near = volume(Affine(spacing: SIMD3(1, 1, 1), origin: SIMD3(3e-4, 0, 0)), name: "b")
    #expect(thrown { () throws(ImageError) in try near.requireSameSpace(as: a) } == nil)
    let far = volume(Affine(spacing: SIMD3(1, 1, 1), origin: SIMD3(0, 2, 0)), name: "b")
    #expect(
      thrown { () throws(ImageError) in try far.requireSameSpace(as: a) }
        == .differentSpaces(
          first: "a", firstAffine: a.affine, second: "b", secondAffine: far.affine, millimeters: 2))
    let text = thrown { () throws(ImageError) in try far.requireSameSpace(as: a) }?.description
    #expect(
      text == "b: lies up to 2.0 mm away from a; affines [1 0 0 0; 0 1 0 2; 0 0 1 0] and "
        + "[1 0 0 0; 0 1 0 0; 0 0 1 0]; register or resample one onto the other")
    let other = volume(a.affine, shape: [2, 3, 5], name: "b")
    #expect(
      thrown { () throws(ImageError) in try other.requireSameSpace(as: a) }
        == .shapeMismatch(first: "a", firstShape: [2, 3, 4], second: "b", secondShape: [2, 3, 5]))
  }
}
