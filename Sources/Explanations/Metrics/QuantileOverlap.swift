/// The overlap of the hottest cells of a map with a mask.
///
/// The map is resized to the mask by the nearest cell; hot are the cells strictly above a quantile of
/// its values, interpolated linearly in Double: in Float the threshold may round onto a value.
public struct QuantileOverlap: Sendable, Equatable {
  /// The quantile, in [0, 1].
  public let quantile: Double
  /// The value that hot cells exceed.
  public let threshold: Double
  /// Which cells are hot, in row order.
  public let hot: [Bool]
  /// The number of hot cells in the mask.
  public let intersection: Int
  /// The number of cells that are hot or in the mask.
  public let union: Int

  /// The overlap of a map that has the mask's cells already.
  ///
  /// - Parameters:
  ///   - map: The values, in row order.
  ///   - mask: Which cells are in the mask.
  ///   - quantile: The quantile, in [0, 1].
  public init(map: [Float], mask: [Bool], quantile: Double) {
    precondition(
      map.count == mask.count && !map.isEmpty && (0...1).contains(quantile),
      "QuantileOverlap: \(map.count) values, a mask of \(mask.count) cells, quantile \(quantile)")
    self.init(map: map, sorted: map.sorted(), mask: mask, quantile: quantile)
  }

  init(map: [Float], sorted: [Float], mask: [Bool], quantile: Double) {
    let position = quantile * Double(sorted.count - 1)
    let below = Int(position)
    let (a, b) = (Double(sorted[below]), Double(sorted[min(below + 1, sorted.count - 1)]))
    let threshold = a + (position - Double(below)) * (b - a)
    self.quantile = quantile
    self.threshold = threshold
    hot = map.map { Double($0) > threshold }
    intersection = zip(hot, mask).count { $0 && $1 }
    union = zip(hot, mask).count { $0 || $1 }
  }

  /// The number of hot cells.
  public var selected: Int { hot.count { $0 } }

  /// Intersection over union; nil where nothing is hot and the mask is empty.
  public var iou: Double? { union == 0 ? nil : Double(intersection) / Double(union) }
}
