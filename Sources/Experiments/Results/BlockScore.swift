/// What a method reaches at one block with one seed.
public struct BlockScore: Sendable, Codable, Equatable {
  /// The numbers, by ``Metric``.
  public var metrics: [Metric: Double]
  /// Balanced accuracies by the fraction removed; nil in the second experiment.
  public var curve: Curve?

  /// The given numbers.
  public init(metrics: [Metric: Double], curve: Curve? = nil) {
    (self.metrics, self.curve) = (metrics, curve)
  }

  /// A perturbation curve.
  public struct Curve: Sendable, Codable, Equatable {
    /// The fractions of pixels removed, from 0 to 1.
    public var fractions: [Double]
    /// The balanced accuracy at each.
    public var accuracies: [Double]

    /// The given points.
    public init(fractions: [Double], accuracies: [Double]) {
      precondition(fractions.count == accuracies.count, "Curve: one accuracy for each fraction")
      (self.fractions, self.accuracies) = (fractions, accuracies)
    }
  }
}
