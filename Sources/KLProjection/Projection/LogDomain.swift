import RealModule

/// Sums and divergences of distributions given by their logarithms.
package enum LogDomain {
  /// log Σ_i exp x_i; −∞ for no terms or terms of −∞ alone.
  package static func logSumExp(_ values: UnsafeBufferPointer<Double>) -> Double {
    var largest = -Double.infinity
    for value in values { largest = max(largest, value) }
    guard largest > -.infinity else { return -.infinity }
    var sum = 0.0
    for value in values { sum += .exp(value - largest) }
    return largest + .log(sum)
  }

  /// log Σ_i exp x_i.
  static func logSumExp(_ values: [Double]) -> Double {
    values.withUnsafeBufferPointer { logSumExp($0) }
  }

  /// Subtracts log Σ exp x, so that the exponentials sum to 1, and returns it.
  @discardableResult
  package static func normalize(_ values: UnsafeMutableBufferPointer<Double>) -> Double {
    let constant = logSumExp(UnsafeBufferPointer(values))
    guard constant > -.infinity else { return constant }
    for index in values.indices { values[index] -= constant }
    return constant
  }

  /// p log(p/q) − p + q for p = e^`logP`, q = e^`logQ`.
  ///
  /// The terms sum to KL(p‖q) when p and q sum to 1; p > 0 = q gives +∞. None is negative, and
  /// where p is near q each is accurate relative to itself: an optimum of 1e-12 keeps its digits,
  /// which the plain p log(p/q) loses in cancellation.
  package static func divergenceTerm(logP: Double, logQ: Double) -> Double {
    let q = Double.exp(logQ)
    guard logP > -.infinity else { return q }
    guard logQ > -.infinity else { return .infinity }
    let x = logP - logQ
    if abs(x) < 0.1 { return q * nearOne(x) }
    let p = Double.exp(logP)
    return p * x - (p - q)
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
