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
  static func exp(_ x: Tensor, _ x0: Tensor, _ dy: Tensor) -> [Tensor?] {
    [meanOfExponentials(x, x0) * dy]
  }

  /// log: one over the logarithmic mean of the arguments.
  static func log(_ x: Tensor, _ x0: Tensor, _ dy: Tensor) -> [Tensor?] {
    [dy / meanOfExponentials(x.log(), x0.log())]
  }

  /// L(eᵃ, eᵇ) = (eᵃ − eᵇ)/(a − b) = e^m (e^d − 1)/d with m the larger and d = −|a − b|.
  static func meanOfExponentials(_ a: Tensor, _ b: Tensor) -> Tensor {
    .mapping([a.plain(), b.plain()]) { count, operands, mean in
      for i in 0..<count {
        let (a, b) = (Double(operands[0][i]), Double(operands[1][i]))
        let difference = -abs(a - b)
        let quotient = difference == 0 ? 1 : expm1(difference) / difference
        mean[i] = Float(Foundation.exp(max(a, b)) * quotient)
      }
    }
  }

  private static func gelu(_ x: Double) -> Double { x * normal(x) }

  private static func geluSlope(_ x: Double) -> Double {
    normal(x) + x * Foundation.exp(-x * x / 2) / (2 * Double.pi).squareRoot()
  }

  /// Φ, the standard normal distribution.
  private static func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
}

extension Tensor {
  /// This tensor in row-major order: what maps 0 to another number would fill a layout's padding.
  fileprivate func plain() -> Tensor { Tensor(elements, shape: shape) }
}
