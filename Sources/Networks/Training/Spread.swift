/// A number that was measured with several seeds.
public struct Spread: Sendable, Equatable, Codable {
  /// The mean.
  public let mean: Double
  /// The standard deviation, with n − 1 in the denominator; 0 of a single value.
  public let standardDeviation: Double
  /// The number n of values.
  public let count: Int

  /// Mean and standard deviation.
  ///
  /// - Parameter values: One value for each seed, at least one.
  public init(_ values: [Double]) {
    precondition(!values.isEmpty, "Spread: of nothing")
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.mean = mean
    standardDeviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0
    count = values.count
  }
}
