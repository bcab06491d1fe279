import Foundation
import Networks

extension Spread {
  /// Mean and deviation of one value for each seed; nil of none.
  static func ofAny(_ values: [Double]) -> Spread? { values.isEmpty ? nil : Spread(values) }

  /// "0.612 ± 0.034"; a single value has no deviation.
  ///
  /// - Parameter number: How a number is written.
  /// - Returns: The text.
  func text(_ number: (Double) -> String = { String(format: "%.3f", $0) }) -> String {
    count > 1 ? "\(number(mean)) ± \(number(standardDeviation))" : number(mean)
  }
}
