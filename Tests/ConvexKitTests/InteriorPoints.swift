import Foundation

@testable import ConvexKit

/// Random points inside cones and their duals, none of them near the boundary.
enum InteriorPoints {
  /// A point inside a cone, or inside its dual.
  static func random(
    _ cone: Cone, isDual: Bool, _ random: inout SeededGenerator
  ) -> [Double] {
    func positive() -> Double { exp(random.uniform(in: -1..<1)) }
    switch cone {
    case .zero(let d): return (0..<d).map { _ in isDual ? random.normal() : 0 }
    case .nonnegative(let d): return (0..<d).map { _ in positive() }
    case .secondOrder(let d):
      let tail = (1..<d).map { _ in random.normal() }
      return [Vector(tail).euclideanNorm + positive()] + tail
    case .exponential:
      let (a, b, depth) = (positive(), positive(), positive())
      return isDual ? [-a, -a + a * log(a / b) + depth, b] : [a * log(b / a) - depth, a, b]
    case .power(let alpha):
      let (a, b, share) = (positive(), positive(), random.uniform(in: -0.8..<0.8))
      let (x, y) = isDual ? (a / alpha, b / (1 - alpha)) : (a, b)
      return [a, b, share * pow(x, alpha) * pow(y, 1 - alpha)]
    }
  }

  /// The barrier of a cone that has no Nesterov-Todd scaling.
  static func barrier(_ cone: Cone) -> (any DualBarrier)? {
    switch cone {
    case .exponential: ExponentialBarrier()
    case .power(let alpha): PowerBarrier(alpha: alpha)
    default: nil
    }
  }
}

extension DualBarrier {
  /// ∇f*(z).
  func gradient(_ z: Triple) -> Triple { gradient(z, psi(z)) }

  /// ∇²f*(z).
  func hessian(_ z: Triple) -> Symmetric3 {
    let curvature = curvature(z, psi(z))
    return Symmetric3(outer: curvature.ray, scale: curvature.weight) + curvature.rest
  }

  /// ∇³f*(z)[a, b].
  func thirdDerivative(_ z: Triple, _ a: Triple, _ b: Triple) -> Triple {
    thirdDerivative(z, psi(z), a, b)
  }
}

extension BarrierCurvature {
  /// ∇²f* v.
  func times(_ v: Triple) -> Triple { (weight * ray.dot(v)) * ray + rest * v }
}
