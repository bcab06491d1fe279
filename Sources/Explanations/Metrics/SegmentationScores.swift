import Networks

/// How well a map finds a lesion: average precision, and the overlap at several quantiles.
public struct SegmentationScores: Sendable, Equatable {
  /// Average precision over the cells of the mask.
  public let averagePrecision: Double
  /// The overlap at each quantile, in the order asked for.
  public let overlaps: [QuantileOverlap]

  /// The scores of one map.
  ///
  /// - Parameters:
  ///   - map: `[h, w]`, or with axes of extent 1 before; resized to the mask by the nearest cell.
  ///   - mask: Which cells of the image are in the lesion, in row order.
  ///   - size: The rows and columns of the mask.
  ///   - quantiles: The quantiles, each in [0, 1]; the paper's unless given.
  /// - Throws: ``ExplanationError/shapeMismatch(operand:expected:actual:)``,
  ///   ``ExplanationError/invalidSetting(name:value:required:)`` for a quantile outside [0, 1], and
  ///   ``ExplanationError/notANumber(operand:sample:)`` for a map that has no quantiles.
  public init(
    map: Tensor, mask: [Bool], size: [Int], quantiles: [Double] = [0.975, 0.95, 0.9]
  ) throws(ExplanationError) {
    guard map.rank >= 2, map.shape.dropLast(2).allSatisfy({ $0 == 1 }) else {
      throw .shapeMismatch(operand: "map", expected: [1, 1, -1, -1], actual: map.shape)
    }
    guard size.count == 2, size.allSatisfy({ $0 > 0 }), mask.count == size[0] * size[1] else {
      throw .shapeMismatch(operand: "mask", expected: size, actual: [mask.count])
    }
    if let quantile = quantiles.first(where: { !(0...1).contains($0) }) {
      throw .invalidSetting(name: "quantile", value: "\(quantile)", required: "from 0 to 1")
    }
    let values = Self.resized(map, to: size)
    if values.contains(where: \.isNaN) { throw .notANumber(operand: "map", sample: 0) }
    averagePrecision = Explanations.averagePrecision(values, mask)
    let sorted = values.sorted()
    overlaps = quantiles.map {
      QuantileOverlap(map: values, sorted: sorted, mask: mask, quantile: $0)
    }
  }

  /// The values of a map in the cells of an image of a size, by the nearest cell.
  static func resized(_ map: Tensor, to size: [Int]) -> [Float] {
    withoutRecording {
      let images = map.detached().reshaped([1, 1] + map.shape.suffix(2))
      return images.resized(to: size, mode: .nearest).elements
    }
  }
}
