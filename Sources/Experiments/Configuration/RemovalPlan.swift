import Explanations

/// How pixels are removed in the first experiment.
///
/// Pixels of equal importance go in row order; of n pixels the first ⌊fraction · n⌋ are removed.
public struct RemovalPlan: Sendable, Codable, Equatable {
  /// Which pixels go first: the least important in the paper (`ascending`).
  public var order: PerturbationProtocol.Order
  /// The fractions removed, rising; the area is over their range, 0 to 1 in the paper.
  public var fractions: [Double]
  /// What a removed pixel becomes: a number, or null for the mean of the image's channel; 0 in the
  /// paper.
  public var fillValue: Float?

  /// A plan; the paper's unless said otherwise.
  public init(
    order: PerturbationProtocol.Order = .ascending,
    fractions: [Double] = (0...10).map { Double($0) / 10 }, fillValue: Float? = 0
  ) {
    (self.order, self.fractions, self.fillValue) = (order, fractions, fillValue)
  }

  /// Writes every setting, an absent one as null, so that a file shows them all.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(order, forKey: .order)
    try container.encode(fractions, forKey: .fractions)
    try container.encode(fillValue, forKey: .fillValue)
  }

  func check() throws(ExperimentError) {
    try require(
      fractions.count >= 2 && fractions.allSatisfy { $0 >= 0 && $0 <= 1 }
        && zip(fractions, fractions.dropFirst()).allSatisfy { $0 < $1 },
      "removal.fractions", "\(fractions)", "two or more rising numbers from 0 to 1")
    if let fillValue {
      try require(
        fillValue.isFinite, "removal.fillValue", fillValue, "a number, or null for the mean")
    }
  }

  /// The protocol of the metric.
  var settings: PerturbationProtocol {
    PerturbationProtocol(
      order: order, fractions: fractions,
      fill: fillValue.map { .constant($0) } ?? .channelMean)
  }
}
