import Foundation
import TestSupport
import Testing

@testable import ConvexKit

/// Scalings of exponential and power cones beside the boundary, where their eigenvalues are 1/μ, 1, μ.
@Suite struct BarrierScalingTests {
  private typealias Kind = DualBarrierTests.Kind
  private static let depths = [1e-1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10]
  private let points = 10

  /// A point s beside the boundary, and z at a distance from μ z′ in the metric of ∇²f*, z′ = −∇f(s).
  private struct Pair {
    let s, z: Triple
    let mu: Double

    init(
      _ kind: Kind, _ depth: Double, distance: Double, _ random: inout SeededGenerator
    ) throws {
      let barrier = kind.barrier
      s = kind.primal(depth: depth, &random)
      mu = depth
      let shadow = try #require(barrier.dualPoint(s))
      var away = Triple(random.normal(), random.normal(), random.normal())
      // Across z′: along it would only change μ.
      away -= (away.dot(shadow) / 3) * s
      let step = barrier.solveHessian(away, shadow)
      z = mu * (shadow + (distance / away.dot(step).squareRoot()) * step)
    }
  }

  /// H of one cone.
  private struct Scaling {
    let ray: Triple
    let pivot: Double
    let rest: Symmetric3<Double>
  }

  private func scaling(_ kind: Kind, _ pair: Pair) throws -> Scaling {
    let cone: Cone =
      switch kind {
      case .exponential: .exponential
      case .power(let alpha): .power(alpha: alpha)
      }
    let block = try #require(ConeBlocks.make([cone]).first)
    let arena = Arena()
    let (s, z) = (arena.numbers(3), arena.numbers(3))
    for k in 0..<3 { (s[k], z[k]) = (pair.s[k], pair.z[k]) }
    #expect(block.updateScaling(s, z, mu: pair.mu, .primalDual))
    let found = try #require((block as? any BarrierBlock)?.state.scalings[0])
    return Scaling(ray: found.ray[lane: 0], pivot: found.pivot[0], rest: found.rest[lane: 0])
  }

  private func times(_ scaling: Scaling, _ v: Triple) -> Triple {
    (scaling.ray.dot(v) / scaling.pivot) * scaling.ray + scaling.rest * v
  }

  /// √(vᵀ H v), without the cancellation of its parts.
  private func size(_ scaling: Scaling, _ v: Triple) -> Double {
    let along = scaling.ray.dot(v)
    return (along * along / scaling.pivot + scaling.rest.quadratic(v)).squareRoot()
  }

  @Test(arguments: DualBarrierTests.Kind.all, depths)
  func `the scaling has all of its digits beside the boundary`(
    _ kind: DualBarrierTests.Kind, _ depth: Double
  ) throws {
    let barrier = kind.barrier
    var random = SeededGenerator(seed: 43, name: "\(kind) \(depth)")
    for distance in [0.5, 0.05, 1e-3, 1e-5, 0] {
      for _ in 0..<points {
        let pair = try Pair(kind, depth, distance: distance, &random)
        let scaling = try scaling(kind, pair)
        let error = times(scaling, pair.z) - pair.s
        // In the metric of the inverse, where √3 is the size of s: μ ∇²f*(z)⁻¹ is within a factor of H⁻¹.
        let measured = error.dot(barrier.solveHessian(error, pair.z)) / pair.mu
        #expect(measured <= pow(1e-13 / depth, 2) * pair.s.dot(pair.z))
        // Every eigenvalue in the metric of μ ∇²f*(z) is between those of the update, near one.
        let curvature = barrier.curvature(pair.z)
        for k in 0..<4 {
          var v = Triple(random.normal(), random.normal(), random.normal())
          if k > 0 { v = barrier.solveHessian(v, pair.z) }
          if k == 2 { v -= (v.dot(pair.s) / pair.s.dot(pair.z)) * pair.z }
          if k == 3 { v = barrier.solveHessian(curvature.ray, pair.z) }
          let along = curvature.ray.dot(v)
          let expected =
            (pair.mu * (curvature.weight * along * along + curvature.rest.quadratic(v)))
            .squareRoot()
          let ratio = size(scaling, v) / expected
          #expect(abs(ratio - 1) <= distance + 1e-13 / depth)
        }
      }
    }
  }

  @Test(arguments: DualBarrierTests.Kind.all, depths)
  func `away from the path the scaling maps one shadow to the other at every depth`(
    _ kind: DualBarrierTests.Kind, _ depth: Double
  ) throws {
    let barrier = kind.barrier
    var random = SeededGenerator(seed: 44, name: "\(kind) \(depth)")
    for _ in 0..<points {
      let pair = try Pair(kind, depth, distance: 0.5, &random)
      let shadowDual = try #require(barrier.dualPoint(pair.s))
      let shadow = -barrier.gradient(pair.z)
      let error = times(try scaling(kind, pair), shadowDual) - shadow
      let measured = error.dot(barrier.solveHessian(error, pair.z))
      #expect(measured <= pow(1e-13 / depth, 2) * 3)
    }
  }
}
