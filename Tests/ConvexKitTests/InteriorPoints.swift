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
    case .power(let alpha): PowerBarrier(alpha: Lanes(repeating: alpha), count: 1)
    default: nil
    }
  }
}

/// A barrier's functions at one point, from the first of four cones that are all alike.
extension DualBarrier {
  var centerPoint: Triple { center[lane: 0] }

  func contains(_ s: Triple) -> Bool { contains(LaneVector(repeating: s))[0] }

  func contains(dual z: Triple) -> Bool { contains(dual: LaneVector(repeating: z))[0] }

  /// f*(z), by (9).
  func value(_ z: Triple) -> Double {
    let k = weights[lane: 0]
    var value = -log(psi(LaneVector(repeating: z)).value[0])
    for i in 0..<3 where k[i] != 0 { value -= k[i] * log(abs(z[i])) }
    return value
  }

  /// ∇f*(z).
  func gradient(_ z: Triple) -> Triple {
    let z = LaneVector(repeating: z)
    return gradient(z, psi(z))[lane: 0]
  }

  /// ∇²f*(z) in its two parts.
  func curvature(_ z: Triple) -> Curvature {
    let z = LaneVector(repeating: z)
    let curvature = curvature(z, psi(z))
    return Curvature(
      ray: curvature.ray[lane: 0], weight: curvature.weight[0],
      rest: curvature.rest[lane: 0])
  }

  /// ∇²f*(z).
  func hessian(_ z: Triple) -> Symmetric3<Double> {
    let curvature = curvature(z)
    return Symmetric3(outer: curvature.ray, scale: curvature.weight) + curvature.rest
  }

  /// ∇²f*(z)⁻¹ v.
  func solveHessian(_ v: Triple, _ z: Triple) -> Triple {
    let z = LaneVector(repeating: z)
    return solveHessian(LaneVector(repeating: v), z, psi(z))[lane: 0]
  }

  /// ∇³f*(z)[a, b].
  func thirdDerivative(_ z: Triple, _ a: Triple, _ b: Triple) -> Triple {
    let z = LaneVector(repeating: z)
    return thirdDerivative(z, psi(z), LaneVector(repeating: a), LaneVector(repeating: b))[lane: 0]
  }

  /// −∇f(s), if s is inside.
  func dualPoint(_ s: Triple) -> Triple? {
    let (point, isThere) = dualPoint(LaneVector(repeating: s))
    return isThere[0] ? point[lane: 0] : nil
  }

  /// f(s) + f*(z) + 3.
  func proximity(_ s: Triple, _ z: Triple) -> Double {
    proximity(LaneVector(repeating: s), LaneVector(repeating: z))[0]
  }
}

/// ``BarrierCurvature`` of one cone.
struct Curvature {
  let ray: Triple
  let weight: Double
  let rest: Symmetric3<Double>

  /// ∇²f* v.
  func times(_ v: Triple) -> Triple { (weight * ray.dot(v)) * ray + rest * v }
}

extension UnsafeMutablePointer<Double> {
  /// The three numbers from `row` on.
  func triple(at row: Int) -> Triple { Triple(self[row], self[row + 1], self[row + 2]) }
}
