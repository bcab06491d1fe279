import Foundation
import Networks

// Functions of single elements, (2): dx = dy Δy/Δx, and φ′ where Δx vanishes.
extension RescaleRules {
  /// relu: 1 where both arguments are positive, 0 where neither is, the slope of the chord elsewhere.
  static func relu(_ x: Tensor, _ x0: Tensor, _ dy: Tensor) -> [Tensor?] {
    [
      .mapping([x, x0, dy]) { count, operands, dx in
        let (x, x0, dy) = (operands[0], operands[1], operands[2])
        for i in 0..<count {
          let difference = x[i] - x0[i]
          let slope = (max(x[i], 0) - max(x0[i], 0)) / difference
          dx[i] = difference == 0 ? (x[i] > 0 ? dy[i] : 0) : slope * dy[i]
        }
      }
    ]
  }

  /// gelu, the derivative at the middle for arguments so close that the quotient of differences
  /// would lose more digits than the middle is off.
  static func gelu(_ x: Tensor, _ x0: Tensor, _ dy: Tensor) -> [Tensor?] {
    [
      .mapping([x, x0, dy]) { count, operands, dx in
        for i in 0..<count {
          let (x, x0) = (Double(operands[0][i]), Double(operands[1][i]))
          let slope =
            abs(x - x0) > 1e-5 ? (gelu(x) - gelu(x0)) / (x - x0) : geluSlope((x + x0) / 2)
          dx[i] = Float(slope) * operands[2][i]
        }
      }
    ]
  }

  /// exp: the slope of the chord is the logarithmic mean of the values.
  static func exp(_ y: Tensor, _ y0: Tensor, _ dy: Tensor) -> [Tensor?] {
    [logarithmicMean(y, y0) * dy]
  }

  /// log: one over the logarithmic mean of the arguments.
  static func log(_ x: Tensor, _ x0: Tensor, _ dy: Tensor) -> [Tensor?] {
    [dy / logarithmicMean(x, x0)]
  }

  /// L(a, b) = (a − b)/(ln a − ln b), a where they are equal; elements are not negative.
  static func logarithmicMean(_ a: Tensor, _ b: Tensor) -> Tensor {
    .mapping([a, b]) { count, operands, mean in
      for i in 0..<count {
        mean[i] = Float(logarithmicMean(Double(operands[0][i]), Double(operands[1][i])))
      }
    }
  }

  /// L(a, b) = (a + b)/2 · r/artanh r with r = (a − b)/(a + b).
  static func logarithmicMean(_ a: Double, _ b: Double) -> Double {
    if a <= 0 || b <= 0 { return 0 }
    let r = (a - b) / (a + b)
    // artanh r / r = 1 + r²/3 + r⁴/5 + …, to the last place below this bound.
    let square = r * r
    let quotient = abs(r) < 1e-3 ? 1 + square * (1.0 / 3 + square / 5) : atanh(r) / r
    return (a + b) / 2 / quotient
  }

  private static func gelu(_ x: Double) -> Double { x * normal(x) }

  private static func geluSlope(_ x: Double) -> Double {
    normal(x) + x * Foundation.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
  }

  /// Φ, the standard normal distribution.
  private static func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
}
