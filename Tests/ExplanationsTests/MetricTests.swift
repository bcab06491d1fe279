import Explanations
import Networks
import TestSupport
import Testing

/// Metrics against scikit-learn and NumPy.
@Suite struct MetricTests {
  @Test(arguments: try ReferenceData.set.cases("metrics", "average_precision"))
  func `average precision is scikit-learn's, ties together`(_ reference: FixtureCase) throws {
    let labels = try reference.integers("label").map { $0 == 1 }
    let value = averagePrecision(try reference.stored("score").elements, labels)
    try reference.expectNumber("average_precision", value)
  }

  @Test(arguments: try ReferenceData.set.cases("metrics", "balanced_accuracy"))
  func `balanced accuracy is scikit-learn's`(_ reference: FixtureCase) throws {
    let result = BalancedAccuracy(
      predicted: try reference.integers("predicted"), labels: try reference.integers("true"))
    try reference.expectNumber("balanced_accuracy", result.value)
    if reference.numbers?["adjusted"] != nil {
      try reference.expectNumber("adjusted", try #require(result.adjusted))
    } else {
      #expect(result.adjusted == nil)
    }
  }

  @Test(arguments: try ReferenceData.set.cases("metrics", "quantile_iou"))
  func `overlaps at quantiles are NumPy's`(_ reference: FixtureCase) throws {
    let mask = try reference.integers("mask").map { $0 != 0 }
    let size = try #require(reference.inputs["mask"]).shape
    let map = try reference.stored("map")
    let resized = map.reshaped([1, 1] + map.shape).resized(to: size, mode: .nearest)
    try reference.expect("resized", resized.reshaped(size))
    let scores = try SegmentationScores(map: map, mask: mask, size: size)
    try reference.expectNumber("average_precision", scores.averagePrecision)
    for overlap in scores.overlaps {
      let q = "q\(overlap.quantile)"
      let numbers = try #require(reference.numbers?[q], "\(reference.id) has no \(q)")
      let threshold = try #require(numbers["threshold"]?.double)
      #expect(abs(overlap.threshold - threshold) <= 1e-6 * abs(threshold), "\(reference.id) \(q)")
      #expect(overlap.selected == numbers["selected"]?.int)
      #expect(overlap.intersection == numbers["intersection"]?.int)
      #expect(overlap.union == numbers["union"]?.int)
      #expect(overlap.iou == numbers["iou"]?.double)
      let hot = try reference.array("hot_\(overlap.quantile)").integers().map { $0 != 0 }
      #expect(overlap.hot == hot)
      #expect(
        overlap
          == QuantileOverlap(map: resized.elements, mask: mask, quantile: overlap.quantile))
    }
  }

  @Test func `nothing hot and an empty mask have no overlap, an all-positive mask has`() {
    let constant = QuantileOverlap(map: [1, 1, 1], mask: [false, false, false], quantile: 0.5)
    #expect(constant.iou == nil)
    let all = QuantileOverlap(map: [0, 1, 2], mask: [true, true, true], quantile: 0.5)
    #expect(all.iou == 1 / 3.0)
    #expect(averagePrecision([0, 1, 2], [true, true, true]) == 1)
    #expect(averagePrecision([.nan, .nan], [true, false]).isFinite)
  }

  @Test func `maps and masks that do not fit are refused`() {
    let map = Tensor(repeating: 1, shape: [2, 3, 3])
    #expect(
      throws: ExplanationError.shapeMismatch(
        operand: "map", expected: [1, 1, -1, -1], actual: [2, 3, 3])
    ) { try SegmentationScores(map: map, mask: [true], size: [1, 1]) }
    #expect(
      throws: ExplanationError.shapeMismatch(
        operand: "mask", expected: [2, 2], actual: [3])
    ) {
      try SegmentationScores(
        map: Tensor(repeating: 1, shape: [2, 2]), mask: [true, false, true], size: [2, 2])
    }
    let square = Tensor([1, 2, 3, 4], shape: [2, 2])
    #expect(
      throws: ExplanationError.shapeMismatch(operand: "mask", expected: [-1, -1], actual: [1])
    ) { try SegmentationScores(map: square, mask: [true], size: [-1, -1]) }
  }

  @Test func `quantiles outside their range and maps that have none are refused`() {
    let mask = [true, false, false, true]
    let map = Tensor([1, 2, 3, 4], shape: [2, 2])
    for quantile in [1.5, -0.25, .nan, .infinity] {
      #expect(
        throws: ExplanationError.invalidSetting(
          name: "quantile", value: "\(quantile)", required: "from 0 to 1")
      ) { try SegmentationScores(map: map, mask: mask, size: [2, 2], quantiles: [0.5, quantile]) }
    }
    let broken = Tensor([1, .nan, 3, 4], shape: [2, 2])
    let error = #expect(throws: ExplanationError.notANumber(operand: "map", sample: 0)) {
      try SegmentationScores(map: broken, mask: mask, size: [2, 2])
    }
    #expect(
      error?.description
        == "map: sample 0 has an entry that is not a number; check how it was made")
  }
}

extension FixtureCase {
  /// Expects a number to be the reference's, within the case's tolerance.
  func expectNumber(
    _ name: String, _ actual: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let expected = try #require(numbers?[name]?.double, "\(id) has no number \(name)")
    #expect(
      abs(actual - expected) <= 1e-9, "\(id)/\(name): \(actual), not \(expected)",
      sourceLocation: sourceLocation)
  }
}
