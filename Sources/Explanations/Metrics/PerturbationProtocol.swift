/// How pixels are removed from images to see what a map is worth. The defaults are the paper's.
public struct PerturbationProtocol: Sendable, Equatable {
  /// Which pixels go first.
  public enum Order: String, Sendable, Codable {
    /// The least important: a good map keeps the accuracy up.
    case ascending
    /// The most important: a good map brings the accuracy down.
    case descending
  }

  /// What a removed pixel becomes.
  public enum Fill: Sendable, Equatable {
    /// A number, in all channels.
    case constant(Float)
    /// The mean of the image's channel.
    case channelMean
  }

  /// Which pixels go first; equal values go in row order either way.
  public var order: Order
  /// The fractions removed, ascending; of n pixels the first ⌊fraction · n⌋ go.
  public var fractions: [Double]
  /// What a removed pixel becomes.
  public var fill: Fill

  /// A protocol; the paper's unless said otherwise.
  ///
  /// - Parameters:
  ///   - order: Which pixels go first.
  ///   - fractions: The fractions removed: 0, 0.1, …, 1 unless given, both ends included.
  ///   - fill: What a removed pixel becomes: 0.
  public init(
    order: Order = .ascending, fractions: [Double] = (0...10).map { Double($0) / 10 },
    fill: Fill = .constant(0)
  ) {
    precondition(
      !fractions.isEmpty && fractions.allSatisfy { (0...1).contains($0) }
        && zip(fractions, fractions.dropFirst()).allSatisfy { $0 < $1 },
      "PerturbationProtocol: \(fractions) are not ascending fractions")
    (self.order, self.fractions, self.fill) = (order, fractions, fill)
  }

  /// The pixels in the order in which they go.
  func ranking(_ map: [Float]) -> [Int] {
    // Sorting is stable: equal values stay in row order.
    switch order {
    case .ascending: map.indices.sorted { map[$0] < map[$1] }
    case .descending: map.indices.sorted { map[$0] > map[$1] }
    }
  }

  /// How many of n pixels are removed at a fraction.
  func removed(_ fraction: Double, of count: Int) -> Int {
    // 0.7 · 10 is 7, not the 6.999… that a fraction's rounding may make of it.
    min(count, Int(fraction * Double(count) + 1e-9))
  }
}
