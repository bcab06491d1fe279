import Foundation

/// How the integral of a gradient along the path from the baseline to the image is computed:
///
/// ```
/// ∫₀¹ g(α) dα ≈ Σ_i w_i g(α_i),     i = 0 … n − 1
/// ```
public enum PathQuadrature: String, Sendable, CaseIterable, Codable {
  /// Nodes and weights of Gauss and Legendre: exact for polynomials of degree 2n − 1.
  case gaussLegendre
  /// α_i = i/n, w = 1/n
  case riemannLeft
  /// α_i = (i + 1)/n, w = 1/n
  case riemannRight
  /// α_i = (i + ½)/n, w = 1/n
  case riemannMiddle
  /// α_i = i/(n − 1), w = 1/(n − 1), half of it at both ends.
  case trapezoid
  /// α_i = i/(n − 1), w = 1/n, half of it at both ends: captum's scaling, whose weights sum to
  /// 1 − 1/n, so that the map is short of its promise by that share. ``trapezoid`` is not.
  case riemannTrapezoid

  /// The nodes α_i and the weights w_i.
  ///
  /// - Parameter count: n, at least 1, for the trapezoids at least 2.
  /// - Returns: Pairs of node and weight.
  public func points(_ count: Int) -> [(node: Double, weight: Double)] {
    precondition(
      count >= minimumCount, "PathQuadrature: \(count) points, at least \(minimumCount) needed")
    let n = Double(count)
    func ends(_ i: Int) -> Double { i == 0 || i == count - 1 ? 0.5 : 1 }
    return (0..<count).map { i in
      switch self {
      case .gaussLegendre: Self.gaussLegendre(i, of: count)
      case .riemannLeft: (Double(i) / n, 1 / n)
      case .riemannRight: (Double(i + 1) / n, 1 / n)
      case .riemannMiddle: ((Double(i) + 0.5) / n, 1 / n)
      case .trapezoid: (Double(i) / (n - 1), ends(i) / (n - 1))
      case .riemannTrapezoid: (Double(i) / (n - 1), ends(i) / n)
      }
    }
  }

  /// The fewest points that the rule is defined for.
  public var minimumCount: Int {
    switch self {
    case .trapezoid, .riemannTrapezoid: 2
    default: 1
    }
  }

  /// A root x of the Legendre polynomial P_n by Newton's method from Tricomi's estimate, moved from
  /// [−1, 1] to [0, 1]; its weight is 2/((1 − x²) P_n′(x)²), halved by the move.
  private static func gaussLegendre(_ i: Int, of count: Int) -> (Double, Double) {
    let n = Double(count)
    var x = -cos(Double.pi * (Double(i) + 0.75) / (n + 0.5))
    var slope = 1.0
    // Converges quadratically from this estimate: six steps reach the last place for any n.
    for _ in 0..<6 {
      var (previous, value) = (1.0, x)
      for k in stride(from: 2, through: count, by: 1) {
        let degree = Double(k)
        (previous, value) = (
          value, ((2 * degree - 1) * x * value - (degree - 1) * previous) / degree
        )
      }
      slope = n * (x * value - previous) / (x * x - 1)
      x -= value / slope
    }
    return ((x + 1) / 2, 1 / ((1 - x * x) * slope * slope))
  }
}
