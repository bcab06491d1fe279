import Testing

@testable import MedicalImages

@Suite struct PlaneTests {
  private let ramp = Plane(height: 1, width: 4, values: [0, 1, 2, 3])

  @Test func `bilinear doubling interpolates between cell centers`() {
    let doubled = ramp.resized(height: 1, width: 8, by: .bilinear)
    #expect(doubled.values == [0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3])
  }

  @Test func `bilinear halving weighs all cells of a constant and of a ramp`() {
    let halved = ramp.resized(height: 1, width: 2, by: .bilinear)
    // Triangle of radius 2 at centers 1 and 3: weights 3, 3, 1 (normalized) and mirrored.
    #expect(abs(halved.values[0] - 5.0 / 7) < 1e-6 && abs(halved.values[1] - 16.0 / 7) < 1e-6)
    let flat = Plane(height: 5, width: 7, values: [Float](repeating: 2, count: 35))
    for value in flat.resized(height: 3, width: 2, by: .bilinear).values {
      #expect(abs(value - 2) < 1e-6)
    }
  }

  @Test func `area resampling keeps the mean`() {
    #expect(ramp.resized(height: 1, width: 2, by: .area).values == [0.5, 2.5])
    let thirds = ramp.resized(height: 1, width: 3, by: .area).values
    for (value, expected) in zip(thirds, [0.25, 1.5, 2.75] as [Float]) {
      #expect(abs(value - expected) < 1e-6)
    }
  }

  @Test func `nearest repeats and picks`() {
    #expect(
      ramp.resized(height: 2, width: 8, by: .nearest).values
        == [0, 0, 1, 1, 2, 2, 3, 3, 0, 0, 1, 1, 2, 2, 3, 3])
    #expect(ramp.resized(height: 1, width: 2, by: .nearest).values == [1, 3])
  }

  @Test func `rows and columns are resampled alike`() {
    let plane = Plane(height: 3, width: 2, values: [1, 2, 3, 4, 5, 6])
    let turned = Plane(height: 2, width: 3, values: [1, 3, 5, 2, 4, 6])
    let (a, b) = (
      plane.resized(height: 5, width: 4, by: .bilinear),
      turned.resized(height: 4, width: 5, by: .bilinear)
    )
    for row in 0..<5 {
      for column in 0..<4 { #expect(abs(a[row, column] - b[column, row]) < 1e-6) }
    }
  }

  @Test func `standard scores have mean 0 and deviation 1 inside and are 0 outside`() throws {
    let volume = Volume(
      name: "v", shape: [5, 1, 1], voxels: [100, 1, 2, 3, 6],
      affine: Affine(spacing: SIMD3(1, 1, 1)))
    let scores = try volume.standardized(over: [false, true, true, true, true]).voxels
    let σ = (Float(14) / 4).squareRoot()
    #expect(scores[0] == 0)
    for (score, value) in zip(scores.dropFirst(), [-2, -1, 0, 3] as [Float]) {
      #expect(abs(score - value / σ) < 1e-6)
    }
    for mask in [[false, false, false, false, false], [true, false, false, false, false]] {
      #expect(
        thrown { () throws(ImageError) in _ = try volume.standardized(over: mask) }
          == .noContrast(path: "v"))
    }
  }
}
