import Networks

/// How far attributions are from adding up to what their method promises.
///
/// ```
/// gap = total + absorbed − promised          per sample, in units of the score
/// ```
public struct Completeness: Sendable, Equatable {
  /// What the attribution should account for: the score, or its difference from the baseline's.
  public let promised: [Double]
  /// The sum of the attribution; where it holds multipliers, of their products with the inputs'
  /// differences from the baseline.
  public let total: [Double]
  /// What never reaches the pixels because biases and ε take it (LRP); 0 for other methods.
  public let absorbed: [Double]

  /// The given sums, one of each per sample.
  ///
  /// - Parameters:
  ///   - promised: What the attribution should account for.
  ///   - total: The sum of the attribution.
  ///   - absorbed: What biases and ε take; nil means nothing.
  public init(promised: [Double], total: [Double], absorbed: [Double]? = nil) {
    self.promised = promised
    self.total = total
    self.absorbed = absorbed ?? Array(repeating: 0, count: promised.count)
  }

  /// What is missing or too much, per sample: 0 up to rounding for DeepLIFT and LRP, up to the error
  /// of the quadrature for integrated gradients.
  public var gaps: [Double] {
    promised.indices.map { total[$0] + absorbed[$0] - promised[$0] }
  }

  /// The largest |gap|.
  public var largestGap: Double { gaps.reduce(0) { max($0, abs($1)) } }
}

extension Tensor {
  /// The sum of each sample's elements, `[N, …]` → N numbers.
  func sampleSums() -> [Double] {
    guard let samples = shape.first else { return [Double(item)] }
    return withElements { elements in
      let width = elements.count / samples
      return (0..<samples).map { n in
        elements[n * width..<(n + 1) * width].reduce(0) { $0 + Double($1) }
      }
    }
  }
}
