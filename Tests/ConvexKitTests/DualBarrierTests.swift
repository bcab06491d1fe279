import Foundation
import TestSupport
import Testing

@testable import ConvexKit

/// The barriers of the exponential and the power cone against differences and identities.
@Suite struct DualBarrierTests {
  /// A cone whose barrier is tested, and points inside its dual.
  enum Kind: Sendable, CustomTestStringConvertible {
    case exponential
    case power(Double)

    static let all: [Kind] =
      [.exponential] + [0.03, 0.25, 0.5, 2.0 / 3, 0.9, 0.97].map { .power($0) }

    var barrier: any DualBarrier {
      switch self {
      case .exponential: ExponentialBarrier()
      case .power(let alpha): PowerBarrier(alpha: alpha)
      }
    }

    var testDescription: String {
      switch self {
      case .exponential: "exponential"
      case .power(let alpha): "power \(alpha)"
      }
    }

    /// A point of K*, moderate, and `depth` of the way from the boundary inwards.
    func dual(depth: Double, _ random: inout SeededGenerator) -> Triple {
      let (a, b) = (exp(random.uniform(in: -1..<1)), exp(random.uniform(in: -1..<1)))
      switch self {
      case .exponential: return Triple(-a, -a + a * log(a / b) + depth, b)
      case .power(let alpha):
        let reach = pow(a / alpha, alpha) * pow(b / (1 - alpha), 1 - alpha)
        return Triple(a, b, (random.uniform() < 0.5 ? -1 : 1) * reach * (1 - depth))
      }
    }

    /// A point of K, likewise.
    func primal(depth: Double, _ random: inout SeededGenerator) -> Triple {
      let (a, b) = (exp(random.uniform(in: -1..<1)), exp(random.uniform(in: -1..<1)))
      switch self {
      case .exponential: return Triple(a * log(b / a) - depth, a, b)
      case .power(let alpha):
        let reach = pow(a, alpha) * pow(b, 1 - alpha)
        return Triple(a, b, (random.uniform() < 0.5 ? -1 : 1) * reach * (1 - depth))
      }
    }
  }

  private let points = 20
  private let step = 1e-5

  private func random(_ kind: Kind) -> SeededGenerator {
    SeededGenerator(seed: 41, name: kind.testDescription)
  }

  private func direction(_ random: inout SeededGenerator) -> Triple {
    Triple(random.normal(), random.normal(), random.normal())
  }

  private func largest(_ v: Triple) -> Double { max(abs(v[0]), abs(v[1]), abs(v[2])) }

  @Test(arguments: Kind.all)
  func `derivatives of the barrier are its central differences`(_ kind: Kind) {
    let barrier = kind.barrier
    var random = random(kind)
    for _ in 0..<points {
      let z = kind.dual(depth: random.uniform(in: 0.2..<0.9), &random)
      let (a, b) = (direction(&random), direction(&random))
      // The step is a small part of the way to the boundary, in the barrier's own metric.
      let h = step / barrier.hessian(z).quadratic(b).squareRoot()
      let slope = (barrier.value(z + h * b) - barrier.value(z - h * b)) / (2 * h)
      let gradient = barrier.gradient(z)
      #expect(abs(slope - gradient.dot(b)) <= 1e-8 * (1 + largest(gradient) * largest(b)))
      let curve = (1 / (2 * h)) * (barrier.gradient(z + h * b) - barrier.gradient(z - h * b))
      let exact = barrier.hessian(z) * b
      #expect(largest(curve - exact) <= 1e-8 * (1 + largest(exact)))
      let (above, below) = (barrier.hessian(z + h * b) * a, barrier.hessian(z - h * b) * a)
      let twist = (1 / (2 * h)) * (above - below)
      let third = barrier.thirdDerivative(z, a, b)
      #expect(largest(twist - third) <= 1e-8 * (1 + largest(third)))
      #expect(largest(third - barrier.thirdDerivative(z, b, a)) <= 1e-12 * (1 + largest(third)))
    }
  }

  @Test(arguments: Kind.all, [0.5, 1e-2, 1e-4, 1e-6, 1e-8])
  func `the Hessian's parts are semidefinite and its inverse is exact`(
    _ kind: Kind, _ depth: Double
  ) {
    let barrier = kind.barrier
    var random = random(kind)
    for _ in 0..<points {
      let z = kind.dual(depth: depth, &random)
      let psi = barrier.psi(z)
      let curvature = barrier.curvature(z, psi)
      #expect(curvature.weight > 0)
      let a = direction(&random)
      let rest = curvature.rest
      #expect(rest.quadratic(a) >= -1e-15 * (rest.xx + rest.yy + rest.zz) * a.dot(a))
      // The error of b in the metric of ∇²f* itself, where a rounding of z is ε over the depth.
      let b = direction(&random)
      let found = barrier.solveHessian(curvature.times(b), z, psi)
      let error = (found - b, curvature.times(found - b))
      #expect(
        error.0.dot(error.1).squareRoot() <= 1e-13 / depth * b.dot(curvature.times(b)).squareRoot())
      // The smallest eigenvalue of the inverse, of the order of the depth's square, is along ∇ψ.
      let steepest = curvature.ray
      let inverse = barrier.solveHessian(steepest, z, psi)
      #expect(steepest.dot(inverse) > 0)
      #expect(largest(curvature.times(inverse) - steepest) <= 1e-13 / depth * largest(steepest))
    }
  }

  @Test(arguments: Kind.all)
  func `the barrier is logarithmically homogeneous of degree 3`(_ kind: Kind) {
    let barrier = kind.barrier
    var random = random(kind)
    for _ in 0..<points {
      let z = kind.dual(depth: random.uniform(in: 0.2..<0.9), &random)
      let gradient = barrier.gradient(z)
      #expect(abs(gradient.dot(z) + 3) <= 1e-12)
      #expect(largest(barrier.hessian(z) * z + gradient) <= 1e-12 * largest(gradient))
      let a = direction(&random)
      let twice = 2 * (barrier.hessian(z) * a)
      #expect(largest(barrier.thirdDerivative(z, z, a) + twice) <= 1e-11 * largest(twice))
      #expect(abs(barrier.value(2 * z) - barrier.value(z) + 3 * log(2)) <= 1e-12)
    }
  }

  @Test(arguments: Kind.all, [1.0, 1e-2, 1e-4, 1e-6, 1e-8])
  func `the dual point is the inverse of minus the gradient at every scale`(
    _ kind: Kind, _ depth: Double
  ) throws {
    let barrier = kind.barrier
    var random = random(kind)
    for exponent in stride(from: -8, through: 8, by: 2) {
      let scale = pow(10, Double(exponent))
      for _ in 0..<points {
        let s = scale * kind.primal(depth: depth * random.uniform(in: 0.3..<0.9), &random)
        #expect(barrier.contains(s))
        let (z, value) = try #require(barrier.dualPoint(s))
        #expect(barrier.contains(dual: z))
        #expect(abs(s.dot(z) - 3) <= 1e-14 * (1 + largest(s) * largest(z)))
        // f* of the dual point is known without ψ(z), which loses the digits of the depth.
        #expect(abs(value - barrier.value(z)) <= 1e-12 / depth)
        // ψ(z) loses the digits of the depth, and logarithms those of the scale.
        #expect(largest(barrier.gradient(z) + s) <= 2e-13 / depth * largest(s))
      }
    }
  }

  @Test(arguments: Kind.all)
  func `outside of the cone there is no dual point`(_ kind: Kind) {
    let barrier = kind.barrier
    var random = random(kind)
    for _ in 0..<points {
      #expect(!barrier.contains(kind.primal(depth: -random.uniform(in: 0.01..<1), &random)))
      #expect(!barrier.contains(dual: kind.dual(depth: -random.uniform(in: 0.01..<1), &random)))
    }
    if case .exponential = kind {
      #expect(barrier.dualPoint(Triple(1, 1, 1)) == nil)
    }
  }

  @Test(arguments: Kind.all)
  func `the center is the fixed point of minus the gradient`(_ kind: Kind) throws {
    let barrier = kind.barrier
    let center = barrier.center
    #expect(barrier.contains(center) && barrier.contains(dual: center))
    #expect(largest(barrier.gradient(center) + center) <= 1e-15)
    #expect(abs(center.dot(center) - 3) <= 1e-15)
    let dual = try #require(barrier.dualPoint(center))
    #expect(largest(dual.point - center) <= 1e-15)
  }
}
