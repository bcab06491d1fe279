import RealModule

/// Sums and divergences of distributions given by their logarithms.
package enum LogDomain {
  /// log Σ_i exp x_i; −∞ for no terms or terms of −∞ alone.
  package static func logSumExp(_ values: UnsafeBufferPointer<Double>) -> Double {
    let (largest, rest) = logSumExpInParts(values)
    return largest + rest
  }

  /// max x and log Σ_i exp(x_i − max x), −∞ for no terms or terms of −∞ alone: their sum is log Σ exp x,
  /// but has lost the digits of the second where x has a large constant in it.
  private static func logSumExpInParts(
    _ values: UnsafeBufferPointer<Double>
  ) -> (largest: Double, rest: Double) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: values.count) { terms in
      _ = terms.initialize(fromContentsOf: values)
      let (largest, sum) = exponentiate(terms)
      return (largest, .log(sum))
    }
  }

  /// Replaces x by exp(x − max x); returns max x and the sum, 0 for terms of −∞ alone.
  static func exponentiate(
    _ values: UnsafeMutableBufferPointer<Double>
  ) -> (largest: Double, sum: Double) {
    var largest = -Double.infinity
    for value in values { largest = max(largest, value) }
    guard largest > -.infinity else {
      values.update(repeating: 0)
      return (largest, 0)
    }
    for index in values.indices { values[index] -= largest }
    ProjectionKernels.exponentiate(values)
    var sum = 0.0
    for value in values { sum += value }
    return (largest, sum)
  }

  /// log Σ_i exp x_i.
  static func logSumExp(_ values: [Double]) -> Double {
    values.withUnsafeBufferPointer { logSumExp($0) }
  }

  /// Subtracts log Σ exp x, so that the exponentials sum to 1, and returns it.
  @discardableResult
  package static func normalize(_ values: UnsafeMutableBufferPointer<Double>) -> Double {
    let (largest, rest) = logSumExpInParts(UnsafeBufferPointer(values))
    guard largest > -.infinity else { return largest }
    for index in values.indices { values[index] = (values[index] - largest) - rest }
    return largest + rest
  }

  /// p log(p/q) − p + q for p = e^`logP`, q = e^`logQ`.
  package static func divergenceTerm(logP: Double, logQ: Double) -> Double {
    guard logP > -.infinity else { return .exp(logQ) }
    guard logQ > -.infinity else { return .infinity }
    return divergenceTerm(p: .exp(logP), q: .exp(logQ), x: logP - logQ)
  }

  /// p log(p/q) − p + q, x = log(p/q).
  ///
  /// The terms sum to KL(p‖q) when p and q sum to 1; p > 0 = q gives +∞. None is negative, and
  /// where p is near q each is accurate relative to itself: an optimum of 1e-12 keeps its digits,
  /// which the plain p log(p/q) loses in cancellation.
  static func divergenceTerm(p: Double, q: Double, x: Double) -> Double {
    abs(x) < 0.1 ? q * nearOne(x) : p * x - (p - q)
  }

  /// Σ_i of the terms: KL(p‖q) of two distributions given by their logarithms.
  static func divergence(_ logP: [Double], _ logQ: [Double]) -> Double {
    zip(logP, logQ).reduce(0) { $0 + divergenceTerm(logP: $1.0, logQ: $1.1) }
  }

  /// x eˣ − eˣ + 1 = Σ_{k ≥ 2} xᵏ (k − 1)/k!, to 1e-17 relative for |x| < 0.1.
  private static func nearOne(_ x: Double) -> Double {
    var term = x * x / 2
    var sum = 0.0
    var k = 2.0
    while k < 14 {
      sum += term * (k - 1)
      k += 1
      term *= x / k
    }
    return sum
  }
}
