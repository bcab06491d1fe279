import Testing

@testable import MedicalImages

@Suite struct SegmentationRulesTests {
  /// A segmentation with `counts[k]` tumor pixels in slice k.
  private func segmentation(_ counts: [Int], spacing: SIMD3<Double>) -> Volume {
    var voxels = [Float](repeating: 0, count: 40 * 40 * counts.count)
    for (slice, count) in counts.enumerated() {
      for pixel in 0..<count { voxels[slice * 1600 + pixel] = [1, 2, 4][pixel % 3] }
    }
    return Volume(
      name: "seg", shape: [40, 40, counts.count], voxels: voxels,
      affine: Affine(spacing: spacing))
  }

  @Test func `slices need 1000 pixels of one square millimeter`() {
    let volume = segmentation([0, 999, 1000, 1600], spacing: SIMD3(-1, -1, 1))
    #expect(TumorSlices.indices(in: volume) == [2, 3])
    #expect(TumorSlices.areas(of: volume) == [0, 999, 1000, 1600])
  }

  @Test func `on other grids it is the area that counts`() {
    // 1.5 mm pixels: 1000 mm² are 444.4 pixels, whatever the slice's thickness.
    let volume = segmentation([444, 445], spacing: SIMD3(-1.5, -1.5, 7))
    #expect(TumorSlices.indices(in: volume) == [1])
    // A spacing rounded to single precision does not cost the slice with exactly 1000.
    let rounded = segmentation([1000], spacing: SIMD3(-0.99999994, -1, 1))
    #expect(TumorSlices.indices(in: rounded) == [0])
  }

  @Test func `the threshold is a parameter, and a slice without tumor never qualifies`() {
    let volume = segmentation([0, 5, 20], spacing: SIMD3(-1, -1, 1))
    #expect(TumorSlices.indices(in: volume, minimumArea: 10) == [2])
    #expect(TumorSlices.indices(in: volume, minimumArea: 0) == [1, 2])
  }

  private func rules(_ change: (inout SegmentationRules) -> Void) -> ImageError? {
    var rules = SegmentationRules()
    change(&rules)
    let made = rules
    return thrown { () throws(ImageError) in try made.check() }
  }

  @Test func `rules outside their range are refused by name`() {
    #expect(rules { _ in } == nil)
    #expect(
      rules { $0.minimumTumorArea = -1 }
        == .invalidParameter(name: "minimumTumorArea", value: "-1.0", allowed: "at least 0 mm²"))
    #expect(
      rules { $0.labelThreshold = .nan }
        == .invalidParameter(name: "labelThreshold", value: "nan", allowed: "at least 0 mm²"))
    #expect(
      rules { $0.trainingFraction = 1.5 }
        == .invalidParameter(name: "trainingFraction", value: "1.5", allowed: "from 0 to 1"))
    #expect(
      rules { $0.maximumSlicesPerPatient = 0 }
        == .invalidParameter(name: "maximumSlicesPerPatient", value: "0", allowed: "at least 1"))
    #expect(
      rules { $0.maskInterpolation = .bilinear }
        == .invalidParameter(
          name: "maskInterpolation", value: "bilinear", allowed: "nearest or area"))
    #expect(
      rules { $0.size = .height(0) }
        == .invalidParameter(name: "height", value: "0", allowed: "at least 1"))
    #expect(
      rules { $0.size = .exact(height: 4, width: 0) }
        == .invalidParameter(name: "size", value: "4x0", allowed: "at least 1x1"))
  }

  @Test func `a sample keeps the half slice's proportions in millimeters`() {
    var rules = SegmentationRules()
    rules.size = .height(96)
    #expect(rules.sampleSize(rows: 240, columns: 120, spacing: (1, 1)) == (96, 48))
    #expect(rules.sampleSize(rows: 240, columns: 60, spacing: (1, 2)) == (96, 48))
    rules.size = .native
    #expect(rules.sampleSize(rows: 240, columns: 120, spacing: (1, 1)) == (240, 120))
    rules.size = .exact(height: 64, width: 64)
    #expect(rules.sampleSize(rows: 240, columns: 120, spacing: (1, 1)) == (64, 64))
  }

  @Test func `at most so many slices are taken, from the first to the last`() {
    #expect(evenly([3, 4, 5, 6, 7], nil) == [3, 4, 5, 6, 7])
    #expect(evenly([3, 4, 5, 6, 7], 3) == [3, 5, 7])
    #expect(evenly([3, 4, 5, 6, 7], 1) == [5])
    #expect(evenly([3, 4], 9) == [3, 4])
    #expect(evenly([], 1) == [])
  }
}
