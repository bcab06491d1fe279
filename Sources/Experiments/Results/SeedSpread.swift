import Foundation
import Networks

/// Mean and standard deviation of a number over the seeds.
public struct SeedSpread: Sendable, Equatable, Codable {
  /// The mean.
  public let mean: Double
  /// The standard deviation with n − 1 in the denominator; nil of a single value.
  public let deviation: Double?

  /// Of one value for each seed; nil of none.
  public init?(_ values: [Double]) {
    guard !values.isEmpty else { return nil }
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    deviation = values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil
  }

  /// "0.612 ± 0.034".
  public func text(decimals: Int = 3) -> String {
    let mean = String(format: "%.\(decimals)f", mean)
    return deviation.map { "\(mean) ± " + String(format: "%.\(decimals)f", $0) } ?? mean
  }
}
