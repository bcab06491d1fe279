import ConvexKit

/// A run of equal cones in `cases.json`.
struct ConeBlockEntry: Decodable {
  let type: String
  let dim: Int
  let count: Int
  let alpha: Double?

  var cones: [Cone] {
    let cone: Cone =
      switch type {
      case "zero": .zero(dim)
      case "nonneg": .nonnegative(dim)
      case "soc": .secondOrder(dim)
      case "exp": .exponential
      default: .power(alpha: alpha ?? .nan)
      }
    return Array(repeating: cone, count: count)
  }
}
